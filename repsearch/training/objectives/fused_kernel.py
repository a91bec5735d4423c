"""Work out the gradient of SGNS on a GPU in one pass: product, sigmoid and sum, tile by tile.

A program has a block of rows of one side in shared memory and walks over the
other side. Of a tile it computes X = A_I C_J^T, the coefficient
D = sigma(X) (base + (1 - seen) Psi+P) - Psi+P (dL/dx_ij), and adds D C_J to its
sum. X and D are never written. Everything is padded with zeros to whole tiles,
where D is 0, so nothing is masked.

Tensor cores take the second factor of a TF32 product only where its columns lie together in
memory. C_J does for X and not for D C_J, and the compiler would carry it through registers and
lay it out anew in every tile, waiting for it each time. So a second copy of C, transposed, comes
along (TURNED), and all loads of the next tile run while this one is worked on. They also cut
float32 off after 10 bits, which leans towards 0; D is rounded to nearest before (ROUND), as the
vectors are by the caller.

Imports Triton, which is not installed everywhere: import this file only where it is.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _to_nearest(x):  # type: ignore[no-untyped-def]
    """Round float32 to the 10 bits of TF32, to the nearest, ties to even."""
    bits = x.to(tl.int32, bitcast=True)
    bits = (bits + 0x0FFF + ((bits >> 13) & 1)) & -8192
    return bits.to(tl.float32, bitcast=True)


@triton.jit
def sgns_products(  # type: ignore[no-untyped-def]  # Triton reads annotations as its own
    rows,
    columns,
    turned,
    positive,
    left,
    right,
    sums,
    n_padded,
    stretch,
    unseen,
    RANK: tl.constexpr,
    WIDTH: tl.constexpr,
    BLOCK_I: tl.constexpr,
    BLOCK_J: tl.constexpr,
    PRECISION: tl.constexpr,
    TURNED: tl.constexpr,
    ROUND: tl.constexpr,
) -> None:
    """Add up D C of one block of rows over one stretch of columns.

    rows, columns: (n_padded, WIDTH); turned: (WIDTH, n_padded), read if TURNED;
    positive: (n_padded, n_padded) float32; left, right: (RANK, n_padded) float32;
    sums: (number of stretches, n_padded, WIDTH) float32; stretch: how many columns a
    program walks over; unseen: 1 - seen.
    """
    i = tl.program_id(0) * BLOCK_I + tl.arange(0, BLOCK_I)
    k = tl.arange(0, WIDTH)
    block = tl.load(rows + i[:, None] * WIDTH + k[None, :])
    # Beyond 46,000 words a place in `positive` does not fit into 32 bits.
    line = positive + i[:, None].to(tl.int64) * n_padded
    total = tl.zeros((BLOCK_I, WIDTH), tl.float32)
    first = tl.program_id(1) * stretch
    for start in range(first, tl.minimum(first + stretch, n_padded), BLOCK_J):
        j = start + tl.arange(0, BLOCK_J)
        across = tl.load(columns + j[:, None] * WIDTH + k[None, :])
        x = tl.dot(block, tl.trans(across), input_precision=PRECISION)
        seen_part = tl.load(line + j[None, :])
        base = unseen * seen_part
        for r in tl.static_range(RANK):
            u = tl.load(left + r * n_padded + i)
            v = tl.load(right + r * n_padded + j)
            base += u[:, None] * v[None, :]
        # exp(-x) may overflow to infinity, where base / (1 + inf) = 0 is right.
        coefficient = base / (1 + tl.exp(-x)) - seen_part
        if ROUND:
            coefficient = _to_nearest(coefficient)
        down = across
        if TURNED:
            down = tl.trans(tl.load(turned + k[:, None] * n_padded + j[None, :]))
        total = tl.dot(coefficient.to(across.dtype), down, total, input_precision=PRECISION)
    place = tl.program_id(1).to(tl.int64) * n_padded * WIDTH
    tl.store(sums + place + i[:, None] * WIDTH + k[None, :], total)
