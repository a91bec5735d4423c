"""Name words by numbers in letters, so that every tokeniser keeps each as one word."""

from __future__ import annotations


def base26(number: int, width: int) -> str:
    """A number as `width` lower-case base26, which every tokeniser keeps as one word."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 26)
        digits.append(chr(ord("a") + digit))
    return "".join(reversed(digits))


def base26_width(count: int) -> int:
    """Width at which `base26` tells `count` numbers apart."""
    width = 1
    while 26**width < count:
        width += 1
    return width
