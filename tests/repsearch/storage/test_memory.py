"""Limits of control groups count, at whatever level and in either version."""

from __future__ import annotations

from pathlib import Path

import pytest

from repsearch.storage import memory

GIB = 2**30


def version_1(folder: Path, limit: int, used: int, cache: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"total_inactive_file {cache}\ntotal_active_file 0\n")


def version_2(folder: Path, limit: int | str, used: int, cache: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\nactive_file 0\n")


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of groups that has none yet; of this process nothing is known."""
    (tmp_path / "groups").mkdir()
    monkeypatch.setattr(memory, "_CGROUP", tmp_path / "groups")
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "own")
    return tmp_path / "groups"


def own(groups: Path, text: str) -> None:
    (groups.parent / "own").write_text(text)


def test_no_group_tells_nothing(groups: Path) -> None:
    assert memory._of_group() is None
    own(groups, "0::/\n9:name=systemd:/\n")
    assert memory._of_group() is None


def test_a_container_of_version_2(groups: Path) -> None:
    version_2(groups, 4 * GIB, 3 * GIB, GIB)
    assert memory._of_group() == 2 * GIB
    version_2(groups, "max", 3 * GIB, GIB)
    assert memory._of_group() is None


def test_a_container_of_version_1(groups: Path) -> None:
    version_1(groups / "memory", 4 * GIB, 3 * GIB, GIB)
    assert memory._of_group() == 2 * GIB
    version_1(groups / "memory", 9223372036854771712, 3 * GIB, GIB)
    assert memory._of_group() is None


@pytest.mark.parametrize(
    ("make", "root", "line"),
    [
        (version_2, "", "0::/slurm/job/step\n"),
        (version_1, "memory", "4:memory:/slurm/job/step\n3:cpu:/other\n"),
    ],
)
def test_the_narrowest_level_counts(groups: Path, make: object, root: str, line: str) -> None:
    own(groups, line)
    make(groups / root / "slurm/job/step", 8 * GIB, GIB, 0)  # type: ignore[operator]
    make(groups / root / "slurm/job", 3 * GIB, 2 * GIB, 0)  # type: ignore[operator]
    make(groups / root / "elsewhere", GIB, GIB, 0)  # type: ignore[operator]
    assert memory._of_group() == GIB


def test_a_path_that_leads_out_of_the_groups_is_left_alone(groups: Path) -> None:
    version_2(groups.parent, GIB, GIB, 0)
    own(groups, "0::/..\n")
    assert memory._of_group() is None
