"""Put words into sentences, and remember where in the sentence each word is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repsearch.errors import InputError

TEMPLATES = ("They spoke of {}", "The next word is {}", "This is about {}")
"""Sentences without a word of their own that says much, with the word at the end.

A word never stands first: the first token of a sequence has states like no other in models that
rest their attention on it (Xiao et al. 2024, arXiv 2309.17453).
"""


@dataclass(frozen=True)
class Prompt:
    """A text with the place of what is looked at in it.

    Parameters
    ----------
    text : str
        What the model reads.
    begin, end : int
        Characters of the text whose states are taken.

    Examples
    --------
    >>> prompt = Prompt("He saw it.", 3, 6)
    >>> prompt.text[prompt.begin : prompt.end]
    'saw'
    """

    text: str
    begin: int
    end: int


def check_templates(templates: Sequence[str]) -> None:
    """Refuse templates that do not have one place for a word.

    Parameters
    ----------
    templates : sequence of str
        Sentences with ``{}`` where the word goes.

    Raises
    ------
    InputError
        No template, the same twice, or one without exactly one ``{}``.
    """
    if not templates:
        raise InputError("there is no template; pass at least one, such as 'They spoke of {}'")
    for template in templates:
        if template.count("{}") != 1:
            raise InputError(
                f"the template {template!r} has {template.count('{}')} places for a word; write "
                "{} once, where the word goes"
            )
    if len(set(templates)) < len(templates):
        raise InputError("a template is given twice; leave one out")


def put_into(template: str, word: str) -> Prompt:
    """Put a word into a template.

    Parameters
    ----------
    template : str
        Sentence with ``{}`` where the word goes.
    word : str
        The word.

    Returns
    -------
    Prompt
        The sentence, and where the word is in it.

    Examples
    --------
    >>> prompt = put_into("They spoke of {}.", "owls")
    >>> prompt.text, prompt.text[prompt.begin : prompt.end]
    ('They spoke of owls.', 'owls')
    """
    before, _, after = template.partition("{}")
    return Prompt(before + word + after, len(before), len(before) + len(word))
