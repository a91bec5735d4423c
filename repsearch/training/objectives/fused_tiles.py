"""Divide the work of the fused kernel among the multiprocessors of a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from repsearch.training.compute import Products

_MOST_STRETCHES = 16


@dataclass(frozen=True)
class Tiles:
    """How the kernel divides its work.

    Parameters
    ----------
    rows, columns : int
        Sides of a tile of X, powers of two from 16 to 128.
    warps : int
        Groups of 32 threads that work on a tile.
    stages : int
        Tiles in shared memory at once: the next are fetched while one is worked on.
    """

    rows: int
    columns: int
    warps: int
    stages: int


TILES: dict[Products, Tiles] = {
    "full": Tiles(64, 32, 16, 1),
    "tf32": Tiles(128, 32, 8, 2),
    "bfloat16": Tiles(128, 64, 8, 3),
}
"""Up to 256 dimensions these spill no registers and need at most the 227 KiB of shared
memory that a multiprocessor of an H200 has, by the compiler's report (a test holds it to that)."""


def stretch_of(blocks: int, columns: int, processors: int) -> int:
    """Choose how many tiles in a row a program walks over, so that few processors idle at the end.

    Whole rows unless there are too few of them to go round: with 79 blocks on 132
    processors 53 would do nothing.

    Parameters
    ----------
    blocks, columns : int
        Tiles down and across.
    processors : int
        Multiprocessors to keep busy.

    Returns
    -------
    int
        Tiles in a row.
    """

    def idle(stretches: int) -> float:
        programs = blocks * stretches
        return 1 - programs / (-(-programs // processors) * processors)

    # The fewest that leave at most a twentieth more idle than the best: each costs a sum.
    choices = range(1, min(_MOST_STRETCHES, columns) + 1)
    least = min(map(idle, choices))
    stretches = next(n for n in choices if idle(n) <= least + 0.05)
    return -(-columns // stretches)
