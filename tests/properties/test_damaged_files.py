"""Every reader, of damaged files: success or one clear sentence, and nothing else.

`python -m benchmarks.reliability fuzz` does the same for as long as one likes, in processes that
may crash.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="a run of training is among the files")

from benchmarks.reliability.fuzz import outcome
from benchmarks.reliability.readers import READERS, Reader

CASES = 25


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_damaged_is_read_or_refused(reader: Reader, places: Path) -> None:
    folder = places / reader.name.replace(" ", "-")
    folder.mkdir()
    valid = reader.make(folder)
    reader.read(valid)

    @settings(max_examples=CASES)
    @given(seed=st.integers(0, 2**32 - 1))
    def check(seed: int) -> None:
        found = outcome(reader, valid, folder.with_name(f"{folder.name}-case"), seed)
        assert found in ("read", "refused"), found

    check()
