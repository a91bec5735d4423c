"""Name words by numbers in letters, so that every tokeniser keeps each as one word."""

from __future__ import annotations


def base26(number: int, width: int) -> str:
    """Write a number in letters, a for 0 to z for 25.

    Parameters
    ----------
    number : int
        The number, from 0 to below 26^width.
    width : int
        Number of letters.

    Returns
    -------
    str
        Lower-case letters, the most significant one first.

    Examples
    --------
    >>> base26(0, 2), base26(1, 2), base26(27, 2)
    ('aa', 'ab', 'bb')
    """
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 26)
        digits.append(chr(ord("a") + digit))
    return "".join(reversed(digits))


def base26_width(count: int) -> int:
    """Count the letters that tell so many numbers apart.

    Parameters
    ----------
    count : int
        How many different names are needed.

    Returns
    -------
    int
        Smallest width, at least 1, of which `base26` has `count` names.

    Examples
    --------
    >>> base26_width(26), base26_width(27)
    (1, 2)
    """
    width = 1
    while 26**width < count:
        width += 1
    return width
