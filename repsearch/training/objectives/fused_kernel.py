"""Work out the gradient of SGNS on a GPU in one pass: product, sigmoid and sum, tile by tile.

A program has a block of rows of one side in shared memory and walks over the
other side. Of a tile it computes X = A_I C_J^T, the coefficient
D = sigma(X) (base + (1 - seen) Psi+P) - Psi+P (dL/dx_ij), and adds D C_J to its
sum. X and D are never written. Everything is padded with zeros to whole tiles,
where D is 0, so nothing is masked.

With HALVES a factor is the sum of two bfloat16, its value rounded and what that left of it, and a
product is three: both rounded, and each rounded with what was left of the other. That has 16 bits
where TF32 has 11, and is faster: tensor cores do bfloat16 at twice the rate, a tile takes half the
shared memory, and they take a second factor of bfloat16 as it lies, of TF32 only where its columns
lie together, so that D C_J would need a transposed copy of C as well.

Imports Triton, which is not installed everywhere: import this file only where it is.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _to_nearest(x):  # type: ignore[no-untyped-def]
    """Round float32 to the 8 significant bits of bfloat16, to the nearest, ties to even."""
    bits = x.to(tl.int32, bitcast=True)
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & -65536
    return bits.to(tl.float32, bitcast=True)


@triton.jit
def sgns_products(  # type: ignore[no-untyped-def]  # Triton reads annotations as its own
    rows,
    columns,
    rows_left,
    columns_left,
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
    HALVES: tl.constexpr,
) -> None:
    """Add up D C of one block of rows over one stretch of columns.

    rows, columns: (n_padded, WIDTH); rows_left, columns_left: what rounding them left, read if
    HALVES; positive: (n_padded, n_padded) float32; left, right: (RANK, n_padded) float32;
    sums: (number of stretches, n_padded, WIDTH) float32; stretch: how many columns a
    program walks over; unseen: 1 - seen.
    """
    i = tl.program_id(0) * BLOCK_I + tl.arange(0, BLOCK_I)
    k = tl.arange(0, WIDTH)
    block = tl.load(rows + i[:, None] * WIDTH + k[None, :])
    block_left = block
    if HALVES:
        block_left = tl.load(rows_left + i[:, None] * WIDTH + k[None, :])
    # Beyond 46,000 words a place in `positive` does not fit into 32 bits.
    line = positive + i[:, None].to(tl.int64) * n_padded
    total = tl.zeros((BLOCK_I, WIDTH), tl.float32)
    first = tl.program_id(1) * stretch
    for start in range(first, tl.minimum(first + stretch, n_padded), BLOCK_J):
        j = start + tl.arange(0, BLOCK_J)
        across = tl.load(columns + j[:, None] * WIDTH + k[None, :])
        across_left = across
        if HALVES:
            across_left = tl.load(columns_left + j[:, None] * WIDTH + k[None, :])
            x = tl.dot(block_left, tl.trans(across))
            x = tl.dot(block, tl.trans(across_left), x)
            x = tl.dot(block, tl.trans(across), x)
        else:
            x = tl.dot(block, tl.trans(across), input_precision="ieee")
        seen_part = tl.load(line + j[None, :])
        base = unseen * seen_part
        for r in tl.static_range(RANK):
            u = tl.load(left + r * n_padded + i)
            v = tl.load(right + r * n_padded + j)
            base += u[:, None] * v[None, :]
        # exp(-x) may overflow to infinity, where base / (1 + inf) = 0 is right.
        coefficient = base / (1 + tl.exp(-x)) - seen_part
        if HALVES:
            rounded = _to_nearest(coefficient)
            left_over = _to_nearest(coefficient - rounded).to(across.dtype)
            rounded = rounded.to(across.dtype)
            total = tl.dot(left_over, across, total)
            total = tl.dot(rounded, across_left, total)
            total = tl.dot(rounded, across, total)
        else:
            total = tl.dot(coefficient.to(across.dtype), across, total, input_precision="ieee")
    place = tl.program_id(1).to(tl.int64) * n_padded * WIDTH
    tl.store(sums + place + i[:, None] * WIDTH + k[None, :], total)
