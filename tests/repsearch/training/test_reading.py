"""A run is read where torch is not installed: the one that the tests carry, of version 1."""

from __future__ import annotations

import subprocess
import sys

from places import FORMATS

RUN = FORMATS / "run-v1"
READ = """
import sys
class Blocked:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Blocked())
from repsearch.training import TrainedTrajectory
run = TrainedTrajectory(sys.argv[1])
run.verify()
left, values = run.modes(3.0)
print(run.settings.loss.name, run.snapshot_times.tolist(), left.shape, run.settings.counts_file)
print(run.embeddings(3.0), run.notes, "torch" in sys.modules)
"""


def test_a_run_that_is_carried_is_read_without_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(RUN)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.strip() == "sgns [0.0, 1.0, 3.0] (4, 2)"
    assert second.endswith("() False")
