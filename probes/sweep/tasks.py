"""Make tasks of a grid, each with the key of what it rests on; what points share is one task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from probes.reproduce.stages import key_of
from probes.sweep import estimates
from probes.sweep.grid import Grid, Point, Settings

FIT = "fit"
"""What every point is asked besides: how well its embeddings fit what they are made for."""
_NOT_OF_A_SPECTRUM = ("d", "exponent", "seed")
_SEEDED = ("similarity", "isotropy", "concepts")
_ASKS_RELATIONS = ("analogies", "concepts")
_OF_COUNTING = ("window", "weighting")


@dataclass(frozen=True)
class Task:
    """Work whose result is kept.

    Parameters
    ----------
    name : str
        Of its folder: kind and the beginning of its key.
    kind : {"encode", "count", "solve", "minimise", "ask"}
        What is done.
    title : str
        What is done, in words.
    key : str
        Digest of what it rests on.
    settings : dict
        What the work is done with, as JSON can hold it.
    inputs : mapping of str to str
        Names of the tasks whose results it takes, by what they are.
    files : mapping of str to list of str
        Files of the user that it reads, by what they are.
    states : tuple
        Files that must be as they were when they were digested: path, size, time of change.
    seconds, memory : float
        About how long it takes on two cores, and how many bytes of memory.
    """

    name: str
    kind: str
    title: str
    key: str
    settings: dict[str, Any]
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, list[str]] = field(default_factory=dict)
    states: tuple[tuple[str, int, int], ...] = ()
    seconds: float = 0.0
    memory: float = 0.0


class Plan:
    """The tasks of a grid, those that others need first.

    Parameters
    ----------
    grid : Grid
        What is asked for.

    Examples
    --------
    >>> from probes.sweep.grid import Asked, Source
    >>> source = Source("carried", (), True, "digest", words=10, pairs=20)
    >>> embeds = [{"target": "mstar", "exponent": 0.5, "d": d, "seed": 0} for d in (2, 3)]
    >>> plan = Plan(Grid((source,), (), tuple(embeds), Asked(("analogies",))))
    >>> [task.kind for task in plan.tasks.values()]  # one spectrum for both dimensions
    ['solve', 'ask', 'ask', 'ask', 'ask']
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.points = grid.points()
        self.tasks: dict[str, Task] = {}
        self.asks: dict[tuple[int, str], str] = {}
        """Name of the task by number of the point and name of the probe."""
        self._made: dict[str, str] = {}
        self._largest: dict[str, int] = {}
        for settings in grid.embeds:
            whole, d = _text(_of_spectrum(settings)), settings["d"]
            assert isinstance(d, int)
            self._largest[whole] = max(d, self._largest.get(whole, 0))
        for point in self.points:
            embeddings = self._embeddings(point)
            for probe in (FIT, *grid.asked.probes):
                self.asks[point.number, probe] = self._ask(point, probe, embeddings)

    def needing(self, name: str) -> list[Task]:
        """List the tasks that take the result of another.

        Parameters
        ----------
        name : str
            Of the other.

        Returns
        -------
        list of Task
        """
        return [task for task in self.tasks.values() if name in task.inputs.values()]

    def _embeddings(self, point: Point) -> dict[str, str]:
        """The task that makes the embeddings of a point, by what its result is."""
        counts, digests, files = self._counts(point)
        words, pairs = estimates.size_of(point.source, point.count)
        label = point.source.label if point.source.counted else (
            f"{point.source.label}, window {point.count['window']} {point.count['weighting']}"
        )  # fmt: skip
        if "target" in point.embed:
            shared = _of_spectrum(point.embed)
            settings = {**shared, "d": self._largest[_text(shared)]}
            name = {"mstar": "M*", "ppmi": "PPMI", "pmi": "PMI"}[str(point.embed["target"])]
            return {"spectrum": self._task(
                "solve", f"eigenpairs of {name} of {label}", settings, counts, digests, files,
                cost=estimates.solving(words, pairs, settings["d"]),
            )}  # fmt: skip
        settings = dict(point.embed)
        title = f"minimum of {settings['loss']} of {label}, d = {settings['d']}"
        return {"embeddings": self._task(
            "minimise", title, settings, counts, digests, files,
            cost=estimates.minimising(words, pairs, settings),
        )}  # fmt: skip

    def _counts(self, point: Point) -> tuple[dict[str, str], dict[str, str], dict[str, list[str]]]:
        """Counts of a point: the task that makes them, or the file that has them."""
        source, how = point.source, point.count
        if source.counted:
            digests = {"counts": source.digest}
            return {}, digests, {"counts": [str(path) for path in source.paths]}
        encoding = {name: value for name, value in how.items() if name not in _OF_COUNTING}
        states = tuple((str(path), size, changed) for path, size, changed in source.states)
        corpus = self._task(
            "encode", f"reading {source.label}", encoding, {}, {"text": source.digest},
            {"text": [str(path) for path in source.paths]}, states=states,
            cost=estimates.reading(source),
        )  # fmt: skip
        window = {name: how[name] for name in _OF_COUNTING}
        counts = self._task(
            "count", f"counting {source.label}, window {how['window']} {how['weighting']}",
            window, {"corpus": corpus}, {}, {}, cost=estimates.counting(source),
        )  # fmt: skip
        return {"counts": counts}, {}, {}

    def _ask(self, point: Point, probe: str, embeddings: Mapping[str, str]) -> str:
        asked, embed = self.grid.asked, point.embed
        settings: dict[str, Any] = {"probe": probe}
        if "target" in embed:
            settings["d"] = embed["d"]
            if probe != FIT:
                settings["exponent"] = embed["exponent"]
        if probe in _SEEDED:
            settings["seed"] = embed["seed"]
        if probe == "analogies":
            settings["method"] = asked.method
        files: dict[str, list[str]] = {}
        digests: dict[str, str] = {}
        if probe in _ASKS_RELATIONS and asked.relations is not None:
            files["relations"] = [str(asked.relations)]
            digests["relations"] = asked.digests["relations"]
        if probe == "similarity" and asked.similarity:
            files["similarity"] = [str(path) for path in asked.similarity]
            digests["similarity"] = asked.digests["similarity"]
        words, _ = estimates.size_of(point.source, point.count)
        return self._task(
            "ask", f"{probe} of point {point.number}", settings, dict(embeddings), digests, files,
            cost=estimates.asking(probe, words),
        )  # fmt: skip

    def _task(
        self,
        kind: str,
        title: str,
        settings: dict[str, Any],
        inputs: dict[str, str],
        digests: dict[str, str],
        files: dict[str, list[str]],
        *,
        states: tuple[tuple[str, int, int], ...] = (),
        cost: estimates.Cost,
    ) -> str:
        same = _text([kind, settings, inputs, digests])
        if same not in self._made:
            keys = {role: self.tasks[name].key for role, name in inputs.items()}
            key = key_of(kind, settings, {**digests, **keys})
            name = f"{kind}-{key[:16]}"
            settings = {**settings, "digests": digests}
            self.tasks[name] = Task(name, kind, title, key, settings, inputs, files, states, *cost)
            self._made[same] = name
        return self._made[same]


def _of_spectrum(embed: Settings) -> dict[str, Any]:
    return {name: value for name, value in embed.items() if name not in _NOT_OF_A_SPECTRUM}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
