"""Read families of word pairs from JSON."""

from __future__ import annotations

import json
from pathlib import Path

from probes.relations.relations import Pair
from probes.relations.word_files import read_text
from repsearch.errors import InputError

_SHAPE = 'an object such as {"family": [["king", "queen"], ["boy", ["girl", "lass"]]]}'
_SHOWN = 80


def families_of_json(path: Path) -> dict[str, list[tuple[Pair, tuple[str, ...]]]]:
    """Read an object of families, each a list of pairs.

    Parameters
    ----------
    path : Path
        The file. The second of a pair may be a list of words, all of them right.

    Returns
    -------
    dict of str to list
        By family the pairs, each with its further answers.

    Raises
    ------
    InputError
        The file cannot be read, or an entry is no pair of words.
    """
    try:
        content = json.loads(read_text(path), object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno} of {path} is not JSON ({error.msg}); write {_SHAPE}"
        ) from None
    except _RepeatedKeyError as error:
        raise InputError(
            f"{path} has the family {error.args[0]!r} twice; join the two lists"
        ) from None
    except (RecursionError, ValueError):  # nested too deep, a number of too many digits
        raise InputError(f"{path} does not hold families of pairs; write {_SHAPE}") from None
    if not isinstance(content, dict) or not all(isinstance(v, list) for v in content.values()):
        raise InputError(f"{path} does not hold families of pairs; write {_SHAPE}")
    return {
        family: [_entry(entry, place, family, path) for place, entry in enumerate(pairs, start=1)]
        for family, pairs in content.items()
    }


def _entry(entry: object, place: int, family: str, path: Path) -> tuple[Pair, tuple[str, ...]]:
    if isinstance(entry, list) and len(entry) == 2:
        first, right = entry[0], entry[1] if isinstance(entry[1], list) else [entry[1]]
        words = [first, *right]
        if right and all(isinstance(word, str) and word.strip() for word in words):
            word, usual, *further = (one.strip() for one in words)
            return (word, usual), tuple(further)
    shown = json.dumps(entry)
    raise InputError(
        f"entry {place} of family {family!r} in {path} is "
        f"{shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}; a pair is a list of two "
        "words, of which the second may be a list of right ones"
    )


class _RepeatedKeyError(Exception):
    """A key comes twice in a JSON object, of which `json` would keep the last."""


def _without_repeats(items: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in items:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found
