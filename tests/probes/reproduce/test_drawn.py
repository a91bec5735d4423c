"""What is drawn: skipped while it is that of the numbers, and nothing else is left beside it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from probes.reproduce.drawn import Drawn
from probes.reproduce.figures import PAPER
from probes.reproduce.measured import Measured
from probes.reproduce.stages import Stages

FIGURE = replace(PAPER["8"], draw=lambda found: Figure(figsize=(1, 1 + len(found.tables))))
ONE = Measured(tables={"curves": [{"d": 1}], "more": [{"d": 2}]})
OTHER = Measured(tables={"curves": [{"d": 3}]})


def drawn(folder: Path, key: str = "a") -> Drawn:
    return Drawn(folder, Stages(folder), FIGURE, key)


def files(folder: Path) -> set[str]:
    return {path.name for name in ("figures", "tables") for path in (folder / name).glob("*")}


def test_what_stands_is_not_drawn_again(tmp_path):
    assert drawn(tmp_path).pictures() is None
    made, again = drawn(tmp_path).draw(ONE, ["png", "pdf"])
    assert (made, again) == (("figures/figure-8.png", "figures/figure-8.pdf"), False)
    assert drawn(tmp_path).pictures() == made
    assert drawn(tmp_path).draw(ONE, ["png", "pdf"]) == (made, True)
    assert drawn(tmp_path, "b").pictures() is None


@pytest.mark.parametrize("name", ["figures/figure-8.png", "tables/figure-8-curves.csv",
                                  "tables/figure-8-more.json"])  # fmt: skip
@pytest.mark.parametrize("damage", ["changed", "gone", "stale"])
def test_what_is_of_other_numbers_is_drawn_again(tmp_path, name, damage):
    drawn(tmp_path).draw(ONE, ["png"])
    before = (tmp_path / name).read_bytes()
    if damage == "gone":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(b"other" if damage == "changed" else before + b"\n")
    assert drawn(tmp_path).pictures() is None
    assert drawn(tmp_path).draw(ONE, ["png"])[1] is False
    assert (tmp_path / name).read_bytes() == before
    assert drawn(tmp_path).pictures() == ("figures/figure-8.png",)


def test_formats_and_tables_that_are_made_no_more_do_not_stay(tmp_path):
    drawn(tmp_path).draw(ONE, ["png", "pdf"])
    (tmp_path / "figures" / "figure-5.png").write_text("of another figure")
    (tmp_path / "figures" / "mine.png").write_text("of the user")
    drawn(tmp_path, "b").draw(OTHER, ["svg"])
    assert files(tmp_path) == {
        "figure-8.svg", "figure-8-curves.csv", "figure-8-curves.json", "figure-5.png", "mine.png",
    }  # fmt: skip


def test_what_was_drawn_of_numbers_that_are_no_more_is_removed(tmp_path):
    drawn(tmp_path).remove()
    drawn(tmp_path).draw(ONE, ["png"])
    (tmp_path / "figures" / "mine.png").write_text("of the user")
    drawn(tmp_path).remove()
    assert files(tmp_path) == {"mine.png"}
    assert drawn(tmp_path).pictures() is None


def test_an_interrupted_drawing_leaves_nothing_that_is_not_known(tmp_path):
    def stopped(_: Measured) -> Figure:
        raise KeyboardInterrupt

    drawn(tmp_path).draw(ONE, ["png", "pdf"])
    halted = Drawn(tmp_path, Stages(tmp_path), replace(FIGURE, draw=stopped), "b")
    with pytest.raises(KeyboardInterrupt):
        halted.draw(OTHER, ["svg"])
    assert drawn(tmp_path, "b").pictures() is None
    drawn(tmp_path, "b").draw(OTHER, ["svg"])
    assert files(tmp_path) == {"figure-8.svg", "figure-8-curves.csv", "figure-8-curves.json"}


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"../../mine.txt": ""}', '{"figures/figure-1.png": ""}']
)
def test_a_record_removes_nothing_but_what_the_figure_can_have(tmp_path, content):
    (tmp_path / "mine.txt").write_text("of the user")
    folder = tmp_path / "one" / "run"
    drawn(folder).draw(ONE, ["png"])
    (folder / "figures" / "figure-1.png").write_text("of another figure")
    (folder / "stages" / "figure-8-drawn" / "drawn.json").write_text(content)
    drawn(folder).remove()
    assert (tmp_path / "mine.txt").exists()
    assert (folder / "figures" / "figure-1.png").exists()
    shutil.rmtree(folder)
