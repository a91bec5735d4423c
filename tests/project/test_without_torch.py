"""Everything but training runs without torch: the demo's environment has none."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import probes
from repsearch import Embeddings, eigenpairs, mstar
from repsearch.data import carried_counts

# Not `sys.modules["torch"] = None`, which scipy takes for torch.
BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocked())
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKED + program],
        cwd=folder,
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_of_probes_can_be_imported(tmp_path: Path) -> None:
    found = pkgutil.walk_packages(probes.__path__, "probes.")
    names = sorted(module.name for module in found)
    assert {
        "probes.emergence.theory",
        "probes.figures.relations.emergence",
        "probes.report",
    } <= set(names)
    program = f"import importlib; [importlib.import_module(name) for name in {names}]"
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("without-torch")
    spectrum = eigenpairs(mstar(carried_counts()), 12)
    spectrum.save(made / "spectrum.safetensors")
    found = spectrum.embeddings()
    Embeddings(found.words, found.vectors.astype(np.float32)).save(made / "emb.vec")
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("probe", "concepts", "emb.vec", "--controls", "0", "--permutations", "20"),
        ("probe", "snr", "emb.vec", "--no-accuracy"),
        ("probe", "spiked", "emb.vec", "--controls", "0", "--families", "family"),
        ("probe", "emergence", "spectrum.safetensors", "--families", "family", "--init", "1e-6",
         "--times", "0.01,0.1,0.3"),
        ("topics", "spectrum.safetensors", "--modes", "2"),
        ("run", "text.txt", "--out", "report", "--vocabulary", "8", "-d", "1"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)  # fmt: skip
def test_commands(folder: Path, arguments: tuple[str, ...]) -> None:
    text = ["king queen man woman king queen"] * 20 + ["north south east west north south"] * 20
    (folder / "text.txt").write_text("\n".join(text))
    program = f"from repsearch.cli import main; sys.argv = ['repsearch', *{arguments}]; main()"
    done = run(program, folder)
    assert "torch" not in done.stderr
    assert done.returncode == 0, done.stderr
