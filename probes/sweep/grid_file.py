"""Read a grid from a TOML file; all that is wrong with it is said at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from probes.relations import read_relations, read_similarity
from probes.sweep.grid import Asked, Grid, Settings, Source
from probes.sweep.grid_keys import ASK, COUNT, OF_LOSS, OF_TARGET, PROBES, Key, settled
from probes.sweep.sources import counts_source, digest_of, text_source
from repsearch.errors import InputError
from repsearch.extras import installing

_SECTIONS = ("corpora", "count", "embed", "ask")
_MOST_POINTS = 100_000
_Found = TypeVar("_Found")
_Given = ParamSpec("_Given")


def read_grid(path: Path | str) -> Grid:
    r"""Read a grid file (docs/sweeps.md), and open all that it names.

    Parameters
    ----------
    path : Path or str
        A TOML file; paths in it are taken from its folder on.

    Returns
    -------
    Grid
        Every key settled, every file digested.

    Raises
    ------
    InputError
        No TOML file; unknown keys, wrong values, empty lists, what does not go together, files
        that cannot be read: all faults in one message, each with its key.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "grid.toml"
    ...     _ = path.write_text('[corpora]\ncounts = "carried"\n[[embed]]\nd = []\n')
    ...     read_grid(path)
    Traceback (most recent call last):
    repsearch.errors.InputError: ...grid.toml has 2 faults:
      [[embed]] 1 has neither target nor loss; name one
      [[embed]] 1, d is an empty list; give at least one value
    """
    path = Path(path)
    content = _toml(path)
    reading = _Reading(path.absolute().parent)
    grid = reading.grid(content)
    faults = list(dict.fromkeys(reading.faults))
    if faults or grid is None:
        many = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        raise InputError("\n  ".join([f"{path} has {many}:", *faults]))
    return grid


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML file ({error}); mend that line") from None
    except (ValueError, RecursionError):
        raise InputError(
            f"{path} is no TOML file: it holds a number of thousands of digits, or is nested too "
            "deep; mend it"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path") from None


class _Reading:
    """Reads the tables of a grid file, and collects what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []

    def grid(self, content: Mapping[str, Any]) -> Grid | None:
        self._unknown(content, _SECTIONS, "the file")
        corpora, count, ask = (self._table(content, name) for name in ("corpora", "count", "ask"))
        counts = self._product(count, COUNT, "[count]")
        embeds = self._embeds(content.get("embed"))
        asked = self._asked(ask)
        sources = self._sources(corpora, counts or [{k: key.default for k, key in COUNT.items()}])
        if "count" in content and sources and all(one.counted for one in sources):
            self.faults.append("[count] is of texts, and [corpora] names no text; drop it")
        self._check_dimensions(embeds, sources, counts)
        number = len(embeds) * sum(1 if one.counted else len(counts) for one in sources)
        if number > _MOST_POINTS:
            self.faults.append(f"{number:,} points are more than the {_MOST_POINTS:,} of a sweep")
        if self.faults or asked is None:
            return None
        return Grid(tuple(sources), tuple(counts), tuple(settings for _, settings in embeds), asked)

    def _table(self, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = content.get(name, {})
        if isinstance(found, dict):
            return found
        self.faults.append(f"{name} must be a table, [{name}], and is {found!r:.60}")
        return {}

    def _unknown(self, table: Iterable[str], known: Iterable[str], where: str) -> None:
        known = list(known)
        for name in table:
            if name not in known:
                near = get_close_matches(name, known, 1)
                meant = f"; perhaps {near[0]} is meant" if near else f"; it may have {_list(known)}"
                self.faults.append(f"{where} has no key {name!r}{meant}")

    def _values(self, table: Mapping[str, Any], name: str, key: Key, where: str) -> list[Any]:
        """The values of a key, one or several; none where they are at fault."""
        given = table[name]
        values = given if isinstance(given, list) else [given]
        if not values:
            self.faults.append(f"{where}, {name} is an empty list; give at least one value")
        wrong = [fault for value in values if (fault := key.fault(value))]
        self.faults += [f"{where}, {name} is {fault}" for fault in wrong]
        if wrong:
            return []
        for k, value in enumerate(values):
            if value in values[:k]:
                self.faults.append(f"{where}, {name} has {value!r} twice")
        # 5 and 5.0 are the same, in the keys of tasks as well.
        return [float(value) for value in values] if key.kind == "number" else values

    def _too_many(self, lists: Mapping[str, list[Any]], where: str) -> bool:
        """Whether combinations are more than can be listed."""
        number = prod(map(len, lists.values()))
        if number > _MOST_POINTS:
            self.faults.append(
                f"{where} has {number:,} combinations, more than the {_MOST_POINTS:,} of a sweep"
            )
        return number > _MOST_POINTS

    def _product(
        self, table: Mapping[str, Any], keys: Mapping[str, Key], where: str
    ) -> list[dict[str, Any]]:
        """Every combination of the values of a table, defaults spelled out."""
        self._unknown(table, keys, where)
        lists = {
            name: self._values(table, name, keys[name], where) for name in table if name in keys
        }
        if self._too_many(lists, where):
            return []
        left_out = {name: key.default for name, key in keys.items() if name not in lists}
        return [
            {**left_out, **dict(zip(lists, values, strict=True))}
            for values in product(*lists.values())
        ]

    def _embeds(self, given: Any) -> list[tuple[int, Settings]]:
        """Ways to make embeddings, each with the number of its table."""
        if isinstance(given, dict):
            given = [given]
        if not isinstance(given, list) or not given:
            self.faults.append("there is no [[embed]] table, which says how embeddings are made")
            return []
        found: list[tuple[int, Settings]] = []
        maker: dict[frozenset[tuple[str, Any]], int] = {}
        for number, table in enumerate(given, start=1):
            where = f"[[embed]] {number}"
            if not isinstance(table, dict):
                self.faults.append(f"{where} is {table!r:.60}, and must be a table")
                continue
            for settings in self._embed(table, where):
                before = maker.setdefault(frozenset(settings.items()), number)
                if before != number:
                    self.faults.append(f"{where} makes points again that [[embed]] {before} makes")
                found.append((number, settings))
        return found

    def _embed(self, table: Mapping[str, Any], where: str) -> list[Settings]:
        kinds = [kind for kind in ("target", "loss") if kind in table]
        if len(kinds) != 1:
            both = "both target and loss; make a table of each" if kinds else (
                "neither target nor loss; name one"
            )  # fmt: skip
            self.faults.append(f"{where} has {both}")
        keys = OF_TARGET if kinds == ["target"] else OF_LOSS if kinds == ["loss"] else (
            {**OF_TARGET, **OF_LOSS}
        )  # fmt: skip
        if kinds == ["loss"] and find_spec("torch") is None:
            self.faults.append(
                f"{where}, loss needs torch, which is not installed; install it with "
                f"{installing('torch')}"
            )
        if "d" not in table:
            self.faults.append(f"{where} has no d, the dimension of embeddings; give it")
        for name in table:
            other = OF_LOSS if kinds == ["target"] else OF_TARGET
            if name not in keys and name in other:
                self.faults.append(
                    f"{where}, {name} is not of a {kinds[0]}; drop it, or make a table of "
                    f"{'a loss' if kinds == ['target'] else 'a target'}"
                )
        own = {name: value for name, value in table.items() if name not in (
            OF_LOSS.keys() | OF_TARGET.keys()
        ) - keys.keys()}  # fmt: skip
        self._unknown(own, keys, where)
        lists = {name: self._values(own, name, keys[name], where) for name in own if name in keys}
        if len(kinds) != 1 or self._too_many(lists, where):
            return []
        # What is at fault by itself does not hide what does not go together.
        whole = "d" in table and all(lists.values())
        lists = {name: values for name, values in lists.items() if values}
        found: list[Settings] = []
        for values in product(*lists.values()):
            settings, fault = settled(dict(zip(lists, values, strict=True)))
            if fault is None:
                found.append(settings)
            else:
                self.faults.append(f"{where}, {fault}; make a table of its own")
        return found if whole else []

    def _asked(self, table: Mapping[str, Any]) -> Asked | None:
        where = "[ask]"
        self._unknown(table, [*ASK, "probes", "similarity"], where)
        probes = Key("text", among=PROBES)
        names = self._values(
            {"probes": ["analogies", "similarity"], **table}, "probes", probes, where
        )
        one = {}
        for name, key in ASK.items():
            value = table.get(name, key.default)
            fault = None if value is None else key.fault(value)
            if fault is not None:
                self.faults.append(f"{where}, {name} is {fault}")
            one[name] = None if fault else value
        files = (
            self._values(table, "similarity", Key("text"), where) if "similarity" in table else []
        )
        uses = {
            "relations": ("analogies", "concepts"),
            "method": ("analogies",),
            "similarity": ("similarity",),
        }
        for name, users in uses.items():
            if name in table and names and not set(users) & set(names):
                self.faults.append(
                    f"{where}, {name} is of the probes {_list(users)} alone; drop it"
                )
        digests: dict[str, str] = {}
        relations = None if one["relations"] is None else self.folder / one["relations"]
        if relations is not None:
            self._try(f"{where}, relations", read_relations, relations)
            digests["relations"] = self._try(where, digest_of, relations) or ""
        similarity = tuple(self.folder / name for name in files)
        if similarity:
            for path in similarity:
                self._try(f"{where}, similarity", read_similarity, path)
            each = [self._try(where, digest_of, path) or "" for path in similarity]
            digests["similarity"] = " ".join(each)
        method = one["method"] or "3CosAdd"
        return Asked(tuple(names), method, relations, similarity, digests)

    def _sources(self, table: Mapping[str, Any], counts: list[dict[str, Any]]) -> list[Source]:
        where = "[corpora]"
        self._unknown(table, ("counts", "text"), where)
        if not {"counts", "text"} & set(table):
            self.faults.append("[corpora] names neither counts nor text; name a corpus")
        found = []
        if "counts" in table:
            for name in self._values(table, "counts", Key("text"), where):
                found.append(self._try(f"{where}, counts", counts_source, name, self.folder))
        for names in self._texts(table):
            found.append(self._try(f"{where}, text", text_source, names, self.folder, counts[0]))
        sources = [one for one in found if one is not None]
        labels = [one.label for one in sources]
        for label in dict.fromkeys(label for label in labels if labels.count(label) > 1):
            self.faults.append(f"{where} has {label!r} twice")
        return sources

    def _texts(self, table: Mapping[str, Any]) -> list[list[str]]:
        """Each corpus of text: a path, or a list of paths that are one text together."""
        if "text" not in table:
            return []
        given = table["text"]
        entries = given if isinstance(given, list) else [given]
        if not entries:
            self.faults.append("[corpora], text is an empty list; give at least one value")
        found = []
        for entry in entries:
            names = entry if isinstance(entry, list) else [entry]
            if not names or not all(isinstance(one, str) and one.strip() for one in names):
                self.faults.append(
                    f"[corpora], text has {entry!r:.60}, and must have paths, or lists of paths "
                    "that are one text together"
                )
                continue
            found.append(names)
        return found

    def _check_dimensions(
        self,
        embeds: Iterable[tuple[int, Settings]],
        sources: Iterable[Source],
        counts: Iterable[Settings],
    ) -> None:
        limits = {
            f"the {one.words:,} words of {one.label}": one.words for one in sources if one.counted
        }
        if any(not one.counted for one in sources):
            for how in counts:
                if how["vocabulary"] is not None:
                    size = int(how["vocabulary"])
                    limits[f"the vocabulary of {size:,}"] = size
        for number, settings in embeds:
            for what, most in limits.items():
                d = settings["d"]
                if isinstance(d, int) and d > most:
                    self.faults.append(f"[[embed]] {number}, d is {d:,}, more than {what}")

    def _try(
        self, where: str, read: Callable[_Given, _Found], *given: _Given.args, **more: _Given.kwargs
    ) -> _Found | None:
        try:
            return read(*given, **more)
        except InputError as error:
            self.faults.append(f"{where}: {error}")
            return None


def _list(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
