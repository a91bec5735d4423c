"""Compare topics between documents with different values of a field: over time, by author."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.resampling import check_draws
from probes.shared.several_tests import holm, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from probes.topics.documents.result import DocumentTopics, share_of
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
_MOST_COLUMNS = 4


@dataclass(frozen=True)
class ValueOfTopic:
    """One mode in the documents with one value.

    Parameters
    ----------
    value : str
        What they have in the field.
    mode : int
        Number of the mode.
    documents : int
        How many there are with a known word.
    weight : Interval or None
        Mean weight; None of a single document, which has no interval.
    first, second : Interval
        Share of them whose topic is the positive end, and the negative one.

    Examples
    --------
    >>> share = Interval(0.5, 0.2, 0.8)
    >>> ValueOfTopic("1999", 1, 8, Interval(0.3, 0.1, 0.5), share, share).weight.value
    0.3
    """

    value: str
    mode: int
    documents: int
    weight: Interval | None
    first: Interval
    second: Interval


@dataclass(frozen=True)
class TopicsByValue(Result):
    """Topics by the value of a field.

    Parameters
    ----------
    rows : tuple of ValueOfTopic
        By mode, values in their order.
    by : str
        Name of the field.
    p_values : dict of int to float
        For each mode, the p of its mean weight being the same for all values, adjusted for the
        number of modes (Holm).
    labels : dict of int to str
        Words of both ends of each mode.
    unvalued : int
        Documents without a value, which are left out.
    settings : dict
        Permutations and seed.

    Examples
    --------
    >>> from probes.topics.documents import Documents, document_topics, topics_by_value
    >>> from repsearch import Embeddings
    >>> ice, sea = ("ice", "cold", "snow", "frost"), ("wave", "tide", "salt", "fish")
    >>> modes = Embeddings([*ice, *sea], np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = [" ".join(4 * words) for words in (ice, sea) for _ in range(9)]
    >>> documents = Documents.of_texts(texts, values=["1999"] * 9 + ["2001"] * 9, by="year")
    >>> found = topics_by_value(document_topics(modes, documents))
    >>> [(row.value, round(row.weight.value, 2)) for row in found.rows], found.p_values
    ([('1999', 1.0), ('2001', -1.0)], {1: 0.001})
    """

    name = "topics-by-value"
    figure = "probes.figures.words.document_topics:plot_topics_by_value"
    columns: ClassVar[Mapping[str, str]] = {
        "mode": "mean weight of the mode, towards its positive end, with Student's 95 % interval "
        "over documents",
    }

    rows: tuple[ValueOfTopic, ...]
    by: str
    p_values: dict[int, float]
    labels: dict[int, str]
    unvalued: int = 0
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def values(self) -> tuple[str, ...]:
        """The values in their order."""
        return tuple(dict.fromkeys(row.value for row in self.rows))

    def summary(self) -> str:
        """Say which modes change with the field, and what was left out."""
        changing = [mode for mode, p in self.p_values.items() if is_finding(p)]
        number = len(self.p_values)
        said = (
            f"Of {counted(number, 'mode')} {len(changing)} "
            f"{'differs' if len(changing) == 1 else 'differ'} between the "
            f"{len(self.values)} values of {self.by!r} (p below 0.05 after Holm's adjustment)"
        )
        parts = [f"{mode} ({self.labels[mode]}; p {self.p_values[mode]:.2g})" for mode in changing]
        said += f": {', '.join(parts)}." if parts else "."
        said += (
            " Mean weights do not depend on how long documents are; shares of documents with a "
            "topic do, for of a longer one it is more often clear."
        )
        if self.unvalued:
            said += (
                f" {counted(self.unvalued, 'document has', 'documents have')} no value or no known "
                f"word and {'is' if self.unvalued == 1 else 'are'} left out."
            )
        return said

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode and value.

        Returns
        -------
        list of dict
            Documents, mean weight with interval, shares of documents whose topic is either end,
            with theirs, and the p of the mode.
        """
        found: list[dict[str, Cell]] = []
        for row in self.rows:
            cells: dict[str, Cell] = {
                "value": row.value,
                "mode": row.mode,
                "documents": row.documents,
                **interval_cells("weight", row.weight, missing="a single document"),
            }
            for end, share in (("+", row.first), ("-", row.second)):
                cells |= {
                    f"share {end}": share.value,
                    f"share {end} low": share.low,
                    f"share {end} high": share.high,
                }
            found.append(cells | {"p": self.p_values[row.mode]})
        return found

    def rests_on(self) -> dict[str, Cell]:
        """Give the field, numbers of values and documents, the null, and the settings."""
        first = next(iter(self.p_values))
        return {
            "by": self.by,
            "values": len(self.values),
            "documents": sum(row.documents for row in self.rows if row.mode == first),
            "documents_left_out": self.unvalued,
            "null": "values shuffled among documents",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the mean weights of the modes that differ most, a row for each value.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            As many modes as have room; files have all.
        """
        order = sorted(self.p_values, key=lambda mode: (self.p_values[mode], mode))
        room = max(len(self.by), *(len(value) for value in self.values), 12)
        shown = sorted(order[: max(1, min(_MOST_COLUMNS, (width - min(room, 24) - 11) // 22))])
        held = {(row.value, row.mode): row for row in self.rows}
        cells = []
        for value in self.values:
            weights = [held[value, mode].weight for mode in shown]
            cells.append(
                [
                    value,
                    f"{held[value, shown[0]].documents:,}",
                    *("-" if one is None else with_interval(one, ".2f") for one in weights),
                ]
            )
        head = [self.by, "documents", *(f"mode {mode}" for mode in shown)]
        lines = [fixed_width(head, cells, width=width)]
        lines += [
            textwrap.shorten(
                f"mode {mode}, p {self.p_values[mode]:.2g}: {self.labels[mode]}",
                width,
                placeholder=" ...",
            )
            for mode in shown
        ]
        return "\n".join(lines)


@one_blas_thread()
def topics_by_value(
    found: DocumentTopics, *, permutations: int = 999, seed: int = 0
) -> TopicsByValue:
    """Give the mean weight of each mode, and shares of its ends, for each value of the field.

    Documents are the unit: each counts once, whatever its length, and intervals and p-values
    are over documents. Whether a mode differs between values at all is asked of the variance of
    its mean weight, among shuffles of the values over the documents.

    Parameters
    ----------
    found : DocumentTopics
        Of documents with values.
    permutations : int, default 999
        Shuffles of the values, at least 19.
    seed : int, default 0
        Seed of the shuffles.

    Returns
    -------
    TopicsByValue
        Values in the order of numbers, if all are such, or of the alphabet.

    Raises
    ------
    InputError
        The documents have no values, all the same one, or hardly two of them the same; or a
        number is out of range.

    Examples
    --------
    >>> from probes.topics.documents import Documents, document_topics
    >>> from repsearch import Embeddings
    >>> words = ["ice", "cold", "snow", "frost", "wave", "tide", "salt", "fish"]
    >>> modes = Embeddings(words, np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = ["ice cold snow frost " * 4] * 9 + ["wave tide salt fish " * 4] * 9
    >>> documents = Documents.of_texts(texts, values=["1999"] * 9 + ["2001"] * 9, by="year")
    >>> print(topics_by_value(document_topics(modes, documents)))
    year  documents                mode 1
    -------------------------------------
    1999          9     1.00 [1.00, 1.00]
    2001          9  -1.00 [-1.00, -1.00]
    mode 1, p 0.001: ice, cold – wave, tide
    """
    check_draws(name="permutations", draws=permutations, least=19, seed=seed)
    values, by = found.documents.values, found.documents.by
    if values is None:
        raise InputError(
            "the documents have no values to compare; read them with by=, a field of JSON records"
        )
    kept = np.array(
        [value is not None and known > 0 for value, known in zip(values, found.known, strict=True)]
    )
    have = [str(value) for value, keep in zip(values, kept, strict=True) if keep]
    order = _ordered(set(have))
    if len(order) < 2:
        raise InputError(
            f"documents with known words have {len(order)} value{'s' * (len(order) != 1)} in "
            f"{by!r}; two are needed to compare them"
        )
    if 2 * len(order) > len(have):
        raise InputError(
            f"{by!r} has {len(order):,} values in {len(have):,} documents, so that most have one "
            "document; choose a coarser field, such as the year of a date"
        )
    place = {value: number for number, value in enumerate(order)}
    codes = np.array([place[value] for value in have])
    weight, own = found.weights.weight[kept], found.own[kept]
    p = _p_values(weight, codes, permutations, seed)
    rows, labels = [], {}
    for column, mode in enumerate(found.modes):
        ends = [", ".join(found.topics[2 * column + end].words[:2]) for end in (0, 1)]
        labels[mode] = " – ".join(ends)
        for number, value in enumerate(order):
            mine = codes == number
            rows.append(
                ValueOfTopic(
                    value=value,
                    mode=mode,
                    documents=int(np.count_nonzero(mine)),
                    weight=_mean(weight[mine, column]),
                    first=share_of(own[mine] == 2 * column, over="documents"),
                    second=share_of(own[mine] == 2 * column + 1, over="documents"),
                )
            )
    return TopicsByValue(
        rows=tuple(rows),
        by=by,
        p_values=dict(zip(found.modes, holm(p.tolist()), strict=True)),
        labels=labels,
        unvalued=len(values) - len(have),
        settings={"permutations": permutations, "seed": seed},
    )


def _p_values(weight: Real, codes: NDArray[np.int64], permutations: int, seed: int) -> Real:
    """For each column, the share of shuffles whose means vary as much or more."""
    sizes = np.bincount(codes)
    centred = weight - weight.mean(axis=0)

    def between(labels: NDArray[np.int64]) -> Real:
        sums = np.stack(
            [np.bincount(labels, weights=column, minlength=len(sizes)) for column in centred.T]
        )
        return np.asarray((sums**2 / sizes).sum(axis=1))

    observed = between(codes)
    rng = np.random.default_rng(seed)
    above = np.zeros(weight.shape[1])
    for _ in range(permutations):
        # Rounding must not make the same arrangement less than itself.
        above += between(rng.permutation(codes)) >= observed * (1 - 1e-9)
    return (1 + above) / (1 + permutations)


def _mean(weights: Real) -> Interval | None:
    number = len(weights)
    if number < 2:
        return None
    mean = float(weights.mean())
    reach = float(stdtrit(number - 1, 0.975)) * float(weights.std(ddof=1)) / sqrt(number)
    return Interval(mean, mean - reach, mean + reach, 0.95, f"Student's t over {number} documents")


def _ordered(values: set[str]) -> list[str]:
    """By number where all are numbers, else by the alphabet, which is right for ISO dates."""
    try:
        numbers = {value: float(value) for value in values}
    except ValueError:
        return sorted(values)
    if not all(isfinite(number) for number in numbers.values()):
        return sorted(values)
    return sorted(values, key=lambda value: (numbers[value], value))
