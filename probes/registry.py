"""List the probes that the command line and the report iterate over.

A probe is a function that returns a `probes.result.Result`, and an entry here.
The entry makes it a command, ``repsearch probe NAME``, with its tables and figures, and
a section of the report where it asks for no more than a report has (docs/add-a-probe.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from probes.concepts.spiked_families import spiked_families
from probes.result import Result


@dataclass(frozen=True)
class Option:
    """A keyword of a probe's function that the command line offers.

    Its type and its default are those of the function's signature.

    Parameters
    ----------
    name : str
        The keyword; ``--name`` on the command line.
    help : str
        One sentence.
    flags : tuple of str
        Other ways to write it, such as ``("--d", "-d")``.
    least : int, optional
        Smallest value taken.
    """

    name: str
    help: str
    flags: tuple[str, ...] = ()
    least: int | None = None


@dataclass(frozen=True)
class Probe:
    """An entry of the registry.

    Parameters
    ----------
    name : str
        The command, and the anchor of its section in the report.
    title : str
        Headline of its section.
    ask : callable
        Takes what is named in `needs` as keywords, the options, and where it has them
        ``seed`` and ``progress``; returns a `Result`.
    needs : tuple of str
        What it is asked of: "embeddings", "modes" (a spectrum, or embeddings on their principal
        axes), "relations", or another of those that `repsearch.cli.given` can read.
    help : str
        What the command says of itself: a sentence, then what a user should know.
    options : tuple of Option
        In the order in which the command lists them.
    in_report : bool
        Whether ``repsearch run`` asks it, with its defaults, and reports what it found.
        Only where it needs nothing but embeddings, modes and relations.
    """

    name: str
    title: str
    ask: Callable[..., Result]
    needs: tuple[str, ...]
    help: str
    options: tuple[Option, ...] = ()
    in_report: bool = False


PROBES: tuple[Probe, ...] = (
    Probe(
        name="spiked",
        title="Relations as spikes",
        ask=spiked_families,
        needs=("embeddings", "relations"),
        help="Fit a common direction plus noise to each relation: spikes, strength, dimension, "
        "fit.\n\nSays where the model does not fit. How far its numbers can be trusted is in "
        "docs/calibration.md.",
        options=(
            Option("d", "Only the first columns; all by default.", ("--d", "-d"), least=2),
            Option(
                "controls", "Families of random pairs of the same frequencies, for each.", (), 0
            ),
        ),
    ),
)
