"""Say of one relation whether there is a direction, how clean it is, and on which modes it lies."""

from __future__ import annotations

from dataclasses import dataclass

from probes.concepts.coverage import FamilyCoverage
from probes.concepts.directions.held_out import HeldOut
from probes.concepts.localisation import Localisation
from probes.concepts.signal_to_noise.signal import Signal
from probes.drawing.labels import label_and_name
from probes.shared.several_tests import is_finding
from probes.shared.wording import counted
from repsearch.storage.visible import visible

MODES = 3
"""Modes that are named for each relation."""


@dataclass(frozen=True)
class ConceptProfile:
    """One relation in one embedding.

    Parameters
    ----------
    coverage : FamilyCoverage
        Pairs that can be used, and their graph.
    signal : Signal
        Share of the common direction in the differences.
    held_out : HeldOut
        Pairs ordered by the direction of the others.
    localisation : Localisation
        Shares of the direction on the modes of the embedding.
    adjusted : float
        p-value of the held-out accuracy, adjusted for the number of families (Holm 1979).
    control_adjusted : float
        p-value of that accuracy among those of random families, adjusted as well; 1 without them.
    smallest : float or None
        Of a relation that is not found, the smallest common share that the test would have
        found 8 times of 10; None where it could have found none, and where one is found.
    along : (tuple of str, tuple of str), optional
        Words other than the relation's own with the largest and the smallest cosine with its
        direction: those towards the second words, and those towards the first.
    controls_too_few : bool, default False
        Whether there are so many relations that `control_adjusted` could not be below 0.05
        with as few random families, whatever they show.

    Examples
    --------
    >>> from probes.concepts import profiles
    >>> from probes.relations import Relations
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> one = profiles(emb, Relations(world.relations), controls=0).profiles[0]
    >>> one.found, one.signal.pairs, one.localisation.leading(1)
    (True, 8, (1,))
    """

    coverage: FamilyCoverage
    signal: Signal
    held_out: HeldOut
    localisation: Localisation
    adjusted: float
    control_adjusted: float
    smallest: float | None
    along: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    controls_too_few: bool = False

    @property
    def found(self) -> bool:
        """Whether there is a direction: held-out pairs are ordered better than by chance."""
        return is_finding(self.adjusted)

    @property
    def selective(self) -> bool:
        """Whether held-out pairs are ordered better than random ones; True without a control.

        That is where the p-value among random families, adjusted for the number of relations,
        is below 0.05.
        """
        return not self.held_out.control or is_finding(self.control_adjusted)

    @property
    def undecided(self) -> bool:
        """Whether there are too few random families to say whether it is one of frequency.

        Not where random pairs are ordered as well before any adjustment: that is seen.
        """
        ordered_better = is_finding(self.held_out.control_p_value)
        return not self.selective and self.controls_too_few and ordered_better

    @property
    def verdict(self) -> str:
        """What the tests say, in a word or two, for a table.

        ``"direction"``; ``"frequency?"`` of one that random pairs of the same frequencies have
        as well; ``"controls?"`` where random families are too few to tell that; ``"not told"``
        from chance; ``"too few"`` pairs for the test to find anything.
        """
        if self.found:
            if self.undecided:
                return "controls?"
            return "direction" if self.selective else "frequency?"
        return "too few" if self.smallest is None else "not told"

    def summary(self) -> str:
        """Say in plain words whether there is a direction, how clean it is, and where it lies.

        Returns
        -------
        str
            One paragraph.
        """
        name, share = label_and_name(self.coverage.family), self.signal.share
        if not self.found:
            return (
                f"{name}: no direction that can be told from chance (held-out pairs ordered "
                f"rightly {self.held_out.accuracy.value:.0%}, p {self.held_out.p_value:.2g} "
                f"before and {self.adjusted:.2g} after adjustment). {self._power}"
            )
        modes = ", ".join(
            f"{mode} ({self.localisation.shares[mode - 1].value:.0%})"
            for mode in self.localisation.leading(MODES)
        )
        beyond = is_finding(self.localisation.p_value)
        place = "It sits on few modes" if beyond else "It is spread over modes as chance would"
        if self.undecided:
            place = (
                f"Its {len(self.held_out.control)} random families are too few to tell whether "
                f"it is one of frequency, with so many relations. {place}"
            )
        elif not self.selective:
            ordered = sum(self.held_out.control) / len(self.held_out.control)
            place = (
                f"It is not told from random pairs of the same frequencies ({ordered:.0%} of those "
                f"are ordered, p {self.control_adjusted:.2g}) and may be one of frequency. "
                f"{place}"
            )
        return (
            f"{name}: a direction; {share.value:.0%} [{max(share.low, 0):.0%}, {share.high:.0%}] "
            f"of a squared difference is common to the pairs, and "
            f"{self.held_out.accuracy.value:.0%} of held-out pairs are ordered rightly "
            f"(p {self.adjusted:.2g}). {place}: {self._most_on} {modes}.{self._words}"
        )

    @property
    def _most_on(self) -> str:
        within = self.localisation.within
        return f"{within}, most on" if within else "most on"

    @property
    def _words(self) -> str:
        """Words along the direction."""
        second, first = (", ".join(map(visible, words)) for words in self.along)
        said = [f"towards the second words {second}"] if second else []
        said += [f"towards the first {first}"] if first else []
        return f" Other words along it: {'; '.join(said)}." if said else ""

    @property
    def _power(self) -> str:
        """What the test could have found, lest nothing found be taken for nothing there."""
        pairs = counted(self.signal.groups, "independent pair")
        if self.smallest is None:
            return f"With {pairs} and this many relations no share could have been found."
        return (
            f"With {pairs} a common share of {self.smallest:.0%} would have been found 8 times "
            "of 10; a smaller one may well be there."
        )
