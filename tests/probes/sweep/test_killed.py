"""A sweep of 60 points killed three times ends with the table of an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest
from killed_sweep import GRID, TABLES, finished, kill_and_resume

from probes.relations import google_relations
from probes.reproduce.fewer_words import leading_words
from probes.sweep.grid_file import read_grid
from probes.sweep.sweep import Sweep
from probes.sweep.table import write_rows
from repsearch.data import carried_counts


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are listed in /proc")
def test_killed_three_times_it_ends_with_the_table_of_an_undisturbed_one(tmp_path):
    leading_words(carried_counts(), 150).save(tmp_path / "counts.npz")
    pairs = google_relations().families["family"]
    (tmp_path / "pairs.tsv").write_text(
        "".join(f"family\t{first}\t{second}\n" for first, second in pairs)
    )
    grid = tmp_path / "grid.toml"
    grid.write_text(
        GRID.format(counts="counts.npz", probes='"analogies"', relations='relations = "pairs.tsv"')
    )
    undisturbed = Sweep(tmp_path / "undisturbed", read_grid(grid))
    assert len(undisturbed.plan.points) == 60
    swept = undisturbed.run()
    assert swept.failed == {}
    written = write_rows(swept.rows, tmp_path / "undisturbed")

    def end() -> None:
        write_rows(
            Sweep(tmp_path / "disturbed", read_grid(grid)).run().rows, tmp_path / "disturbed"
        )

    found = kill_and_resume(tmp_path, grid, len(undisturbed.plan.tasks), end)
    assert found["tasks"] == len(undisturbed.plan.tasks)
    assert found["done at each kill"] == sorted(set(found["done at each kill"]))
    assert found["done at each kill"][-1] < found["tasks"]
    assert found["done again"] == 0
    assert found["processes left over"] == found["scratch left over"] == 0
    assert found["tables"] == {path.name: path.read_bytes() for path in written}
    assert set(found["tables"]) <= set(TABLES)
    # What was kept rests on the same whatever the number of processes.
    names = set(finished(tmp_path / "undisturbed"))
    assert names == set(finished(tmp_path / "disturbed"))
