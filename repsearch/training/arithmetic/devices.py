"""Tell where a tensor lies: on the host every number is at hand, from a device it must be fetched.

A number that Python asks a device for stops the program until all work queued there is done, and
a number that Python sends stops it as well. So what runs on a device keeps its numbers there and
asks for few of them at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def on_host(tensor: Tensor) -> bool:
    """Tell whether a tensor lies in the memory of the processor that runs Python.

    Parameters
    ----------
    tensor : tensor
        Of any shape.

    Returns
    -------
    bool
        Whether reading one of its numbers is cheap.

    Examples
    --------
    >>> import torch
    >>> on_host(torch.zeros(2))
    True
    """
    return bool(tensor.device.type == "cpu")
