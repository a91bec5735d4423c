"""Choose what the figures are made of: short by default, to the end when all is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from repsearch.checks import is_whole
from repsearch.errors import InputError

Format = Literal["png", "pdf", "svg"]
FORMATS: tuple[Format, ...] = get_args(Format)
FIGURES = ("1", "2", "3a", "3b", "4", "5", "6", "7", "8")
"""The figures and tables of arXiv 2502.09863, in its order."""
_SHORT = {
    "columns": 1024, "train_words": 1500, "train_d": 30, "train_modes": 12, "rows": 60,
    "small": 1e-3,
}  # fmt: skip
_FULL = {
    "columns": 4096, "train_words": None, "train_d": None, "train_modes": None, "rows": 200,
    "small": 1e-12,
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Settings of the figures; None takes what is meant for a short or a full run.

    Parameters
    ----------
    full : bool
        Whether to train all words to the end, as the paper did.
    d : int, optional
        Dimension of the embeddings of figures 3 and 5, and of a full run's training: 200, or
        as many as there are positive eigenvalues.
    columns : int, optional
        Columns of the closed form in figures 4, 6 and 8: 1,024, or 4,096 of a full run, as in
        the paper.
    train_words : int, optional
        Most frequent words that are trained on: 1,500, or all of a full run.
    train_d : int, optional
        Dimension of trained embeddings: 30, or `d` of a full run.
    train_modes : int, optional
        Training takes twice the time in which so many modes are learned: 12, or `d` of a full
        run.
    rows : int, optional
        Moments at which singular values are recorded: 60, or 200 of a full run.
    small, large : float
        Singular values of the two starts, s_k(0): 1e-3, or 1e-12 of a full run as in the paper,
        and 0.1.
    negatives : float
        Negative pairs per positive pair under word2vec's own weights. Setting 3.1 has one.
    seed : int
        Seed of starts, resamples and null draws.
    threads : int, optional
        All processors by default. Results are the same on any number.
    device : str
        Where training computes.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> Settings().settled(words=4500).train_words
    1500
    >>> Settings(full=True).settled(words=4500).train_words
    4500
    """

    full: bool = False
    d: int | None = None
    columns: int | None = None
    train_words: int | None = None
    train_d: int | None = None
    train_modes: int | None = None
    rows: int | None = None
    small: float | None = None
    large: float = 0.1
    negatives: float = 1.0
    seed: int = 0
    threads: int | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        whole = ("d", "columns", "train_words", "train_d", "train_modes", "rows", "threads")
        for name in whole:
            value = getattr(self, name)
            if value is not None and (not is_whole(value) or value < _LEAST.get(name, 1)):
                raise InputError(
                    f"{name} is {value!r}; pass a whole number of at least {_LEAST.get(name, 1)}"
                )
        if not is_whole(self.seed) or self.seed < 0:
            raise InputError(f"seed is {self.seed!r}; pass a whole number of at least 0")
        for name in ("small", "large", "negatives"):
            size = getattr(self, name)
            if size is not None and not 1e-150 <= size <= 1e150:
                raise InputError(f"{name} is {size!r}; pass a positive number")
        if self.small is not None and not self.small < self.large:
            raise InputError(
                f"small is {self.small:g} and large {self.large:g}; pass a smaller start and a "
                "larger one"
            )

    def settled(self, *, words: int) -> Settings:
        """Spell out everything for a vocabulary.

        Parameters
        ----------
        words : int
            Size of the vocabulary.

        Returns
        -------
        Settings
            Without None but for the threads.

        Raises
        ------
        InputError
            More dimensions or words than there are.
        """
        meant = _FULL if self.full else _SHORT
        d = self._within("d", 200, words)
        train_words = self._within("train_words", meant["train_words"] or words, words)
        train_d = self._within("train_d", meant["train_d"] or d, train_words)
        return replace(
            self,
            d=d,
            columns=self._within("columns", meant["columns"], words),
            train_words=train_words,
            train_d=train_d,
            train_modes=self._within("train_modes", meant["train_modes"] or train_d, train_d),
            rows=self.rows or int(meant["rows"] or 1),
            small=self.small or min(meant["small"] or 1.0, self.large / 10),
        )

    def _within(self, name: str, meant: Any, most: int) -> int:
        """What was asked for, which has to fit, or what is meant, as far as it fits."""
        asked = getattr(self, name)
        if asked is None:
            return min(int(meant), most)
        if asked > most:
            raise InputError(f"{name} is {asked:,}; pass at most {most:,}, for there are no more")
        return int(asked)

    @property
    def trained(self) -> dict[str, Any]:
        """Settings that training depends on."""
        names = (
            "train_words", "train_d", "train_modes", "rows", "small", "large", "negatives", "seed",
            "device",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def of_start(self, size: Literal["small", "large"]) -> float:
        """Give the standard deviation of an entry of W(0).

        Parameters
        ----------
        size : {"small", "large"}
            Which of the two starts.

        Returns
        -------
        float
            s_k(0) / sqrt(d), as the paper's program has it.
        """
        assert self.train_d is not None
        assert self.small is not None
        return (self.small if size == "small" else self.large) / math.sqrt(self.train_d)


_LEAST = {"d": 3, "columns": 4, "train_words": 10, "train_d": 3, "train_modes": 1, "rows": 10}


def figures_called(names: list[str] | None) -> tuple[str, ...]:
    """Look up figures by their numbers.

    Parameters
    ----------
    names : list of str or None
        Such as ``["4", "3a"]``, or one text with commas; 3 is both of its parts. None for all.

    Returns
    -------
    tuple of str
        In the paper's order.

    Raises
    ------
    InputError
        There is no such figure.

    Examples
    --------
    >>> figures_called(["5,3"])
    ('3a', '3b', '5')
    """
    if not names:
        return FIGURES
    asked: set[str] = set()
    for name in (part for text in names for part in str(text).replace(",", " ").split()):
        found = [one for one in FIGURES if name.lower() in (one, one.rstrip("ab"))]
        if not found:
            raise InputError(f"there is no figure {name!r}; there are {', '.join(FIGURES)}")
        asked.update(found)
    return tuple(one for one in FIGURES if one in asked)


def formats_called(names: list[str] | None) -> tuple[Format, ...]:
    """Look up formats of pictures.

    Parameters
    ----------
    names : list of str or None
        Such as ``["svg"]``, or one text with commas; None for PNG and PDF.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        There is no such format.

    Examples
    --------
    >>> formats_called(None), formats_called(["svg,png"])
    (('png', 'pdf'), ('png', 'svg'))
    """
    if not names:
        return ("png", "pdf")
    asked = {part.lower() for text in names for part in text.replace(",", " ").split()}
    if unknown := sorted(asked - set(FORMATS)):
        raise InputError(f"there is no format {unknown[0]!r}; there are {', '.join(FORMATS)}")
    return tuple(one for one in FORMATS if one in asked)


def spelt_out(settings: Settings) -> Mapping[str, Any]:
    """List the settings by name, those without a value left out.

    Parameters
    ----------
    settings : Settings
        The settings.

    Returns
    -------
    mapping of str to object
        As a TOML file can hold them.
    """
    named = asdict(settings)
    return {one.name: named[one.name] for one in fields(settings) if named[one.name] is not None}
