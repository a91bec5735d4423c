"""Index a vocabulary by the case folding of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repsearch.text.normalisation import fold


def folded_rows(words: Sequence[str]) -> dict[str, list[int]]:
    """Index the words that case folding changes by what it makes of them.

    Parameters
    ----------
    words : sequence of str
        A vocabulary.

    Returns
    -------
    dict of str to list of int
        Rows by folded word. Words that are their own folding are added only where
        another word shares it.

    Examples
    --------
    >>> folded_rows(["athens", "Athens", "rome"])
    {'athens': [0, 1]}
    """
    keys = list(words)
    plain = [row for row, word in enumerate(words) if word.isascii()]
    other = [row for row, word in enumerate(words) if not word.isascii()]
    for rows, folded in ((plain, str.lower), (other, fold)):
        for row, key in zip(rows, _all_at_once([words[row] for row in rows], folded), strict=True):
            keys[row] = key
    changed: dict[str, list[int]] = {}
    for row, (key, word) in enumerate(zip(keys, words, strict=True)):
        if key != word:
            changed.setdefault(key, []).append(row)
    if changed:
        for row, (key, word) in enumerate(zip(keys, words, strict=True)):
            if key == word and key in changed:
                changed[key] = sorted([*changed[key], row])
    return changed


def _all_at_once(words: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change words in one call, several times as fast as one for each.

    A line's end takes part in no composition of characters.
    """
    changed = change("\n".join(words)).split("\n") if words else []
    # Another number where a word holds a line's end.
    return changed if len(changed) == len(words) else [change(word) for word in words]
