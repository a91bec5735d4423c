"""Draw uniform numbers and entries of a distribution, the same on every device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Of the SplitMix64 generator (Steele, Lea and Flood 2014), as signed numbers.
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


def uniforms(count: int, *, seed: int, stream: tuple[int, ...], device: torch.device) -> Tensor:
    """Draw uniform numbers in [0, 1), the same on every device and number of threads.

    The generator of torch takes 32 bits of a seed on the CPU, and after 100,000 steps
    some would share all they draw; it also draws other numbers on other devices.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        Seed of the run.
    stream : tuple of int
        What in the run they are drawn for, its step for example.
    device : torch.device
        Where they are made.

    Returns
    -------
    (count,) float64 tensor
        Multiples of 2^-53, by SplitMix64.

    Examples
    --------
    >>> [round(u, 4) for u in uniforms(2, seed=0, stream=(7,), device=torch.device("cpu")).tolist()]
    [0.5048, 0.2446]
    """
    z = torch.arange(1, count + 1, device=device) * _GOLDEN + stream_key(seed, stream)
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    z = z ^ _shifted(z, 31)
    return _shifted(z, 11).double() * 2.0**-53


def stream_key(seed: int, stream: tuple[int, ...]) -> int:
    """Give the place at which SplitMix64 begins, 64 bits read as a signed number.

    Parameters
    ----------
    seed : int
        Seed of the run.
    stream : tuple of int
        What in the run is drawn.

    Returns
    -------
    int
        From -2^63 to 2^63 - 1.
    """
    state = np.random.SeedSequence(seed, spawn_key=stream).generate_state(1, np.uint64)
    return int(state.astype(np.int64)[0])


def _shifted(z: Tensor, bits: int) -> Tensor:
    """Shift as unsigned numbers are shifted."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def cumulative_sums(weights: NDArray[np.floating], axis: int | None = None) -> Tensor:
    """Add up weights in float64, all entries row by row or along an axis.

    Parameters
    ----------
    weights : array of float
        None negative.
    axis : int, optional
        The axis; all entries in one row by default.

    Returns
    -------
    float64 tensor
        Sums up to each entry and with it.

    Examples
    --------
    >>> cumulative_sums(np.array([0.5, 0.25, 0.25])).tolist()
    [0.5, 0.75, 1.0]
    """
    return torch.from_numpy(np.cumsum(weights, axis=axis, dtype=np.float64))


def draw_entries(sums: Tensor, drawn: Tensor) -> Tensor:
    """Find the entries in which uniform numbers fall, each as likely as it is large.

    Entries of 0 are never drawn: u < 1 is at most 1 - 2^-53, and u times the total
    is below the total after rounding as well, unless that is a subnormal number.

    Parameters
    ----------
    sums : (..., n) float64 tensor
        From `cumulative_sums`.
    drawn : (..., N) float64 tensor
        Uniform numbers in [0, 1).

    Returns
    -------
    (..., N) int64 tensor
        Entries, counted from 0.

    Examples
    --------
    >>> sums = cumulative_sums(np.array([0.5, 0.0, 0.5]))
    >>> draw_entries(sums, torch.tensor([0.2, 0.5, 0.9], dtype=torch.float64)).tolist()
    [0, 2, 2]
    """
    return torch.searchsorted(sums, drawn * sums[..., -1:], right=True)
