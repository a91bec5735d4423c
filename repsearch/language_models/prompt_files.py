"""Read prompts with labels from JSON lines: contrast pairs, labelled sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repsearch.embeddings.formats.streams import reading
from repsearch.errors import InputError
from repsearch.language_models.templates import Prompt

FIELDS = ("text", "label", "concept", "pair", "template", "span")


@dataclass(frozen=True)
class LabelledPrompt:
    """A text with its label, and what it belongs to.

    Parameters
    ----------
    prompt : Prompt
        The text, and the place in it whose states are taken.
    label : str
        Which side of the concept it is on.
    concept : str
        The set of prompts that it is one of.
    pair : str, optional
        Name of its contrast pair: two prompts of the concept, of different labels.
    template : str, optional
        What it shares with others: a template, a source. Never on both sides of a split.
    where : str, optional
        File and line, for messages.

    Examples
    --------
    >>> LabelledPrompt(Prompt("I saw it.", 0, 9), "past", "tense").pair is None
    True
    """

    prompt: Prompt
    label: str
    concept: str
    pair: str | None = None
    template: str | None = None
    where: str = field(default="", compare=False)

    def row(self) -> dict[str, Any]:
        """Give it as a line of a file that `read_prompts` reads.

        Returns
        -------
        dict
            The fields that it has; the span in characters.
        """
        row: dict[str, Any] = {
            "text": self.prompt.text,
            "label": self.label,
            "concept": self.concept,
            "span": [self.prompt.begin, self.prompt.end],
        }
        named = {"pair": self.pair, "template": self.template}
        return row | {name: value for name, value in named.items() if value is not None}


def read_prompts(path: Path | str) -> list[LabelledPrompt]:
    r"""Read prompts from JSON lines: one object a line.

    ``text`` and ``label`` are there in each. ``concept`` names the set that a prompt belongs to,
    the name of the file by default. ``pair`` is the same for the two prompts of a contrast pair,
    ``template`` for prompts that must not be on both sides of a split. ``span`` is what is looked
    at of the text: words that stand in it once, or ``[begin, end]`` in characters; all of it by
    default. Fields of other names are not looked at.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8.

    Returns
    -------
    list of LabelledPrompt
        In the order of the lines.

    Raises
    ------
    InputError
        The file cannot be read, a line is not as described, or a pair is none; the message
        names the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tense.jsonl"
    ...     _ = path.write_text(
    ...         '{"text": "I see it", "label": "present", "pair": 1, "span": "see"}\n'
    ...         '{"text": "I saw it", "label": "past", "pair": 1, "span": "saw"}\n'
    ...     )
    ...     found = read_prompts(path)
    >>> [(one.concept, one.label, one.prompt.begin, one.prompt.end) for one in found]
    [('tense', 'present', 2, 5), ('tense', 'past', 2, 5)]
    """
    path = Path(path)
    found = []
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                found.append(_prompt(line, f"{path}, line {number}", path.stem))
    if not found:
        raise InputError(f"{path} holds no prompt; write an object with text and label a line")
    check_prompts(found)
    return found


def check_prompts(prompts: Sequence[LabelledPrompt]) -> None:
    """Refuse prompts whose pairs are none, and prompts that come twice.

    Parameters
    ----------
    prompts : sequence of LabelledPrompt
        The prompts.

    Raises
    ------
    InputError
        No prompt; a prompt that comes twice in its concept; a pair that is not two prompts with
        different labels; pairs for a part of a concept.
    """
    if not prompts:
        raise InputError("there is no prompt; pass some")
    # Two pairs may have a prompt in common, which is then run twice and kept together.
    seen: set[tuple[str, Prompt, str | None]] = set()
    for one in prompts:
        if (key := (one.concept, one.prompt, one.pair)) in seen:
            raise InputError(
                f"{_where(one)} comes twice in {one.concept or 'its concept'}"
                f"{' and its pair' * (one.pair is not None)}; leave one out"
            )
        seen.add(key)
    paired = {one.concept for one in prompts if one.pair is not None}
    sides: dict[tuple[str, str], set[str]] = {}
    sizes: Counter[tuple[str, str]] = Counter()
    for one in prompts:
        if one.concept in paired:
            if one.pair is None:
                raise InputError(
                    f"{_where(one)} has no pair, and others of {one.concept or 'its concept'} "
                    "have; give it one, or another concept"
                )
            sides.setdefault((one.concept, one.pair), set()).add(one.label)
            sizes[one.concept, one.pair] += 1
    for one in prompts:
        key_of_pair = (one.concept, one.pair or "")
        if one.pair is not None and (sizes[key_of_pair], len(sides[key_of_pair])) != (2, 2):
            raise InputError(
                f"{_where(one)}: the pair {one.pair!r} of {one.concept or 'the concept'} is not "
                "two prompts with different labels; mend it or leave it out"
            )


def _where(one: LabelledPrompt) -> str:
    return one.where or f"the prompt {one.prompt.text[:40]!r}"


def _prompt(line: bytes, where: str, concept: str) -> LabelledPrompt:
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(f"{where} is no JSON in UTF-8; write one object a line") from None
    if not isinstance(given, dict):
        raise InputError(f"{where} is no JSON object; write one a line, with text and label")
    text = given.get("text")
    if not isinstance(text, str) or not text.strip() or not _can_be_written(text):
        raise InputError(f"{where} has no text in its field 'text'; write some")
    if (label := _name(given, "label", where)) is None:
        raise InputError(f"{where} has no label; write one in its field 'label'")
    begin, end = _span(given.get("span"), text, where)
    named = _name(given, "concept", where)
    return LabelledPrompt(
        prompt=Prompt(text, begin, end),
        label=label,
        concept=concept if named is None else named,
        pair=_name(given, "pair", where),
        template=_name(given, "template", where),
        where=where,
    )


def _name(given: dict[str, Any], field: str, where: str) -> str | None:
    """A name, or a whole number as its digits: 1 and "1" are one pair."""
    value = given.get(field)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    if isinstance(value, str) and value.strip() and _can_be_written(value):
        return value
    raise InputError(f"{where} has the {field} {str(value)[:40]!r}; write a name or a whole number")


def _span(given: Any, text: str, where: str) -> tuple[int, int]:
    if given is None:
        return 0, len(text)
    if isinstance(given, str) and given:
        if text.count(given) != 1:
            raise InputError(
                f"{where}: the span {given[:40]!r} stands {text.count(given)} times in the text; "
                "write [begin, end] in characters"
            )
        return text.index(given), text.index(given) + len(given)
    if (
        isinstance(given, list)
        and len(given) == 2
        and all(isinstance(place, int) and not isinstance(place, bool) for place in given)
        and 0 <= given[0] < given[1] <= len(text)
    ):
        return given[0], given[1]
    raise InputError(
        f"{where}: the span {str(given)[:40]} is no part of the text; write words of it, or "
        f"[begin, end] in characters from 0 to {len(text)}"
    )


def _can_be_written(text: str) -> bool:
    """Whether it is without halves of surrogate pairs, which no tokenizer takes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
