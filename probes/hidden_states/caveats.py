"""Say what a held-out number of hidden states leaves open, in the words of all of these probes."""

from __future__ import annotations

from probes.shared.several_tests import is_finding
from probes.shared.wording import counted


def caveats(*, groups: int, equal: int, least_p: float, with_the_group: str | None) -> list[str]:
    """List what has to be said after a result.

    Parameters
    ----------
    groups : int
        Groups that can be held out.
    equal : int
        Rows that are equal to one of another group, whose groups were joined.
    least_p : float
        The smallest p-value that there can be.
    with_the_group : str or None
        What the quantity is with rows of the same groups on both sides, where that is clearly
        more; None where it is not.

    Returns
    -------
    list of str
        Sentences; none where nothing has to be said.

    Examples
    --------
    >>> caveats(groups=4, equal=0, least_p=0.06, with_the_group=None)
    ['With 4 groups no p below 0.06 is possible; more groups are needed.']
    """
    lines = []
    if equal:
        lines.append(
            f"{counted(equal, 'row is', 'rows are')} equal to one of another group, or nearly so; "
            "such groups were joined, for a copy on both sides of a split is known without "
            "anything to be read."
        )
    if not is_finding(least_p):
        lines.append(
            f"With {groups} groups no p below {least_p:.2g} is possible; more groups are needed."
        )
    if with_the_group is not None:
        lines.append(
            f"With rows of the same groups on both sides {with_the_group}: what is beyond is owed "
            "to knowing the group."
        )
    return lines
