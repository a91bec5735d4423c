"""Look up the chief numbers of arXiv 2502.09863, figure by figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Read = Literal["printed", "picture", "authors"]
MARKS: Mapping[Read, str] = {"printed": "", "picture": "†", "authors": "‡"}
"""What stands behind a number that the paper does not print."""
LEGEND = (
    "Of the paper's numbers, those with † were read from its pictures, and those with ‡ are of its "
    "authors' repository (logs, a plot, what their program prints); the others are printed in it."
)


@dataclass(frozen=True)
class PublishedNumber:
    """A number of the paper, or of its authors' repository where the paper only draws it.

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
        As many as it has; of a quotient, as many as are worth printing.
    read : {"printed", "picture", "authors"}
        Whether the paper prints it, a picture of the paper's was read, or it is of the authors'
        repository: a log, a plot or what their program prints.
    source : str
        Where it stands.
    why : tuple of str
        Keys of the reasons why another number may be found
        (`probes.reproduce.reasons.reasons_for`).
    relation : str
        The paper's name of the relation that it is of; empty where it is of none.
    hand : float or None
        Factor by which the authors multiplied their estimate.

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
    read: Read
    source: str
    why: tuple[str, ...]
    relation: str = ""
    hand: float | None = None


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
    """Give the published numbers by name, in the order of the figures.

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


def published_pairs() -> dict[str, int]:
    """Give how many pairs of each relation both had their words in the paper's vocabulary.

    Returns
    -------
    dict of str to int
        By the paper's name of the relation.

    Examples
    --------
    >>> published_pairs()["male-female"]
    16
    """
    found: dict[str, int] = _content()["pairs"]
    return found


@cache
def _numbers() -> dict[str, PublishedNumber]:
    found = {}
    for one in _content()["numbers"]:
        # Of two numbers that were read from a picture the quotient is never stored rounded.
        upper, lower = one.get("quotient", (one.get("value"), 1))
        found[one["id"]] = PublishedNumber(
            one["id"], one["figure"], one["what"], None if upper is None else upper / lower,
            one["decimals"], one["read"], one["source"], tuple(one["why"]),
            one.get("relation", ""), one.get("hand"),
        )  # fmt: skip
    order = {figure: k for k, figure in enumerate(("1", "2", "3a", "3b", "4", "5", "6", "7", "8"))}
    return dict(sorted(found.items(), key=lambda item: order[item[1].figure]))


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("probes.reproduce").joinpath("published.json").read_text("utf-8")
    )
    return found
