"""Write words with coordinates, topics and neighbours, for viewers of large vocabularies."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.concepts.principal_axes import on_principal_axes
from probes.shared.effective_trials import groups, share_interval
from probes.shared.intervals import Interval
from probes.shared.wording import with_interval
from probes.topics.labels import topic_labels
from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings, NeighbourIndex
from repsearch.embeddings.approximate import FEWEST
from repsearch.embeddings.neighbours import nearest_others, unit_rows
from repsearch.errors import InputError
from repsearch.extras import installing, missing
from repsearch.parallel import each
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing
from repsearch.storage.visible import visible

NEIGHBOURS = 10
_AXES = 3
_TOPIC_MODES = 50
_BLOCK = 512
_AT_ONCE = 16
_MOST_IN_LISTS = 2**31 - 1
_SUFFIXES = (".parquet", ".tsv")


@dataclass(frozen=True, eq=False)
class Atlas:
    """Words with coordinates, topics and neighbours; made by `atlas_of`.

    Parameters
    ----------
    words : tuple of str
        V words, the most frequent first.
    vectors : (V, d) float32
        Their vectors, on principal axes.
    topic : tuple of str
        The topic that each word lies closest to, by the label of its end of a mode.
    topic_cosine : (V,) float32
        Cosine of the word with that end.
    neighbours : (V, k) int
        Rows of the nearest other words by cosine, the nearest first.
    distances : (V, k) float32
        One less their cosines.
    notes : tuple of str
        How the neighbours were found, where not by all cosines.

    Examples
    --------
    >>> emb = Embeddings(["ice", "cold", "loud"], [[2.0, 0.0], [1.9, 0.1], [0.1, 1.0]])
    >>> found = atlas_of(emb, neighbours=1)
    >>> found.neighbours.tolist(), found.topic[2][:3]
    ([[1], [0], [1]], '2+ ')
    """

    words: tuple[str, ...]
    vectors: NDArray[np.float32]
    topic: tuple[str, ...]
    topic_cosine: NDArray[np.float32]
    neighbours: NDArray[np.int64]
    distances: NDArray[np.float32]
    notes: tuple[str, ...] = ()

    def save(self, path: Path) -> tuple[Path, ...]:
        """Write a Parquet table, or the two files of TensorBoard's projector.

        Parameters
        ----------
        path : Path
            ``.parquet``: columns ``word``, ``rank``, ``mode_1`` to ``mode_3``, ``topic``,
            ``topic_cosine``, ``vector``, and ``neighbors`` with ``ids`` (rows, from 0) and
            ``distances``, as embedding-atlas reads them. ``.tsv``: numbers alone, and
            ``NAME-metadata.tsv`` beside it with a heading.

        Returns
        -------
        tuple of Path
            What was written.

        Raises
        ------
        InputError
            Another suffix, pyarrow missing, or a file that cannot be written.
        """
        if check_suffix(path) == ".parquet":
            return (self._parquet(path),)
        beside = path.with_name(f"{path.stem}-metadata.tsv")
        with replacing(path, "w") as stream:
            for row in self.vectors:
                stream.write("\t".join(f"{number:.9g}" for number in row.tolist()) + "\n")
        with replacing(beside, "w") as stream:
            writer = csv.writer(
                stream, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None
            )
            writer.writerow(("word", "rank", "topic"))
            for rank, (word, topic) in enumerate(zip(self.words, self.topic, strict=True), start=1):
                writer.writerow((visible(word), rank, visible(topic)))
        return path, beside

    def _parquet(self, path: Path) -> Path:
        arrow, parquet = _pyarrow()
        d, k = self.vectors.shape[1], self.neighbours.shape[1]
        number = len(self.words)
        columns: dict[str, Any] = {
            "word": arrow.array([visible(word) for word in self.words]),
            "rank": arrow.array(np.arange(1, number + 1, dtype=np.int32)),
        }
        for axis in range(min(_AXES, d)):
            columns[f"mode_{axis + 1}"] = arrow.array(np.ascontiguousarray(self.vectors[:, axis]))
        columns["topic"] = arrow.array([visible(topic) for topic in self.topic])
        columns["topic_cosine"] = arrow.array(self.topic_cosine)
        columns["vector"] = _lists(arrow, self.vectors, d)
        columns["neighbors"] = arrow.StructArray.from_arrays(
            [
                _lists(arrow, self.neighbours, k),
                _lists(arrow, self.distances, k),
            ],
            ["ids", "distances"],
        )
        with replacing(path) as stream:
            parquet.write_table(arrow.table(columns), stream, compression="zstd")
        return path


def check_suffix(path: Path) -> str:
    """Tell which format a file is to have, before any work is done.

    Parameters
    ----------
    path : Path
        File to write.

    Returns
    -------
    str
        ``.parquet`` or ``.tsv``.

    Raises
    ------
    InputError
        Another suffix, or pyarrow is missing for Parquet.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(
            f"{path} ends neither with .parquet nor with .tsv; name the file so that one of the "
            "two formats is meant"
        )
    if suffix == ".parquet":
        _pyarrow()
    return suffix


def atlas_of(
    embeddings: Embeddings,
    *,
    neighbours: int = NEIGHBOURS,
    exact: bool = False,
    fewest: int = FEWEST,
    progress: Progress = silent,
) -> Atlas:
    """Find coordinates, topics and neighbours of all words.

    Coordinates are those on the principal axes of the embeddings, which are modes where they come
    of a spectrum. A word's topic is the end of one of the first 50 modes that it lies closest to
    in cosine.

    Parameters
    ----------
    embeddings : Embeddings
        V words, the most frequent first.
    neighbours : int, default 10
        Nearest words by cosine that are kept of each; all others where there are fewer.
    exact : bool, default False
        Look at all cosines however many words there are. From `fewest` words on neighbours
        are found by a graph otherwise (`repsearch.embeddings.NeighbourIndex`), where usearch
        is installed.
    fewest : int, default 100,000
        Words from which a graph is used.
    progress : Progress, optional
        Told how many words are done.

    Returns
    -------
    Atlas

    Raises
    ------
    InputError
        A number of neighbours that is none, or fewer than two words.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> found = atlas_of(BinaryAttributes([0.4, 0.3, 0.2]).spectrum().embeddings(3), neighbours=2)
    >>> found.vectors.shape, found.neighbours.shape
    ((8, 3), (8, 2))
    """
    if not is_whole(neighbours) or neighbours < 1:
        raise InputError(f"neighbours is {neighbours!r}; pass a whole number of 1 or more")
    if len(embeddings) < 2:
        raise InputError("a single word has no neighbours; pass embeddings of two words or more")
    turned = on_principal_axes(embeddings)
    vectors = np.asarray(turned.vectors, dtype=np.float32)
    units = unit_rows(vectors)
    topic, cosines = _topics(turned, units)
    k = min(neighbours, len(vectors) - 1)
    notes: list[str] = []
    by_graph = not exact and len(vectors) >= fewest
    if by_graph and find_spec("usearch") is None:
        notes.append(
            f"all cosines of {len(vectors):,} words were looked at; with usearch a graph finds "
            f"nearly the same in less time: {installing('usearch')}"
        )
        by_graph = False
    if by_graph:
        nearest, distances, share = _by_graph(turned, k, fewest, progress)
        notes.append(
            f"neighbours are found by a graph, with {with_interval(share, '.2%')} of the nearest "
            "(random words against all cosines); --exact finds all"
        )
    else:
        nearest, distances = _nearest(units, k, progress)
    return Atlas(turned.words, vectors, topic, cosines, nearest, distances, tuple(notes))


def _by_graph(
    turned: Embeddings, k: int, fewest: int, progress: Progress
) -> tuple[NDArray[np.int64], NDArray[np.float32], Interval]:
    index = NeighbourIndex(turned, fewest=fewest, progress=progress)
    known = np.flatnonzero(turned.has_direction)
    near, cosines = index.of_words(known, k, progress=progress)
    nearest = np.tile(np.arange(k), (len(turned), 1))  # of a zero vector all cosines are zero
    nearest[nearest == np.arange(len(turned))[:, None]] = k
    distances = np.ones((len(turned), k), dtype=np.float32)
    width = near.shape[1]
    nearest[known[:, None], np.arange(width)], distances[known, :width] = near, 1 - cosines
    found = index.recall(k)
    share = share_interval(
        [groups(np.array(found.found), np.full(len(found.found), found.topn))],
        [1.0],
        level=0.95,
        over="words",
    )
    return nearest, distances, share


def _topics(
    turned: Embeddings, units: NDArray[np.float32]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    modes = min(_TOPIC_MODES, turned.dimension)
    labels = topic_labels(turned, modes=range(1, modes + 1))
    names = {label.name: f"{label.name} {label}" for label in labels.labels}
    home = np.argmax(np.abs(units[:, :modes]), axis=1)
    cosines = units[np.arange(len(units)), home]
    topic = tuple(
        names[f"{mode + 1}{'+' if cosine > 0 else '-'}"] if cosine else "(no vector)"
        for mode, cosine in zip(home.tolist(), cosines.tolist(), strict=True)
    )
    return topic, np.abs(cosines)


def _nearest(
    units: NDArray[np.float32], k: int, progress: Progress
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Nearest rows by cosine; equal cosines in the order of the rows."""

    def block(first: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        rows = np.arange(first, min(first + _BLOCK, len(units)))
        found, cosines = nearest_others(units, rows, k)
        return found, 1 - cosines

    starts = list(range(0, len(units), _BLOCK))
    done: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []
    for low in range(0, len(starts), _AT_ONCE):
        progress("neighbours", min(low * _BLOCK, len(units)), len(units), "words")
        done += each(block, starts[low : low + _AT_ONCE])
    progress("neighbours", len(units), len(units), "words")
    rows, distances = (np.concatenate(parts) for parts in zip(*done, strict=True))
    return rows, distances


def _lists(arrow: Any, rows: NDArray[Any], width: int) -> Any:
    # The offsets of a usual list have 32 bits, too few for all coordinates of many words.
    large = rows.size > _MOST_IN_LISTS
    offsets = np.arange(0, rows.size + 1, width, dtype=np.int64 if large else np.int32)
    kind = arrow.LargeListArray if large else arrow.ListArray
    return kind.from_arrays(arrow.array(offsets), arrow.array(rows.ravel()))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise missing("Parquet", "pyarrow") from None
    return pyarrow, parquet
