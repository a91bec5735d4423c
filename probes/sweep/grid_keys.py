"""Describe the keys of a grid file: what each may be, and what it is where it is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["whole", "number", "flag", "text"]
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Key:
    """What a key of a grid file may be.

    Parameters
    ----------
    kind : {"whole", "number", "flag", "text"}
        A whole number, any number, true or false, a text.
    low, high : float
        Least and greatest number.
    open_ : bool
        Whether the ends themselves are left out.
    among : tuple of str
        All texts that it may be, where not any will do.
    default : str, int, float, bool or None
        What it is where it is left out; None where it then is not used.

    Examples
    --------
    >>> Key("whole", low=1).fault(0), Key("whole", low=1).fault(3)
    ('0, and must be a whole number of at least 1', None)
    >>> Key("text", among=("a", "b")).fault("c")
    "'c', and must be one of 'a', 'b'"
    """

    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    open_: bool = False
    among: tuple[str, ...] = ()
    default: Value = None

    def fault(self, value: object) -> str | None:
        """Say what is wrong with a value.

        Parameters
        ----------
        value : object
            From a TOML file.

        Returns
        -------
        str or None
            Words that go on after "is"; None where it is as it must be.
        """
        if self._fits(value):
            return None
        return f"{_shown(value)}, and must be {self.in_words}"

    @property
    def in_words(self) -> str:
        """What it must be."""
        if self.kind == "flag":
            return "true or false"
        if self.among:
            return f"one of {', '.join(map(repr, self.among))}"
        if self.kind == "text":
            return "a text"
        noun = "a whole number" if self.kind == "whole" else "a number"
        if math.isfinite(self.high):
            return f"{noun} {'between' if self.open_ else 'from'} {self.low:g} " + (
                f"and {self.high:g}" if self.open_ else f"to {self.high:g}"
            )
        if math.isfinite(self.low):
            return f"{noun} {'above' if self.open_ else 'of at least'} {self.low:g}"
        return noun

    def _fits(self, value: object) -> bool:
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "text":
            return isinstance(value, str) and (
                value in self.among if self.among else bool(value.strip())
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.kind == "whole" and not (isinstance(value, int) and abs(value) < 2**63):
            return False
        if not math.isfinite(value):
            return False
        return self.low < value < self.high if self.open_ else self.low <= value <= self.high


COUNT: Mapping[str, Key] = {
    "window": Key("whole", low=1, default=16),
    "weighting": Key("text", among=("linear", "flat", "harmonic"), default="linear"),
    "vocabulary": Key("whole", low=1),
    "tokenizer": Key("text", among=("latin", "unicode", "turkish", "split"), default="latin"),
    "min_count": Key("whole", low=1, default=1),
    "min_length": Key("whole", low=1, default=1),
    "oov": Key("text", among=("remove", "keep-place"), default="remove"),
    "document": Key("text", among=("line", "paragraph", "file"), default="line"),
    "field": Key("text"),
    "bad_bytes": Key("text", among=("stop", "replace", "skip"), default="stop"),
}
"""How texts are counted: options of ``repsearch count``."""

_SHARED: Mapping[str, Key] = {
    "negatives": Key("number", low=0, open_=True),
    "subsample": Key("number", low=0, open_=True),
    "d": Key("whole", low=1),
    "seed": Key("whole", low=0, default=0),
}

OF_TARGET: Mapping[str, Key] = {
    "target": Key("text", among=("mstar", "ppmi", "pmi")),
    "weights": Key("text", among=("setting31", "word2vec", "word2vec.c")),
    "zeros": Key("text", among=("exact", "smooth", "neutral")),
    "smoothing": Key("number", low=0, high=1, open_=True),
    "exponent": Key("number", low=0, high=1, default=0.5),
    **_SHARED,
}
"""Embeddings from eigenpairs: options of ``repsearch solve``."""

OF_LOSS: Mapping[str, Key] = {
    "loss": Key("text", among=("sgns", "quartic")),
    "weights": Key("text", among=("setting31", "unweighted", "word2vec", "word2vec.c")),
    "tied": Key("flag", default=False),
    "ridge": Key("number", low=0, default=0.0),
    "iterations": Key("whole", low=1, default=100),
    "tolerance": Key("number", low=0, high=1, open_=True, default=0.01),
    **_SHARED,
}
"""Embeddings at the minimum of a loss: options of ``repsearch minimise``."""

PROBES = ("analogies", "similarity", "isotropy", "concepts")
ASK: Mapping[str, Key] = {
    "relations": Key("text"),
    "method": Key(
        "text", among=("3CosAdd", "3CosMul", "PairDirection", "3CosAvg"), default="3CosAdd"
    ),
}
"""Keys of one value of what is asked; ``probes`` and ``similarity`` are lists."""


def settled(given: Mapping[str, Any]) -> tuple[dict[str, Value], str | None]:
    """Spell out the settings of embeddings, defaults too, or say why they cannot be.

    Parameters
    ----------
    given : mapping
        Keys of an ``[[embed]]`` table, each with one value.

    Returns
    -------
    settings : dict
        Every key that matters to these embeddings, and no other.
    fault : str or None
        What does not go together, naming the keys.

    Examples
    --------
    >>> settled({"target": "pmi", "d": 5, "zeros": "exact"})[1]
    "zeros is of target 'mstar' alone, and target is 'pmi'"
    >>> settled({"target": "pmi", "d": 5})[0]
    {'target': 'pmi', 'exponent': 0.5, 'd': 5, 'seed': 0}
    """
    known = OF_TARGET if "target" in given else OF_LOSS
    found = {name: given.get(name, key.default) for name, key in known.items()}
    target = given.get("target")
    if target in ("ppmi", "pmi"):
        others = [name for name in ("weights", "subsample", "zeros", "smoothing") if name in given]
        if others:
            return {}, _of_alone(others, "target 'mstar'", f"target is {target!r}")
    if target == "pmi" and "negatives" in given:
        return {}, _of_alone(["negatives"], "targets 'mstar' and 'ppmi'", "target is 'pmi'")
    if target == "mstar":
        found["weights"] = found["weights"] or "setting31"
        found["zeros"] = found["zeros"] or "exact"
        if found["zeros"] == "smooth":
            found["smoothing"] = found["smoothing"] or 0.01
        elif "smoothing" in given:
            return {}, _of_alone(["smoothing"], "zeros 'smooth'", f"zeros is {found['zeros']!r}")
    if target in ("mstar", "ppmi"):
        found["negatives"] = found["negatives"] or 1.0
    if target is None:
        found["weights"] = found["weights"] or "word2vec.c"
        found["negatives"] = found["negatives"] or 5.0
    if target in (None, "mstar"):
        sampled = {"word2vec": 1e-5, "word2vec.c": 1e-3}
        if found["weights"] in sampled:
            found["subsample"] = found["subsample"] or sampled[str(found["weights"])]
        elif "subsample" in given:
            allowed = "weights 'word2vec' and 'word2vec.c'"
            return {}, _of_alone(["subsample"], allowed, f"weights is {found['weights']!r}")
    return {name: value for name, value in found.items() if value is not None}, None


def _of_alone(names: list[str], owner: str, found: str) -> str:
    several = len(names) > 1
    return f"{' and '.join(names)} {'are' if several else 'is'} of {owner} alone, and {found}"


def _shown(value: object) -> str:
    text = "true" if value is True else "false" if value is False else repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
