"""Models that have learned nothing: relations and contrast pairs are not found in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="language models need torch")
pytest.importorskip("transformers", reason="language models need transformers")

from tiny_language_models import save_model

from probes.layers import layer_curves, prompt_concepts, word_concepts
from probes.relations import Relations
from repsearch.language_models import (
    LabelledPrompt,
    LanguageModel,
    Prompt,
    prompt_states,
    word_states,
)

WORDS = [f"x{letter}{other}" for letter in "abcdefgh" for other in "abcdefghij"]
MODELS = 12


def contrasts() -> list[LabelledPrompt]:
    """Two words in the same sentence, at whose end both are looked at: other words each time."""
    found = []
    for k in range(16):
        for label, word in (("no", WORDS[2 * k]), ("yes", WORDS[2 * k + 1])):
            text = f"they spoke of {word} about this {WORDS[40 + k]}"
            found.append(LabelledPrompt(Prompt(text, 0, len(text)), label, "made up", str(k)))
    return found


def test_random_weights_find_no_more_than_is_said(tmp_path: Path) -> None:
    """Of 12 models, relations and contrasts each: at 5 %, more than 5 have probability 0.002."""
    wrong = 0
    for seed in range(MODELS):
        folder = save_model(
            tmp_path / str(seed), ("causal", "encoder")[seed % 2], seed=seed, more=WORDS
        )
        model = LanguageModel.open(folder, dtype="float32", untrained=seed)
        order = np.random.default_rng(seed).permutation(len(WORDS)).reshape(4, 10, 2)
        made_up = Relations(
            {f"r{k}": [(WORDS[a], WORDS[b]) for a, b in pairs] for k, pairs in enumerate(order)}
        )
        words = word_states(model, WORDS, tmp_path / f"w{seed}", templates=("they spoke of {}",))
        prompts = prompt_states(model, contrasts(), tmp_path / f"p{seed}")
        for given in (word_concepts(words, made_up), prompt_concepts(prompts)):
            found = layer_curves(given, permutations=199, controls=0, seed=seed)
            assert all(one.least_p < 0.05 for one in found.concepts)
            wrong += any(one.found for one in found.concepts)
    assert wrong <= 5


def test_what_words_share_is_found_without_learning(tmp_path: Path) -> None:
    """The adversary: a label that is a word of the text, which a mean over tokens holds."""
    model = LanguageModel.open(save_model(tmp_path / "m", more=WORDS), dtype="float32", untrained=0)
    asked = []
    for k in range(12):
        for label in ("king", "queen"):
            text = f"{WORDS[k]} of the {label}"
            asked.append(LabelledPrompt(Prompt(text, 0, len(text)), label, "royal", str(k)))
    found = layer_curves(
        prompt_concepts(prompt_states(model, asked, tmp_path / "s", pooling="mean"))
    )
    assert found.concepts[0].found == (0, 1, 2)
    assert "before any word has seen another, 1 of them already" in found.summary()
