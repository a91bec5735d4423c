"""Train a small causal transformer on word ids and keep checkpoints at log-spaced steps.

Needs numpy, torch, transformers, tokenizers and safetensors; nothing of repsearch, so that it runs
on a machine that has no more.
"""

from __future__ import annotations

import copy
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

RESUME = "resume.safetensors"
HELD_OUT = 0.01
"""Share of the ids, at their end, that are never trained on: the held-out loss is theirs."""
EVERY = 5.0
"""Seconds between two lines of progress."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the weights depend on, the text aside."""

    steps: int
    checkpoints: int
    first: int
    layers: int
    width: int
    heads: int
    context: int
    batch: int
    rate: float
    warmup: int
    seed: int

    def kept(self) -> list[int]:
        """Steps of the checkpoints: 0, then evenly in the logarithm up to the last."""
        spaced = np.geomspace(min(self.first, self.steps), self.steps, self.checkpoints)
        return sorted({0, *(int(step) for step in np.round(spaced))})


def train(file: Path, out: Path, recipe: Recipe, device: str, seconds: float | None = None) -> None:
    """Train from the last checkpoint that `out` holds, or from the start."""
    with np.load(file) as read:
        words, text = [str(word) for word in read["words"]], str(read["digest"])
        ids = torch.from_numpy(read["ids"].astype(np.int32)).to(device)
    n_train = int(len(ids) * (1 - HELD_OUT))
    training, held_out = ids[:n_train], ids[n_train:]
    if len(held_out) < 2 * recipe.context:
        raise SystemExit(f"error: {file} is too short for contexts of {recipe.context}")
    about = {"recipe": asdict(recipe), "text": text, "training_ids": n_train}
    _begin(out, about)

    transformers.utils.logging.disable_progress_bar()
    transformers.set_seed(recipe.seed)
    model = _model(len(words), recipe)
    tokenizer = _tokenizer(words, recipe.context)
    model.to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.rate, betas=(0.9, 0.95), weight_decay=0.0
    )
    step = _restore(out / RESUME, model, optimizer)
    cuda = device.startswith("cuda")

    def loss_of(batch: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=cuda):
            loss: torch.Tensor = model(input_ids=batch, labels=batch).loss
        return loss

    def keep(sums: torch.Tensor | float, since: int) -> None:
        measured = {
            "step": step,
            "tokens": step * recipe.batch * recipe.context,
            "loss": float(sums) / since if since else None,
            "held_out_loss": _held_out(loss_of, model, held_out, recipe),
        }
        _write_folder(out / f"step-{step:08}", model, tokenizer, about | measured)
        _save_state(out / RESUME, model, optimizer, step)
        said = f"loss {measured['loss']:.4f}, " if since else ""
        print(f"step {step:,} kept: {said}held out {measured['held_out_loss']:.4f}", flush=True)

    kept = set(recipe.kept())
    if step < 0:
        step = 0
        keep(0.0, 0)
    began, from_step, said, since = time.monotonic(), step, time.monotonic(), 0
    total: torch.Tensor | float = 0.0
    model.train()
    while step < recipe.steps:
        batch = _batch(training, recipe, step)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / max(recipe.warmup, 1))
        loss = loss_of(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        last = loss.detach()
        step, since, total = step + 1, since + 1, total + last
        now = time.monotonic()
        out_of_time = seconds is not None and now - began > seconds
        if now - said > EVERY:
            rate = (step - from_step) / (now - began)
            print(
                f"step {step:,} of {recipe.steps:,}: loss {float(last):.3f}, "
                f"{rate * recipe.batch * recipe.context:,.0f} tokens/s, "
                f"{(recipe.steps - step) / rate:,.0f} s left",
                flush=True,
            )
            said = now
        if step in kept or out_of_time:
            keep(total, since)
            total, since = 0.0, 0
            model.train()
        if out_of_time:
            print(f"stopped after {seconds:g} s, at step {step:,} of {recipe.steps:,}", flush=True)
            break


def _model(n_words: int, recipe: Recipe) -> Any:
    return transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=n_words + 2,
            n_positions=recipe.context,
            n_embd=recipe.width,
            n_layer=recipe.layers,
            n_head=recipe.heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=n_words + 1,
            eos_token_id=n_words + 1,
            pad_token_id=n_words + 1,
            use_cache=False,
        )
    )


def _tokenizer(words: list[str], context: int) -> Any:
    """Runs of a to z in lower case, whole words; everything between them is left out."""
    vocabulary = {word: place for place, word in enumerate([*words, "<unk>", "<eos>"])}
    read = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    read.normalizer = normalizers.Lowercase()
    read.pre_tokenizer = pre_tokenizers.Split(Regex("[a-z]+"), behavior="removed", invert=True)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=read,
        unk_token="<unk>",
        eos_token="<eos>",
        pad_token="<eos>",
        model_max_length=context,
    )


def _batch(ids: torch.Tensor, recipe: Recipe, step: int) -> torch.Tensor:
    """Contexts from anywhere, by seed and step alone, so that a resumed run has the same."""
    draw = np.random.default_rng([recipe.seed, step])
    starts = draw.integers(0, len(ids) - recipe.context + 1, recipe.batch)
    places = torch.from_numpy(starts)[:, None] + torch.arange(recipe.context)
    return ids[places.to(ids.device)].long()


def _held_out(
    loss_of: Callable[[torch.Tensor], torch.Tensor], model: Any, ids: torch.Tensor, recipe: Recipe
) -> float:
    """Mean loss over the first 256 contexts of the held-out ids, or as many as there are."""
    n = min(len(ids) // recipe.context, 256)
    contexts = ids[: n * recipe.context].reshape(n, recipe.context).long()
    model.eval()
    with torch.inference_mode():
        parts = [(len(one), float(loss_of(one))) for one in contexts.split(64)]
    return sum(rows * loss for rows, loss in parts) / n


def _begin(out: Path, about: dict[str, Any]) -> None:
    """Go on with the same training only."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / "training.json"
    if not file.exists():
        partial = out / ".training.json"
        partial.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
        partial.replace(file)
    elif json.loads(file.read_text("utf-8")) != about:
        raise SystemExit(f"error: {out} holds a training of other settings; choose another folder")


def _write_folder(folder: Path, model: Any, tokenizer: Any, about: dict[str, Any]) -> None:
    """A folder that transformers reads, whole or not there at all."""
    partial = folder.with_name(f".{folder.name}")
    shutil.rmtree(partial, ignore_errors=True)
    copy.deepcopy(model).to("cpu", torch.bfloat16).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / "training.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _save_state(file: Path, model: Any, optimizer: torch.optim.Optimizer, step: int) -> None:
    names = {id(value): name for name, value in model.named_parameters()}
    state = {f"weight {name}": value.detach() for name, value in model.named_parameters()}
    for value, moments in optimizer.state.items():
        for which in ("exp_avg", "exp_avg_sq"):
            state[f"{which} {names[id(value)]}"] = moments[which]
    partial = file.with_name(f".{file.name}")
    kept = {name: value.cpu().contiguous() for name, value in state.items()}
    save_file(kept, partial, {"step": str(step)})
    partial.replace(file)


def _restore(file: Path, model: Any, optimizer: torch.optim.Optimizer) -> int:
    """Weights and moments of the last checkpoint; its step, or -1 where there is none."""
    if not file.exists():
        return -1
    with safe_open(file, "pt") as read:
        step, names = int(read.metadata()["step"]), set(read.keys())
        with torch.no_grad():
            for name, value in model.named_parameters():
                value.copy_(read.get_tensor(f"weight {name}"))
                if f"exp_avg {name}" in names:
                    optimizer.state[value] = {
                        "step": torch.tensor(float(step)),
                        "exp_avg": read.get_tensor(f"exp_avg {name}").to(value.device),
                        "exp_avg_sq": read.get_tensor(f"exp_avg_sq {name}").to(value.device),
                    }
    return step
