"""Turn settings into JSON and back: small frozen dataclasses by name and fields, nothing executed.

A dataclass becomes ``{"kind": its name, field: value, ...}`` and is made again by its
constructor, which checks it anew. Numbers come back to the bit. What JSON cannot hold, a
function or a large array, is stored as a description, and must be passed again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from repsearch.counts.window import Window
from repsearch.dynamics import (
    Aligned,
    FullBatch,
    Gaussian,
    LossExpansion,
    MeanOverPairs,
    SampledPairs,
    UniformPairs,
    Vanishing,
)
from repsearch.dynamics.clock.batches import StreamedPairs
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.layout import short
from repsearch.target.weighting import Setting31, Unweighted, Word2Vec
from repsearch.target.word2vec_program import Word2VecC
from repsearch.training.compute import Compute
from repsearch.training.integrators.adam import Adam
from repsearch.training.integrators.chebyshev import Chebyshev
from repsearch.training.integrators.exponential import Exponential
from repsearch.training.integrators.gradient_descent import GradientDescent
from repsearch.training.integrators.momentum import Momentum
from repsearch.training.integrators.runge_kutta import RungeKutta
from repsearch.training.objectives.losses import CustomLoss, Quartic, Sgns
from repsearch.training.schedules import AnyOf, AtSteps, AtTimes, Every, LogSpaced
from repsearch.training.store.fitting import misfit

KINDS: tuple[type, ...] = (
    *(Setting31, Unweighted, Word2Vec, Word2VecC, Window),
    *(FullBatch, MeanOverPairs, SampledPairs, StreamedPairs, UniformPairs),
    *(Aligned, Gaussian, Vanishing),
    *(Quartic, Sgns, LossExpansion, Compute),
    *(GradientDescent, Momentum, Adam, RungeKutta, Chebyshev, Exponential),
    *(AtTimes, AtSteps, Every, LogSpaced, AnyOf),
)
"""The dataclasses that a run may hold, each of a name of its own."""
_KNOWN = {kind.__name__: kind for kind in KINDS}


def to_json(value: object) -> Any:
    """Turn settings into what `json.dumps` takes.

    Parameters
    ----------
    value : object
        Dataclasses of `KINDS`, mappings with str keys, sequences, numbers, str and None,
        within each other. `CustomLoss` and `Spectrum` become descriptions.

    Returns
    -------
    object
        Tuples have become lists; an infinity or NaN, which JSON lacks,
        ``{"kind": "float", "value": "inf"}``.

    Raises
    ------
    InputError
        Anything else.

    Examples
    --------
    >>> to_json({"batch": SampledPairs(100), "steps": (1, 2)})["batch"]["kind"]
    'SampledPairs'
    >>> from_json(to_json(RungeKutta(rtol=1e-4)))
    RungeKutta(rtol=0.0001, first_step=None)
    """
    return _to_json(value)


def from_json(stored: Any, *, again: Iterable[object] = ()) -> Any:
    """Make settings from what `to_json` gave.

    Parameters
    ----------
    stored : object
        From `json.loads`.
    again : iterable of object
        The `CustomLoss` and `Spectrum` that were stored as descriptions.

    Returns
    -------
    object
        Equal to what was stored; sequences come back as tuples.

    Raises
    ------
    InputError
        An unknown kind, fields that it does not have or does not accept, a description
        that none of `again` answers to, a `CustomLoss` in place of another loss.
    """
    try:
        return _from_json(stored, tuple(again))
    except RecursionError:
        raise InputError("the run's settings are nested too deep; train again") from None


def _to_json(value: object) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            number = float(value)
            return number if math.isfinite(number) else {"kind": "float", "value": repr(number)}
        case list() | tuple():
            return [_to_json(item) for item in value]
        case Mapping():
            if "kind" in value or not all(isinstance(key, str) for key in value):
                raise InputError(
                    f"the keys {list(value)!r} cannot be stored; pass names other than 'kind'"
                )
            return {key: _to_json(item) for key, item in value.items()}
        case CustomLoss():
            expansion = _to_json(value.expansion)
            return {"kind": "CustomLoss", "name": value.name, "expansion": expansion}
        case Spectrum():
            found = hashlib.sha256()
            for array in (value.eigenvalues, value.eigenvectors):
                found.update(np.ascontiguousarray(array, np.float64).data)
            return {"kind": "Spectrum", "target": value.target, "sha256": found.hexdigest()}
    name = type(value).__name__
    if _KNOWN.get(name) is not type(value):
        raise InputError(
            f"{value!r} cannot be stored in a run; pass numbers, names and sequences of them"
        )
    own = {field.name: getattr(value, field.name) for field in _own_fields(type(value))}
    return {"kind": name, **{key: _to_json(item) for key, item in own.items()}}


def _from_json(stored: Any, again: tuple[object, ...]) -> Any:
    match stored:
        case list():
            return tuple(_from_json(item, again) for item in stored)
        case {"kind": "float", "value": "inf" | "-inf" | "nan" as number}:
            return float(number)
        case {"kind": "CustomLoss" | "Spectrum"}:
            return _given_again(stored, again)
        case {"kind": name}:
            if not isinstance(name, str) or name not in _KNOWN:
                raise InputError(
                    f"the run's settings hold a {short(name)}, which is unknown; use the version "
                    "of the program that made it"
                )
            own = {key: _from_json(item, again) for key, item in stored.items() if key != "kind"}
            if own.keys() - {field.name for field in _own_fields(_KNOWN[name])}:
                raise InputError(
                    f"the run's settings hold {short(stored)}, which {name} does not accept"
                )
            wrong = misfit(_KNOWN[name], own)
            if wrong is not None:
                raise InputError(
                    f"the run's settings hold {short(own[wrong])} as {wrong} of {name}, which "
                    "does not accept that"
                )
            try:
                made = _KNOWN[name](**own)
            except (TypeError, ValueError, ArithmeticError, MemoryError) as error:
                raise InputError(
                    f"the run's settings hold {short(stored)}, which {name} does not accept: "
                    f"{error}"
                ) from error
            if isinstance(made, Quartic | Sgns) and any(isinstance(a, CustomLoss) for a in again):
                raise InputError(
                    f"the run was made with the loss {made.name!r}, but a loss of your own is "
                    "passed; leave it out"
                )
            return made
        case dict():
            return {key: _from_json(item, again) for key, item in stored.items()}
    return stored


def _given_again(stored: Any, again: tuple[object, ...]) -> object:
    for candidate in again:
        if isinstance(candidate, CustomLoss | Spectrum) and _to_json(candidate) == stored:
            return candidate
    what = (
        f"a loss of your own, {stored.get('name')!r} with the derivatives {stored.get('expansion')}"
        if stored["kind"] == "CustomLoss"
        else f"a spectrum of {stored.get('target')}"
    )
    raise InputError(f"the run was made with {what}, which it does not hold; pass the same again")


def _own_fields(kind: type) -> list[Any]:
    return [field for field in fields(kind) if field.init]
