"""Check that arrays are eigenpairs: finite, in order, of fitting shapes, orthonormal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.storage.layout import Field, check_arrays, refuse, words_of

_FLOATS = ("float32", "float64")
_TOLERANCE = 1e-3
"""Solvers are orthonormal to 1e-6 in float32; an altered column is off by more than this."""

LAYOUT = (
    Field("words", ("uint8",), ("bytes",)),
    Field("eigenvalues", _FLOATS, ("d",), order="decreasing"),
    Field("eigenvectors", _FLOATS, ("V", "d"), large=True),
    Field("residuals", _FLOATS, ("d",), low=0),
    Field("squared_norm", _FLOATS, (1,), low=0),
)
"""What a spectrum file holds."""

TRIPLETS = (
    LAYOUT[0],
    Field("values", _FLOATS, ("d",), low=0, order="decreasing"),
    Field("left", _FLOATS, ("V", "d"), large=True),
    Field("right", _FLOATS, ("V", "d"), large=True),
    Field("residuals", _FLOATS, ("d",), low=0),
)
"""What a file of singular vectors holds."""

REMEDY = "solve again"
"""Advice about a file that is not as it should be."""


def check_spectrum(tensors: Mapping[str, NDArray[Any]], source: object) -> tuple[str, ...]:
    """Check the arrays of a spectrum file.

    Orthonormality is checked by one product V x with a random x, for |V x| = |x|: it reads
    the eigenvectors once, a few per cent of what their checksum takes, and finds a NaN, an
    infinity, a column of another length and one that is not perpendicular to the others.

    Parameters
    ----------
    tensors : mapping of str to array
        By the names of `LAYOUT`.
    source : object
        The file, for messages.

    Returns
    -------
    tuple of str
        The words.

    Raises
    ------
    InputError
        Naming the file, the field and what is wrong with it.

    Examples
    --------
    >>> tensors = {
    ...     "words": np.frombuffer(b"sun", np.uint8),
    ...     "eigenvalues": np.array([2.0]),
    ...     "eigenvectors": np.eye(1),
    ...     "residuals": np.zeros(1),
    ...     "squared_norm": np.array([4.0]),
    ... }
    >>> check_spectrum(tensors, "a.safetensors")
    ('sun',)
    >>> check_spectrum(tensors | {"eigenvectors": 2 * np.eye(1)}, "a.safetensors")
    Traceback (most recent call last):
    repsearch.errors.InputError: a.safetensors is damaged or was altered: eigenvectors are not ...
    """
    check_arrays(LAYOUT[:1], tensors, source, REMEDY)
    words = words_of(tensors["words"], source, REMEDY)
    sizes = check_arrays(LAYOUT, tensors, source, REMEDY, {"V": len(words)})
    if not 1 <= sizes["d"] <= sizes["V"]:
        refuse(source, f"there are {sizes['d']} eigenpairs of {sizes['V']} words", REMEDY)
    values = tensors["eigenvalues"].astype(float)
    whole = float(tensors["squared_norm"][0])
    with np.errstate(over="ignore"):
        known = float((values**2).sum())
        inexact = float(tensors["residuals"].astype(float).sum() ** 2)
    # Inexact eigenvalues may come to a little more than the whole.
    if known > whole * (1 + _TOLERANCE) + inexact:
        refuse(source, f"squared_norm is {whole:g}, less than eigenvalues have ({known:g})", REMEDY)
    _check_orthonormal("eigenvectors", tensors["eigenvectors"], source)
    return words


def check_triplets(tensors: Mapping[str, NDArray[Any]], source: object) -> tuple[str, ...]:
    """Check the arrays of a file of singular vectors, as those of a spectrum.

    Parameters
    ----------
    tensors : mapping of str to array
        By the names of `TRIPLETS`.
    source : object
        The file, for messages.

    Returns
    -------
    tuple of str
        The words.

    Raises
    ------
    InputError
        Naming the file, the field and what is wrong with it.
    """
    check_arrays(TRIPLETS[:1], tensors, source, REMEDY)
    words = words_of(tensors["words"], source, REMEDY)
    sizes = check_arrays(TRIPLETS, tensors, source, REMEDY, {"V": len(words)})
    if not 1 <= sizes["d"] <= sizes["V"]:
        refuse(source, f"there are {sizes['d']} singular values of {sizes['V']} words", REMEDY)
    for name in ("left", "right"):
        _check_orthonormal(name, tensors[name], source)
    return words


def _check_orthonormal(name: str, vectors: NDArray[Any], source: object) -> None:
    """Refuse columns that are not finite, not of length 1 or not perpendicular to one another."""
    drawn = np.random.default_rng(0).standard_normal(size=(vectors.shape[1],))
    direction = drawn.astype(vectors.dtype)
    with np.errstate(all="ignore"):
        product = (vectors @ direction).astype(float)
        squares = float(product @ product)
    if not np.isfinite(squares):
        wrong = np.argwhere(~np.isfinite(vectors))
        if len(wrong):
            row, column = wrong[0]
            what = f"{name}[{row}, {column}] is {vectors[row, column]}"
            refuse(source, f"{what}, not a finite number", REMEDY)
    expected = float(direction.astype(float) @ direction.astype(float))
    if not abs(squares - expected) <= _TOLERANCE * expected:
        refuse(source, f"{name} are not orthonormal", REMEDY)
