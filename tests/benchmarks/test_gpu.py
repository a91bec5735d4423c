"""The page on GPUs says what was measured on one, and the script keeps what it has measured."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the script needs the extra repsearch[torch]")

from benchmarks import gpu
from benchmarks.gpu_parts import Case
from benchmarks.gpu_table import PAGE, RESULTS, page


def test_the_page_is_that_of_the_results() -> None:
    assert page(json.loads(RESULTS.read_text("utf-8"))) == PAGE.read_text("utf-8")


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of a few parts on the processor, one of which breaks after a first finding."""
    path = tmp_path / "found.json"
    before: list[str] = []

    def broken(case: Case, found: dict[str, Any], left: float) -> None:
        before.extend(json.loads(path.read_text("utf-8"))["parts"])
        found["kept"] = 1.0
        raise RuntimeError("the card is gone")

    monkeypatch.setitem(gpu.PARTS, "step", broken)
    parts = ["gradient", "step", "same_bits", "kernel"]
    asked = ["--device", "cpu", "--words", "60", "--dimension", "4", "--parts", *parts]
    monkeypatch.setattr(sys, "argv", ["gpu", str(path), *asked])
    gpu.main()
    # What was measured was on the disk before the next part began.
    assert before == ["gradient"]
    stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return stored


def test_a_part_that_fails_costs_no_other(found: dict[str, Any]) -> None:
    assert list(found["parts"]) == ["gradient", "step", "same_bits", "kernel"]
    assert found["parts"]["gradient"]["full"]["tiles"]["ms"] > 0
    assert "the card is gone" in found["parts"]["step"]["failed"]
    assert found["parts"]["step"]["kept"] == 1
    same = found["parts"]["same_bits"]
    assert same["RungeKutta, full"] is same["Chebyshev, full"] is True


def test_the_page_names_what_was_not_measured(found: dict[str, Any]) -> None:
    found["machine"] |= {"gpu_memory": "none", "triton": "none"}
    written = page(found)
    assert "Failed, or left out: step." in written
    assert "RungeKutta, full: yes" in written
    assert "### Eigenpairs" not in written


def test_a_new_process_goes_on_with_the_file_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, small = tmp_path / "found.json", ["--device", "cpu", "--words", "60", "--dimension", "4"]
    monkeypatch.setattr(sys, "argv", ["gpu", str(path), *small, "--parts", "kernel"])
    gpu.main()
    monkeypatch.setattr(sys, "argv", ["gpu", str(path), *small, "--go-on", "--parts", "same_bits"])
    gpu.main()
    assert list(json.loads(path.read_text("utf-8"))["parts"]) == ["kernel", "same_bits"]


def test_a_part_that_would_be_too_late_is_left_out() -> None:
    case = Case(None, 4, "cpu")  # type: ignore[arg-type]
    assert gpu.measured("flow", case, 1.0) == {"skipped": "1 seconds were left"}


def test_without_a_device_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu", str(tmp_path / "found.json")])
    with pytest.raises(SystemExit) as ended:
        gpu.main()
    assert ended.value.code == 2
    assert "no CUDA device" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
