"""Take states of relations' words and of contrast pairs, and ask every layer."""

import json
import shutil
from pathlib import Path
from typing import Any

import probes
from benchmarks.corpora import REPOSITORY
from probes.layers import Layered, layer_curves, prompt_concepts, word_concepts
from repsearch.data import carried_counts
from repsearch.language_models import (
    LanguageModel,
    Layers,
    PromptLayers,
    prompt_states,
    read_prompts,
    word_states,
)

CONTRASTS = REPOSITORY / "benchmarks" / "language_models" / "contrasts.jsonl"
FIGURES = REPOSITORY / "docs" / "figures"
KINDS = ("prompts", "prompts-untrained", "words", "words-untrained")
_KEPT = (
    "concept",
    "used",
    "groups",
    "layer",
    "accuracy",
    "low",
    "high",
    "p_value",
    "found",
    "shuffled_95",
    "control",
    "selectivity",
    "selectivity_low",
    "selectivity_high",
    "share",
    "share_low",
    "share_high",
    "unordered",
)


def states(path: Path, folder: Path) -> None:
    """Take the states of a model, and of the same architecture with weights drawn anew.

    Words are those of the relations alone: of these the random pairs are drawn too. Those of the
    carried counts stand first, in the order of frequency; of the others it is not known.
    """
    families = probes.google_relations().families.values()
    rank = {word: place for place, word in enumerate(carried_counts().words)}
    words = list(dict.fromkeys(word for pairs in families for pair in pairs for word in pair))
    words.sort(key=lambda word: rank.get(word, len(rank)))
    for suffix, seed in (("", None), ("-untrained", 0)):
        model = LanguageModel.open(path, dtype="float32", untrained=seed)
        prompt_states(model, read_prompts(CONTRASTS), folder / f"prompts{suffix}")
        word_states(model, words, folder / f"words{suffix}")


def ask(folder: Path) -> dict[str, Any]:
    """Ask the layers of all states that there are; what was asked before is read."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        if not (folder / kind).is_dir():
            continue
        answer = folder / f"found-{kind}"
        if not (answer / "layers.json").exists():
            layer_curves(_layered(folder / kind)).save(answer)
        manifest = json.loads((folder / kind / "states.json").read_text("utf-8"))
        about = json.loads((answer / "layers-about.json").read_text("utf-8"))
        rows = json.loads((answer / "layers.json").read_text("utf-8"))
        found[kind] = {
            "about": about,
            "states": {name: manifest.get(name) for name in ("model", "layers", "width", "words")}
            | {name: manifest.get(name) for name in ("prompts", "tokens", "seconds", "pooling")},
            "rows": [{name: row[name] for name in _KEPT} for row in rows],
        }
        if "untrained" not in kind:
            FIGURES.mkdir(exist_ok=True)
            shutil.copy(answer / "layers.png", FIGURES / f"layers-{folder.name}-{kind}.png")
    return found


def _layered(folder: Path) -> Layered:
    if PromptLayers.is_at(folder):
        return prompt_concepts(PromptLayers.open(folder))
    return word_concepts(Layers.open(folder), probes.google_relations())
