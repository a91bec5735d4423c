"""The registry: entries that are right, probes whose bits no number of threads changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from places import HELPERS, ROOT

from probes.geometry import isotropy
from probes.registry import PROBES, Option, Probe
from repsearch.cli.given import READERS
from repsearch.cli.probe_commands import function_of

REPORTED = {"embeddings", "modes", "relations"}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def test_names_are_different_and_what_is_needed_can_be_read() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES)
    for probe in PROBES:
        assert set(probe.needs) <= set(READERS)
        assert not probe.in_report or set(probe.needs) <= REPORTED
        assert probe.help.partition("\n")[0].endswith(".")
        function_of(probe)


def test_an_entry_that_names_no_parameter_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"the probe 'mine' names 'wrods', .* of isotropy \(emb"):
        Probe("mine", "Mine", isotropy, ("embeddings",), "Ask.", (Option("wrods", "How many."),))
    with pytest.raises(ValueError, match="names 'embedding'"):
        Probe("mine", "Mine", isotropy, ("embedding",), "Ask.")


def test_what_no_reader_reads_is_refused_with_those_that_there_are() -> None:
    def ask(moon: object) -> None: ...

    with pytest.raises(ValueError, match=r"'mine' needs 'moon'.* it reads embeddings, modes"):
        function_of(Probe("mine", "Mine", ask, ("moon",), "Ask."))


def test_bits_do_not_depend_on_the_number_of_threads() -> None:
    """Every probe, on 900 words."""
    program = """
import json
import numpy as np
from probes.concepts import on_principal_axes
from probes.emergence import Followed
from probes.hidden_states.labelled_states import LabelledStates
from probes.concepts import difference_vectors
from probes.layers import Layered, OneLayer
from probes.model_theory import WordSpaces
from probes.registry import PROBES, asked
from probes.relations import Relations
from repsearch import Embeddings
import tempfile
from pathlib import Path
from made_checkpoints import save_checkpoint
from repsearch.language_models import Checkpoints
from repsearch.progress import silent
from repsearch.synthetic import BinaryAttributes

rng = np.random.default_rng(0)
vectors = rng.normal(size=(900, 60)) @ rng.normal(size=(60, 60))
vectors[1:40:2] = vectors[:40:2] + 2 * vectors[50] + 0.2 * rng.normal(size=(20, 60))
embeddings = Embeddings([f"w{k}" for k in range(900)], vectors)
pairs = [(f"w{k}", f"w{k + 1}") for k in range(0, 40, 2)]
one = difference_vectors(embeddings, pairs)
layered = Layered("toy", (0,), lambda _: OneLayer({"one": one}, {}, embeddings), {"one": 20})
world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.2, 0.1])
of_world = Embeddings(world.words, rng.normal(size=(64, 20)))
folder = Path(tempfile.mkdtemp())
for step in (0, 1):
    save_checkpoint(folder / f"step-{step}", vectors + step * vectors[::-1], embeddings.words)
have = {
    "spaces": WordSpaces.of({"noise": of_world}),
    "counts": world.sample(100_000, seed=0),
    "layered": layered,
    "embeddings": embeddings,
    "modes": on_principal_axes(embeddings),
    "relations": Relations({"one": pairs[:10], "two": pairs[10:]}),
    "others": [on_principal_axes(Embeddings(embeddings.words, vectors[:, :50]))],
    "checkpoints": Checkpoints.open(folder),
    "steps": None,
    "text_counts": None,
    "counted": None,
    "documents": None,
    "followed": Followed(embeddings),
    "dims": None,
    "states": LabelledStates(vectors[:80], np.arange(80) % 2, np.arange(80) // 2),
}
for probe in PROBES:
    answer = asked(probe, have, seed=0, progress=silent)
    print(json.dumps([probe.name, [part.table() for part in answer.parts().values()]]))
"""
    printed = []
    for threads in ("1", "2"):
        environment = os.environ | dict.fromkeys(THREADS, threads)
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(HELPERS)])
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    tried = [json.loads(line)[0] for line in printed[0].splitlines()]
    assert tried == [probe.name for probe in PROBES]
    assert printed[0] == printed[1]
