"""Compare ways to the leading eigenpairs of M*: ARPACK, and block Lanczos with other blocks.

python -m benchmarks.eigensolvers COUNTS.npz [FILE.json]   d = 200, float32, seed 0

Times are of the processors, all threads together, so that they mean something on a
machine that is busy with other things as well. The product of one vector, and of a column
of a block, say why blocks win: the matrix is read once for a block.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from repsearch import Counts, mstar
from repsearch.parallel import one_blas_thread
from repsearch.spectrum import block_lanczos
from repsearch.spectrum.leading import TOLERANCE
from repsearch.spectrum.vectors import HostVectors
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

D, DTYPE, SEED = 200, "float32", 0
BLOCKS = (16, 32, 64)


def main() -> None:
    """Measure, print and write."""
    counts = Counts.open(sys.argv[1])
    target = mstar(counts, dtype=DTYPE)
    size = len(target.words)
    rows: list[dict[str, Any]] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool, one_blas_thread():
        operator, exact = target.operator(DTYPE, pool), target.operator(np.float64, pool)
        random = np.random.default_rng(SEED)
        products = {}
        for width in (1, *BLOCKS):
            block = random.standard_normal((size, width)).astype(DTYPE)
            multiply = operator.matvec if width == 1 else operator.matmat
            multiply(block)  # compiled, and with room
            seconds, _ = _processor(multiply, block)
            products[width] = 1e3 * seconds / width

        def row(name: str, solve: Callable[[Any], Any]) -> None:
            done = 0.0

            def note(_: str, so_far: float, *rest: Any) -> None:
                nonlocal done
                done = so_far

            seconds, (values, vectors) = _processor(solve, note)
            off = exact.matmat(vectors.astype(float)) - vectors * values.astype(float)
            largest = float(np.linalg.norm(off, axis=0).max() / values.max())
            rows.append(
                {"way": name, "processor_seconds": seconds, "columns": done, "residual": largest}
            )
            print(f"{name:34} {seconds:7.1f} s {done:6,.0f} columns, residual / λ₁ {largest:.1e}")

        for width, milliseconds in products.items():
            print(f"a column of a product with {width:2}: {milliseconds:.1f} ms")
        for width, factor in ((16, 3.0), (16, 2.5), (16, 4.0), (32, 3.0), (64, 3.0)):
            name = f"blocks of {width}, basis {factor:g} d"
            row(name, lambda note, w=width, f=factor: _block(operator, size, pool, w, f, note))
        row("ARPACK, basis 2 d", lambda note: _arpack(operator, size, note))
    if sys.argv[2:]:
        found = {"machine": machine(), "versions": versions(), "words": size, "d": D}
        ways = {"milliseconds_a_column": products, "ways": rows}
        write_json(found | ways, Path(sys.argv[2]))


def _block(
    operator: Any, size: int, pool: ThreadPoolExecutor, width: int, factor: float, note: Any
) -> Any:
    space = HostVectors(operator.matmat, size, DTYPE, pool)
    space.width = width
    kept = block_lanczos._most
    block_lanczos._most = lambda d, width: max(int(factor * d), d + 4 * width)
    try:
        return block_lanczos.leading_pairs(space, D, TOLERANCE[DTYPE], SEED, note)
    finally:
        block_lanczos._most = kept


def _arpack(operator: Any, size: int, note: Any) -> Any:
    done = 0

    def counted(x: Any) -> Any:
        nonlocal done
        done += 1
        note("eigenpairs", done, done, "products")
        return operator.matvec(x)

    start = np.random.default_rng(SEED).standard_normal(size).astype(DTYPE)
    counting = LinearOperator((size, size), matvec=counted, dtype=np.dtype(DTYPE))
    return eigsh(counting, D, which="LA", v0=start, ncv=2 * D + 1, tol=TOLERANCE[DTYPE])


def _processor(call: Callable[[Any], Any], given: Any) -> tuple[float, Any]:
    begin = time.process_time()
    found = call(given)
    return time.process_time() - begin, found


if __name__ == "__main__":
    main()
