"""Draw words as they are: no mathematics in them, no letters that act."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

from repsearch.storage.visible import visible

_OWN = r"\mathdefault"
"""In the labels that Matplotlib writes on axes of powers of ten, which are mathematics."""


def take_literally(figure: Figure) -> None:
    r"""Keep Matplotlib from reading the texts of a figure as mathematics (``$\frac``).

    Parameters
    ----------
    figure : Figure
        The figure, drawn; nothing of ours in it is mathematics.

    Examples
    --------
    >>> figure = Figure()
    >>> text = figure.text(0, 0, "$a$ \x1b")
    >>> take_literally(figure)
    >>> text.get_parse_math(), text.get_text()
    (False, '$a$ \\x1b')
    """
    for axes in figure.get_axes():
        for axis in (axes.xaxis, axes.yaxis):
            formatter = axis.get_major_formatter()
            if isinstance(formatter, FixedFormatter):
                formatter.seq = [visible(str(label), lines=True) for label in formatter.seq]
                for text in axis.get_majorticklabels():
                    text.set_parse_math(False)
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        shown = text.get_text()
        if _OWN in shown:
            continue
        if "$" in shown:
            text.set_parse_math(False)
        if visible(shown, lines=True) != shown:
            text.set_text(visible(shown, lines=True))
