"""The guide to adding a probe: its code is the code of the probe, and it runs."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import numpy as np
from places import DOCS, ROOT

from probes import registry
from probes.geometry import isotropy
from repsearch import Embeddings

GUIDE = (DOCS / "add-a-probe.md").read_text("utf-8")
CODE, ENTRY = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


def test_the_code_of_the_guide_is_that_of_the_probe() -> None:
    assert (ROOT / "probes" / "geometry" / "isotropy.py").read_text("utf-8") == CODE


def test_the_entry_of_the_guide_is_that_of_the_registry() -> None:
    names = vars(registry) | {"isotropy": isotropy}
    entry = eval(ENTRY, dict(names))
    assert entry in registry.PROBES
    assert entry.name == "isotropy"


def test_the_code_of_the_guide_runs_on_its_own() -> None:
    module = ModuleType("guide")
    sys.modules["guide"] = module  # where dataclasses look for the names of types
    try:
        exec(compile(CODE, "add-a-probe.md", "exec"), vars(module))
    finally:
        del sys.modules["guide"]
    vectors = np.random.default_rng(0).normal(size=(60, 4))
    embeddings = Embeddings([f"w{k}" for k in range(60)], vectors)
    assert module.isotropy(embeddings).table() == isotropy(embeddings).table()
