"""One Dask cluster of two worker processes for all tests of this room."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
        silence_logs=logging.CRITICAL,
    ) as started:
        yield started


@pytest.fixture
def write_text(tmp_path: Path) -> Callable[..., list[Path]]:
    """Write a text of Zipf-like words to files, with ties among the words."""

    def write(n_files: int, lines: int = 12, seed: int = 0) -> list[Path]:
        drawn = random.Random(seed)
        words = [f"{a}{b}{c}" for a in "bcdfgk" for b in "aeiou" for c in "lmnrst"]
        paths = []
        for k in range(n_files):
            paths.append(tmp_path / "text" / f"part-{k:02}.txt")
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_text(
                "\n".join(
                    " ".join(
                        words[min(int(drawn.expovariate(1 / 30)), len(words) - 1)]
                        for _ in range(drawn.randrange(1, 40))
                    )
                    for _ in range(lines)
                )
            )
        return paths

    return write
