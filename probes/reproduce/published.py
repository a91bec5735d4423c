"""Look up the numbers that arXiv 2502.09863 publishes, figure by figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class PublishedNumber:
    """A number of the paper, or of its authors' program where the paper only draws it.

    Parameters
    ----------
    name : str
        By which a figure's own numbers are laid beside it.
    figure : str
        The figure or table.
    what : str
        What is counted or measured, in words.
    value : float or None
        The number; None where the paper lists words.
    decimals : int
        As many as it has.
    source : str
        Where it stands, and whether it was read from a picture.
    why : tuple of str
        Keys of the reasons why another number may be found (`why_different`).

    Examples
    --------
    >>> published()["3b.QWEM.men"].value
    0.755
    """

    name: str
    figure: str
    what: str
    value: float | None
    decimals: int
    source: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class PublishedTopic:
    """Words that figure 3a lists for a principal component.

    Parameters
    ----------
    mode : str
        Of which model, and which component.
    words : tuple of str
        The words.

    Examples
    --------
    >>> published_topics()[0].words[:2]
    ('jones', 'scott')
    """

    mode: str
    words: tuple[str, ...]


def published() -> Mapping[str, PublishedNumber]:
    """Give all published numbers by name, in the order of the figures.

    Returns
    -------
    mapping of str to PublishedNumber

    Examples
    --------
    >>> published()["3b.PPMI.analogies"].source
    'figure 3b (table)'
    """
    return _numbers()


def published_topics() -> tuple[PublishedTopic, ...]:
    """Give the words of figure 3a.

    Returns
    -------
    tuple of PublishedTopic

    Examples
    --------
    >>> len(published_topics())
    18
    """
    return tuple(PublishedTopic(one["mode"], tuple(one["words"])) for one in _content()["topics"])


def figure_4_curves() -> dict[str, Any]:
    """Give the curves of figure 4 as they were digitised: SNR within 2 %, accuracy within .01.

    Returns
    -------
    dict
        Dimensions under ``"d"``; by category, ``"snr"`` and ``"acc"``, None where unreadable.

    Examples
    --------
    >>> max(figure_4_curves()["country-nationality"]["snr"])
    28.92
    """
    found: dict[str, Any] = _content()["figure 4"]
    return found


def why_different(keys: tuple[str, ...], facts: Mapping[str, str]) -> list[str]:
    """Say why another number may be found.

    Parameters
    ----------
    keys : tuple of str
        Of a `PublishedNumber`.
    facts : mapping of str to str
        What is known of the counts and settings.

    Returns
    -------
    list of str
        A reason for each.

    Examples
    --------
    >>> why_different(("eye",), {})
    ['read from a picture']
    """
    return [_content()["why"][key].format_map(facts) for key in keys]


@cache
def _numbers() -> dict[str, PublishedNumber]:
    found = {}
    for one in _content()["numbers"]:
        found[one["id"]] = PublishedNumber(
            one["id"], one["figure"], one["what"], one["value"], one["decimals"], one["source"],
            tuple(one["why"]),
        )  # fmt: skip
    order = {figure: k for k, figure in enumerate(("1", "2", "3a", "3b", "4", "5", "6", "7", "8"))}
    return dict(sorted(found.items(), key=lambda item: order[item[1].figure]))


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("probes.reproduce").joinpath("published.json").read_text("utf-8")
    )
    return found
