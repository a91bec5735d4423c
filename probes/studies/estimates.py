"""Estimate beforehand how long a step takes and how much memory: roughly, from measured rates.

The rates are those of `docs/benchmarks.md` and of the files it is written from: seconds on two
cores of a server of 2026. Another machine is faster or slower by a factor of two or so, which is
why an estimate is a range. Only what is certain refuses: arrays that must be there in full.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from repsearch.counts.counts_file import must_be_mapped
from repsearch.counts.counts_size import CountsSize
from repsearch.kernels.symmetric_block import LANES, room
from repsearch.storage.memory import require_memory

if TYPE_CHECKING:
    from repsearch import Counts

Loss = Literal["quartic", "sgns"]

_CORES, _MOST_CORES = 2, 8
# From half of what the rates say to twice as much.
_LESS, _MORE = 0.5, 2.0
_PROGRAM = 0.3e9
_TORCH = 0.3e9
# benchmarks/results.json. Seconds a byte of text: 7.3 M words a second to ids, 37 M a second
# counted; a word has 6 bytes, 4 of which xz and its kind leave out.
_WORDS_A_BYTE = {"plain": 1 / 6, "compressed": 0.6}
_SECONDS_A_WORD = 1 / 7.3e6 + 1 / 37e6
# benchmarks/scale.json: bytes for each word kept; words at which a token takes twice as long to be
# counted and written, and by which power of them it takes longer, for there are more pairs.
_BYTES_A_TYPE, _SLOWER_BY, _SLOWER = 500, 30_000, 0.8
# What counting takes of the memory that it may.
_USED = 0.6
# benchmarks/results.json, by stored pair: opening counts and making M*; one column of a product.
# Lanczos takes about ten products for each eigenpair.
_OPENING, _PRODUCT, _PRODUCTS = 2e-7, 2e-10, 10
# Where rows of vectors lie beyond the caches, products take longer: by the words, up to a factor.
_NEAR, _FAR = 200_000, 4.0
# benchmarks/scale.json: bytes a word of what is known of words; columns of the search for what was
# missed; the share of mapped pairs that is in memory at a time.
_BYTES_A_WORD, _SEARCH, _MAPPED = 400, 200, 1 / 8
# LAPACK at 10,000 words in float64; by the cube of the words, and half in float32.
_DENSE = 93 / 10_000**3
# Peak memory of gradients: bytes a pair.
_BYTES_A_PAIR = 26
# benchmarks/full_batch.json, in float32: seconds a gradient of SGNS by pair of words, and what
# each dimension adds; of the quartic loss by non-zero entry and dimension, in cache and beyond.
_SGNS, _SGNS_D = 2.6e-9, 7e-12
_QUARTIC_DENSE, _QUARTIC_SPARSE, _DENSE_ENOUGH = 2.0e-11, 1.2e-10, 0.3
_DOUBLE = 1.6
# Gradients of a Runge-Kutta step, and on how many gradients a unit of flow time and of the fastest
# rate goes at a relative error of 1e-4: on the carried counts 5.3 for the quartic loss, 5.6 to 7.7
# for SGNS.
_STAGES, _GRADIENTS, _USUAL_RTOL = 6, 6.0, 1e-4


@dataclass(frozen=True)
class Estimate:
    """How long something takes and how much memory, roughly.

    Parameters
    ----------
    seconds : (float, float) or None
        From and to; None where nothing tells.
    memory : float
        Bytes at the peak, of the whole process.
    certain : int
        Bytes that are certainly needed on top of what is there already.
    scratch : float
        Bytes of scratch files, for what is not kept in memory.

    Examples
    --------
    >>> print(Estimate((20, 80), 1.5e9, 0))
    about 20 to 80 s and 1.4 GiB of memory
    >>> print(Estimate((0.1, 0.4), 3e8, 0))
    a few seconds and 0.3 GiB of memory
    """

    seconds: tuple[float, float] | None
    memory: float
    certain: int = 0
    scratch: float = 0.0

    def __str__(self) -> str:
        memory = f"{self.memory / 2**30:.1f} GiB of memory"
        if self.scratch:
            memory += f", {self.scratch / 2**30:.1f} GiB of scratch files"
        return memory if self.seconds is None else f"{_time(*self.seconds)} and {memory}"

    def check(self, what: str, remedy: str) -> None:
        """Refuse what certainly does not fit into the memory of this machine.

        Parameters
        ----------
        what : str
            What asks for it.
        remedy : str
            What to do about it.

        Raises
        ------
        InputError
            Fewer bytes are free than are certainly needed.
        """
        require_memory(self.certain, what, remedy)

    def facts(self) -> dict[str, object]:
        """Give the numbers.

        Returns
        -------
        dict
            ``seconds`` (from, to), ``memory_bytes`` and ``scratch_bytes``.
        """
        return {
            "seconds": self.seconds,
            "memory_bytes": round(self.memory),
            "scratch_bytes": round(self.scratch),
        }


def counting(
    paths: Sequence[Path],
    *,
    memory: int,
    words: int | None = None,
    threads: int | None = None,
) -> Estimate | None:
    """Estimate how long a text takes to be read and counted.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders of text.
    memory : int
        Bytes of working memory that counting may take.
    words : int, optional
        Words that are kept, where their number is known.
    threads : int, optional
        All processors by default.

    Returns
    -------
    Estimate or None
        None where the size of the text cannot be known, as of a pipe.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "text.txt"
    ...     _ = path.write_bytes(bytes(6_000_000))
    ...     print(counting([path], memory=2**30))
    a few seconds and 0.3 GiB of memory
    """
    tokens = 0.0
    for path in paths:
        found = [*path.rglob("*")] if path.is_dir() else [path]
        for file in found:
            if file.is_file():
                tokens += file.stat().st_size * _WORDS_A_BYTE[_kind(file)]
            elif not file.is_dir():
                return None
    # Half of it is for the counts, and beside them lie windows and batches; small texts have few
    # pairs, some tens of bytes for each token.
    working = min(_USED * memory, 60 * tokens)
    seconds = tokens * _SECONDS_A_WORD
    kept = min(tokens, words or 0)
    # Rare words meet rare words: more pairs, in rows that are in no cache.
    seconds *= 1 + (kept / _SLOWER_BY) ** _SLOWER
    always = _PROGRAM + _BYTES_A_TYPE * kept
    return Estimate(_range(seconds, threads), always + working, round(working / 2))


def solving(
    counts: Counts | CountsSize,
    d: int,
    *,
    dense: bool,
    dtype: Literal["float32", "float64"] = "float32",
    memory: int | None = None,
    threads: int | None = None,
) -> Estimate:
    """Estimate how long eigenpairs of M* take.

    Parameters
    ----------
    counts : Counts or CountsSize
        What M* is made of.
    d : int
        Number of eigenpairs.
    dense : bool
        Whether LAPACK finds them all, or Lanczos those asked for.
    dtype : {"float32", "float64"}
        Precision of products.
    memory : int, optional
        Bytes that pairs may take in memory, as for `Counts.open`.
    threads : int, optional
        All processors by default.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> print(solving(counts, 2, dense=True))
    a few seconds and 0.3 GiB of memory
    >>> print(solving(CountsSize(1_000_000, 200_000_000, 1), 100, dense=False, memory=0, threads=2))
    about 2 to 7 minutes and 4.4 GiB of memory, 2.2 GiB of scratch files
    """
    found = counts if isinstance(counts, CountsSize) else CountsSize.of(counts)
    size, pairs = found.words, found.pairs
    item = 4 if dtype == "float32" else 8
    held = pairs * (8 + item) * found.sides
    mapped = must_be_mapped(pairs, found.sides, memory)
    scratch = held if mapped else 0
    always = _PROGRAM + _BYTES_A_WORD * size + (_MAPPED * held if mapped else held)
    seconds = _OPENING * pairs
    if dense:
        seconds += _DENSE * size**3 * item / 8
        array = size**2 * item
        return Estimate(_range(seconds, threads), always + 3 * array, array, scratch)
    far = min(max(size / _NEAR, 1.0), _FAR)
    seconds += _PRODUCT * far * pairs * _PRODUCTS * d * item / 4
    basis = (max(3 * d, d + 128) + d) * size * item
    working = basis + (_SEARCH + 4 * LANES) * size * item + room(size, item)
    exact = (d * item + 5 * LANES * 8) * size + room(size, 8)
    saved = 4 * d * size * item
    return Estimate(
        _range(seconds, threads),
        always + max(working, exact, saved),
        basis + (0 if mapped else held),
        scratch,
    )


def gradient_seconds(
    counts: Counts | CountsSize, d: int, *, loss: Loss, by_tiles: bool, dtype: str, tied: bool
) -> float:
    """Estimate how long a gradient over all pairs takes on two cores.

    Parameters
    ----------
    counts : Counts or CountsSize
        The pairs.
    d : int
        Dimension of the embeddings.
    loss : {"quartic", "sgns"}
        The loss.
    by_tiles : bool
        Whether all pairs are gone through even for the quartic loss, as under weights that
        are no product of weights of words.
    dtype : {"float32", "float64"}
        Type of the weights.
    tied : bool
        Whether words and contexts have the same vectors.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> from repsearch.data import carried_counts
    >>> 0.05 < gradient_seconds(
    ...     carried_counts(), 100, loss="sgns", by_tiles=True, dtype="float32", tied=True
    ... ) < 0.1
    True
    """
    found = counts if isinstance(counts, CountsSize) else CountsSize.of(counts)
    size, dense = found.words, found.density > _DENSE_ENOUGH
    if loss == "sgns" or by_tiles:
        seconds = size**2 * (_SGNS + _SGNS_D * d)
    else:
        entries = 2 * found.pairs
        seconds = entries * d * (_QUARTIC_DENSE if dense else _QUARTIC_SPARSE)
    return seconds * (1 if dtype == "float32" else _DOUBLE) * (1 if tied else 2)


def training(
    counts: Counts | CountsSize,
    d: int,
    *,
    gradients: float | None,
    loss: Loss,
    by_tiles: bool,
    dtype: str,
    tied: bool,
    held: int,
    threads: int | None = None,
) -> Estimate:
    """Estimate how long so many gradients take.

    Parameters
    ----------
    counts : Counts or CountsSize
        The pairs.
    d : int
        Dimension of the embeddings.
    gradients : float or None
        How many; None where it cannot be known.
    loss, by_tiles, dtype, tied
        As for `gradient_seconds`.
    held : int
        Arrays of the size of the weights that are certainly held at once.
    threads : int, optional
        All processors by default.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> from repsearch.data import carried_counts
    >>> print(training(
    ...     carried_counts(), 100, gradients=400, loss="sgns", by_tiles=True, dtype="float64",
    ...     tied=True, held=8, threads=2,
    ... ))
    about 22 to 89 s and 0.8 GiB of memory
    """
    found = counts if isinstance(counts, CountsSize) else CountsSize.of(counts)
    size, pairs = found.words, found.pairs
    weights = size * d * (4 if dtype == "float32" else 8) * (1 if tied else 2)
    seconds = None
    if gradients is not None:
        each = gradient_seconds(counts, d, loss=loss, by_tiles=by_tiles, dtype=dtype, tied=tied)
        seconds = _range(_OPENING * pairs + gradients * each, threads)
    memory = _PROGRAM + _TORCH + _BYTES_A_PAIR * pairs + 2 * held * weights
    return Estimate(seconds, memory, held * weights)


def runge_kutta_gradients(until: float, fastest: float, rtol: float, rows: int) -> float:
    """Estimate how many gradients Runge-Kutta steps take to a flow time.

    Parameters
    ----------
    until : float
        Flow time.
    fastest : float
        Largest magnitude of an eigenvalue of the target: weights move at half of it.
    rtol : float
        Relative error of a step.
    rows : int
        Times at which a step has to end.

    Returns
    -------
    float
        Number of gradients.

    Examples
    --------
    >>> round(runge_kutta_gradients(0.0476, 2667, 1e-3, 50))
    340
    """
    longer = float((rtol / _USUAL_RTOL) ** (1 / 5))
    free = _GRADIENTS * until * fastest / 2 / longer / _STAGES
    # A step that ends at a row is shorter than it might be.
    return _STAGES * max(free + rows / 3, rows)


def _kind(file: Path) -> str:
    compressed = {".xz", ".bz2", ".gz", ".zst", ".zstd", ".lzma"}
    return "compressed" if file.suffix.lower() in compressed else "plain"


def _range(seconds: float, threads: int | None) -> tuple[float, float]:
    """From and to, on this number of threads."""
    cores = min(threads or os.cpu_count() or 1, os.cpu_count() or 1, _MOST_CORES)
    on_these = seconds * _CORES / cores
    return _LESS * on_these, _MORE * on_these


def _time(low: float, high: float) -> str:
    """A range of times in words, in the unit of the longer one."""
    if high < 5:
        return "a few seconds"
    for unit, size in (("hours", 3600.0), ("minutes", 60.0)):
        if high >= 2 * size:
            return f"about {_two_digits(low / size)} to {_two_digits(high / size)} {unit}"
    return f"about {_two_digits(low)} to {_two_digits(high)} s"


def _two_digits(number: float) -> str:
    return f"{float(f'{number:.1g}'):g}" if number < 10 else f"{float(f'{number:.2g}'):,.0f}"
