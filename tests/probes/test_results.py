"""What every answer of a probe offers: one suite for all classes of results."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import json
import pkgutil
import re
import sys
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import get_type_hints

import made_concepts
import made_models
import made_training
import made_words
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import probes
from probes.concepts import on_principal_axes, spiked_families
from probes.drawing.refusals import PanelsError
from probes.registry import PROBES, asked
from probes.relations import Relations
from probes.result import Result, file_name, told
from repsearch.errors import InputError
from repsearch.progress import silent

MADE = made_words.MADE | made_concepts.MADE | made_training.MADE | made_models.MADE
HAVE = {
    "embeddings": made_concepts.embeddings(),
    "modes": on_principal_axes(made_concepts.embeddings()),
    "relations": made_concepts.relations(),
}
for probe in PROBES:
    # A probe that needs no more than these is tried without a maker of its own.
    kind = get_type_hints(probe.ask)["return"]
    if HAVE.keys() >= set(probe.needs) and kind not in MADE:
        MADE[kind] = partial(asked, probe, HAVE, seed=0, progress=silent)
CLASSES = sorted(MADE, key=lambda kind: kind.__name__)
PLAIN = (str, int, float, bool, type(None))
RAW = re.compile(
    r"array\(|np\.float|dtype|<[a-zA-Z_]\w*\.|object at 0x|Interval\(|Checksum\(|\bnan\b|None"
)
pytestmark = pytest.mark.smoke
every_result = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


@cache
def made(kind: type[Result]) -> Result:
    found = MADE[kind]()
    assert type(found) is kind
    return found


def subclasses(kind: type) -> set[type]:
    return {one for sub in kind.__subclasses__() for one in ({sub} | subclasses(sub))}


def test_every_class_of_results_is_tried_here() -> None:
    for module in pkgutil.walk_packages(probes.__path__, "probes."):
        importlib.import_module(module.name)
    ours = {one for one in subclasses(Result) if one.__module__.startswith("probes")}
    assert {one.__name__ for one in ours - set(MADE)} == set()


@every_result
def test_it_is_a_frozen_object(kind: type[Result]) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert file_name(kind.name) == kind.name


@every_result
def test_its_summary_is_one_paragraph_of_sentences(kind: type[Result]) -> None:
    said = made(kind).summary()
    assert said == " ".join(said.split())
    assert said[0].isupper() or said[0].isdigit()
    assert said.endswith((".", ").", "!"))
    assert not RAW.search(said), said


@every_result
def test_its_rows_hold_plain_values_under_the_same_columns(kind: type[Result]) -> None:
    rows = made(kind).table()
    assert rows
    assert all(list(row) == list(rows[0]) for row in rows)
    assert all(type(value) in PLAIN for row in rows for value in row.values())
    json.dumps(rows, allow_nan=False)


@every_result
def test_what_it_rests_on_is_named(kind: type[Result]) -> None:
    known = made(kind).rests_on()
    assert known
    assert all(type(value) in PLAIN for value in known.values())
    json.dumps(known, allow_nan=False)


@every_result
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_shows_it_without_raw_objects(kind: type[Result], width: int) -> None:
    found = made(kind)
    shown = told(found, width)
    assert not RAW.search(shown), shown
    # What was found comes first, the numbers after it, what they mean last.
    before, laid_out, after = shown.partition(found.text(width))
    assert laid_out
    first, *more = found.paragraphs()
    assert " ".join([first, *more]) == found.summary()
    assert " ".join(before.split()) == " ".join(first.split())
    assert all(" ".join(one.split()) in " ".join(after.split()) for one in more)
    paragraph = f"{before}\n{after}".strip()
    assert max(map(len, paragraph.splitlines())) <= width
    # Rows of ten columns, laid out as they are, have no room in 80 letters and keep their width.
    bare = kind.text is Result.text and len(found.table()[0]) >= 10
    assert bare or max(map(len, found.text(80).splitlines())) <= 80
    assert str(made(kind)) == made(kind).text()


@every_result
def test_it_draws_itself(kind: type[Result]) -> None:
    found, own = made(kind), Figure().add_subplot()
    drawn = found.plot()
    assert isinstance(drawn, Axes)
    assert drawn.has_data() or drawn.texts or drawn.collections or drawn.patches
    try:
        assert found.plot(own) is own
    except PanelsError:
        assert len(drawn.get_figure(root=True).axes) > 1


@every_result
def test_its_rows_become_a_frame(kind: type[Result]) -> None:
    pytest.importorskip("pandas")
    found = made(kind)
    frame = found.to_frame()
    assert list(frame.columns) == list(found.table()[0])
    assert len(frame) == len(found.table())
    assert frame.attrs == found.rests_on()


@every_result
def test_it_is_saved_and_the_files_say_the_same(kind: type[Result], tmp_path: Path) -> None:
    found = made(kind)
    written = found.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written}
    assert found.name in found.parts()
    for name, part in found.parts().items():
        stem = file_name(name)
        about = json.loads((tmp_path / f"{stem}-about.json").read_text("utf-8"))
        assert about == {"summary": part.summary(), "rests_on": part.rests_on()}
        rows = json.loads((tmp_path / f"{stem}.json").read_text("utf-8"))
        assert len(rows) == len(part.table())
        with (tmp_path / f"{stem}.csv").open(encoding="utf-8", newline="") as stream:
            assert len(list(csv.DictReader(stream))) == len(part.table())
    again = tmp_path / "again"
    found.save(again)
    for path in written:
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


@every_result
def test_equal_questions_have_equal_answers(kind: type[Result]) -> None:
    one, other = made(kind).table(), MADE[kind]().table()
    for row, same in zip(one, other, strict=True):
        assert row == same


def test_without_pandas_a_frame_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"to_frame needs pandas, .*pip install '?pandas"):
        made(CLASSES[0]).to_frame()


def test_a_name_becomes_one_that_a_file_can_have() -> None:
    assert file_name("male/female") == "male-female"
    assert file_name("..") == "unnamed"
    assert file_name("a\\b\x1b[31m") == "a-b--31m"


def test_names_that_make_one_file_name_make_several(tmp_path: Path) -> None:
    pairs = made_concepts.relations().families
    alike = Relations({"a/b": pairs["linear"], "a-b": pairs["by/chance"], "A:B": pairs["linear"]})
    written = spiked_families(made_concepts.embeddings(), alike, controls=3).save(tmp_path)
    assert len({path.name.casefold() for path in written}) == len(written)
    assert {path.name for path in tmp_path.glob("spiked-a*b*.png")} == {
        "spiked-a-b.png",
        "spiked-a-b-2.png",
    }
    assert (tmp_path / "spiked-A-B-3.png").exists()


def test_a_legend_explains_headings_and_not_what_stands_within_names() -> None:
    """A column called p was explained wherever some word had a p."""

    found = SimpleNamespace(
        columns={"p": "the chance", "held out": "the share", "pairs": "how many"},
        next_step="",
        paragraphs=lambda: ["Found."],
        text=lambda width: "family                  held out\n---\nspam of pairs held out      0.5",
    )
    said = told(found)  # type: ignore[arg-type]
    assert "the share" in said
    assert "the chance" not in said
    assert "how many" not in said
