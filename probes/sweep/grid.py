"""Hold a grid: corpora, ways to count and to embed, what is asked; and its points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from probes.sweep.grid_keys import Value

Settings = Mapping[str, Value]


@dataclass(frozen=True)
class Source:
    """A corpus: a file of counts, or a text to be counted.

    Parameters
    ----------
    label : str
        What tables and figures call it.
    paths : tuple of Path
        The file of counts, or files and folders of the text.
    counted : bool
        Whether it is counts already.
    digest : str
        Of the content of its files.
    states : tuple of (Path, int, int)
        Each file with its size and time of change (ns) when it was digested.
    words, pairs : int
        Size of the vocabulary and number of stored pairs; 0 of a text.
    window, weighting : int, str or None
        Of counts, where the window is a plain one.
    """

    label: str
    paths: tuple[Path, ...]
    counted: bool
    digest: str
    states: tuple[tuple[Path, int, int], ...] = ()
    words: int = 0
    pairs: int = 0
    window: int | None = None
    weighting: str | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked of the embeddings of every point.

    Parameters
    ----------
    probes : tuple of str
        Names of probes.
    method : str
        How candidates of an analogy are scored.
    relations : Path or None
        File or folder of relations; Google's where there is none.
    similarity : tuple of Path
        Files of rated pairs; those that are carried where there is none.
    digests : mapping of str to str
        Of the files, by the key that names them.
    """

    probes: tuple[str, ...]
    method: str = "3CosAdd"
    relations: Path | None = None
    similarity: tuple[Path, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """A point of the grid: embeddings of one corpus, counted and made in one way.

    Parameters
    ----------
    number : int
        From 1, in the order of the grid.
    source : Source
        The corpus.
    count : mapping
        How the text is counted; empty for counts.
    embed : mapping
        How embeddings are made of the counts.
    """

    number: int
    source: Source
    count: Settings
    embed: Settings

    def columns(self) -> dict[str, Value]:
        """Give its settings as the table has them.

        Returns
        -------
        dict
            Name to value.
        """
        counted: dict[str, Value] = dict(self.count)
        if self.source.counted:
            counted = {"window": self.source.window, "weighting": self.source.weighting}
        return {"point": self.number, "corpus": self.source.label, **counted, **self.embed}


@dataclass(frozen=True)
class Grid:
    """All points that are asked for.

    Parameters
    ----------
    sources : tuple of Source
        Corpora.
    counts : tuple of mapping
        Ways to count a text.
    embeds : tuple of mapping
        Ways to make embeddings of counts, every key settled.
    asked : Asked
        What is asked of each.

    Examples
    --------
    >>> source = Source("carried", (), True, "digest", window=16, weighting="linear")
    >>> grid = Grid((source,), (), ({"target": "mstar", "d": 5}, {"target": "mstar", "d": 9}),
    ...             Asked(("isotropy",)))
    >>> [point.columns()["d"] for point in grid.points()]
    [5, 9]
    """

    sources: tuple[Source, ...]
    counts: tuple[Settings, ...]
    embeds: tuple[Settings, ...]
    asked: Asked

    def points(self) -> list[Point]:
        """List the points, corpora outermost.

        Returns
        -------
        list of Point
        """
        return [
            Point(number, source, count, embed)
            for number, (source, count, embed) in enumerate(self._each(), start=1)
        ]

    def _each(self) -> Iterator[tuple[Source, Settings, Settings]]:
        for source in self.sources:
            for count in ({},) if source.counted else self.counts:
                for embed in self.embeds:
                    yield source, count, embed
