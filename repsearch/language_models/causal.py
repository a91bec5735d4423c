"""Run a causal model on prompts, with its states read or changed at a layer on the way.

A layer's state is the residual stream: layer 0 is what goes into the first block, layer l what
comes out of block l, before the final norm at the last. Only the last token of a prompt is read,
changed and asked for what comes next, so that a change acts where the prediction is made.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.language_models.changes import Change
from repsearch.language_models.model import LanguageModel
from repsearch.progress import Progress, silent

_CACHE = "past_key_values"
_ROWS_AT_ONCE = 64
"""Prompts that the model reads at a time: 64 distributions over 260,000 tokens are 67 MB."""


@dataclass(frozen=True, eq=False, repr=False)
class CausalModel:
    """A language model that predicts the next token; made by `CausalModel.open`.

    Parameters
    ----------
    language : LanguageModel
        The model with its head, and its tokenizer.
    blocks : tuple of torch.nn.Module
        Its layers, in order.

    Examples
    --------
    >>> CausalModel.open("nowhere", dtype="float32")
    Traceback (most recent call last):
    repsearch.errors.InputError: nowhere does not exist; pass a model's folder or a GGUF file
    """

    language: LanguageModel
    blocks: tuple[Any, ...]

    @classmethod
    def open(
        cls, path: Path | str, *, device: str = "cpu", dtype: Literal["float32", "bfloat16"]
    ) -> CausalModel:
        """Open a model; nothing is fetched, and no code of the model's own is run.

        Parameters
        ----------
        path : Path or str
            A folder in the Hugging Face layout with weights in safetensors, or a GGUF file.
        device : str
            ``"cpu"``, or a torch device such as ``"cuda"``.
        dtype : {"float32", "bfloat16"}
            Precision that the model computes in.

        Returns
        -------
        CausalModel
            Ready to be asked.

        Raises
        ------
        InputError
            What `LanguageModel.open` refuses, or a model that reads to the right.
        """
        language = LanguageModel.open(path, device=device, dtype=dtype, head=True)
        found = cls(language, _blocks(language))
        if not found._is_causal():
            raise InputError(
                f"{language.name} reads what comes after a word too, so that it predicts no next "
                "word; pass a causal model, such as GPT-2 or Gemma"
            )
        return found

    def __repr__(self) -> str:
        width = self.language.width
        return f"<CausalModel {self.language.name!r}, {self.n_layers} layers of {width}>"

    @property
    def n_layers(self) -> int:
        """Number of layers; there is one more state, that of the input."""
        return self.language.n_layers

    def continuation(self, prompt: str, word: str) -> int | None:
        """Find the token that a word is, as it comes after a prompt.

        Parameters
        ----------
        prompt : str
            Text without a blank at its end.
        word : str
            A word.

        Returns
        -------
        int or None
            None where it is cut into several tokens, or changes those before it.
        """
        before, after = self._ids(prompt), self._ids(f"{prompt} {word}")
        if after[:-1] != before or after[-1] == self.language.tokenizer.unk_token_id:
            return None
        return after[-1]

    def unembedding(self, tokens: Sequence[int]) -> NDArray[np.float64]:
        """Give rows of the matrix that turns the last state into log-odds.

        Parameters
        ----------
        tokens : sequence of int
            n ids.

        Returns
        -------
        (n, width) float64
            Their rows.
        """
        weight = self.language.model.get_output_embeddings().weight
        rows: NDArray[np.float64] = weight[list(tokens)].detach().double().cpu().numpy()
        return rows

    def states(
        self,
        prompts: Sequence[str],
        layers: Sequence[int],
        *,
        at: int | None = None,
        change: Change | None = None,
        progress: Progress = silent,
    ) -> NDArray[np.float32]:
        """Read the states of the last tokens.

        Parameters
        ----------
        prompts : sequence of str
            n texts.
        layers : sequence of int
            Layers to read, 0 for the input.
        at : int, optional
            Layer that is changed.
        change : Change, optional
            Its change, one row a prompt; what is read at the same layer is changed already.
        progress : Progress
            Is told how many prompts are done.

        Returns
        -------
        (len(layers), n, width) float32
            States.

        Raises
        ------
        InputError
            No such layer, a prompt that is too long, or a state that is not finite.
        """
        found = np.empty((len(layers), len(prompts), self.language.width), np.float32)
        for layer in layers:
            self._check_layer(layer)
        for rows, ids in self._batches(prompts, progress):
            before = self._before_last(ids)
            with self._changed(at, change, rows), self._read(layers) as kept:
                self._run(ids, before, head=False)
            found[:, rows] = np.stack([kept[layer] for layer in layers])
        if not np.isfinite(found).all():
            raise InputError(
                f"{self.language.name} gives a state that is not finite; try another precision"
            )
        return found

    def next_tokens(
        self,
        prompts: Sequence[str],
        *,
        at: int | None = None,
        change: Change | None = None,
        progress: Progress = silent,
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32]]]:
        """Give the distribution of the next token, a few prompts at a time.

        Parameters
        ----------
        prompts : sequence of str
            n texts.
        at : int, optional
            Layer that is changed.
        change : Change, optional
            Its change, one row a prompt.
        progress : Progress
            Is told how many prompts are done.

        Yields
        ------
        tuple of ((m,) int, (m, vocabulary) float32)
            Numbers of the prompts, and their log-probabilities.

        Raises
        ------
        InputError
            No such layer, a prompt that is too long, or a number that is not finite.
        """
        for rows, ids in self._batches(prompts, progress):
            before = self._before_last(ids)
            with self._changed(at, change, rows):
                logits = self._run(ids, before)
            found = logits.log_softmax(dim=-1).cpu().numpy()
            if not np.isfinite(found).all():
                raise InputError(
                    f"{self.language.name} gives a probability that is not finite; try a smaller "
                    "dose, or another precision"
                )
            yield rows, found

    def _before_last(self, ids: NDArray[np.int64]) -> dict[str, Any]:
        """Keys and values of all tokens but the last, which the prompts of a batch have in common.

        They are computed once, and without any change, for nothing before the last is changed.
        """
        import torch

        base = self.language.model.base_model
        # Older versions of transformers call it past_key_values.
        name = "cache" if "cache" in inspect.signature(base.forward).parameters else _CACHE
        if ids.shape[1] < 2 or name not in inspect.signature(base.forward).parameters:
            return {}
        given = torch.from_numpy(ids[:1, :-1]).to(base.device)
        with torch.inference_mode():
            cache: Any = getattr(base(input_ids=given, use_cache=True), name, None)
            if not hasattr(cache, "batch_repeat_interleave"):
                return {}
            cache.batch_repeat_interleave(len(ids))
        return {name: cache, "use_cache": True}

    def _run(self, ids: NDArray[np.int64], before: dict[str, Any], *, head: bool = True) -> Any:
        """Logits of the last token, (m, vocabulary), in float32; None without the head."""
        import torch

        model = self.language.model
        given = torch.from_numpy(ids[:, -1:] if before else ids).to(model.device)
        settings = before or {"use_cache": False}
        if not head:
            with torch.inference_mode():
                model.base_model(input_ids=given, **settings)
            return None
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            settings = settings | {"logits_to_keep": 1}
        with torch.inference_mode():
            return model(input_ids=given, **settings).logits[:, -1].float()

    def _ids(self, text: str) -> list[int]:
        return list(self.language.tokenizer(text)["input_ids"])

    def _batches(
        self, prompts: Sequence[str], progress: Progress
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int64]]]:
        """Prompts that differ in their last token alone: nothing is padded, nothing read twice."""
        # The same prompt comes many times, with another change each time.
        known = {prompt: self._ids(prompt) for prompt in dict.fromkeys(prompts)}
        most, longest = max(map(len, known.values())), self.language.longest
        if longest is not None and most > longest:
            raise InputError(
                f"a prompt has {most:,} tokens, and {self.language.name} takes {longest:,}; "
                "shorten it"
            )
        together: dict[tuple[int, ...], list[int]] = {}
        for row, prompt in enumerate(prompts):
            together.setdefault(tuple(known[prompt][:-1]), []).append(row)
        done = 0
        for rows in together.values():
            for low in range(0, len(rows), _ROWS_AT_ONCE):
                progress("prompts", done, len(prompts), "prompts")
                some = np.array(rows[low : low + _ROWS_AT_ONCE])
                yield some, np.array([known[prompts[row]] for row in some], dtype=np.int64)
                done += len(some)
        progress("prompts", len(prompts), len(prompts), "prompts")

    @contextmanager
    def _changed(
        self, at: int | None, change: Change | None, rows: NDArray[np.intp]
    ) -> Iterator[None]:
        """While it lasts, the last tokens' states are changed at a layer; after it nothing is."""
        if change is None:
            yield
            return
        if at is None:
            raise InputError("a change needs the layer at which it is made; pass at")
        self._check_layer(at)
        of_rows = change.at(rows)

        def changed(states: Any) -> Any:
            # Not in place, for the same tensor may be in use elsewhere.
            whole = states.clone()
            whole[:, -1] = of_rows.of(states[:, -1])
            return whole

        with self._hooked(at, changed):
            yield

    @contextmanager
    def _read(self, layers: Sequence[int]) -> Iterator[dict[int, NDArray[np.float32]]]:
        kept: dict[int, NDArray[np.float32]] = {}

        def reader(layer: int) -> Any:
            def read(states: Any) -> None:
                kept[layer] = states[:, -1].float().cpu().numpy()

            return read

        with ExitStack() as stack:
            for layer in dict.fromkeys(layers):
                stack.enter_context(self._hooked(layer, reader(layer)))
            yield kept

    @contextmanager
    def _hooked(self, layer: int, function: Any) -> Iterator[None]:
        """Call a function on the states of a layer; what it returns, if anything, replaces them."""

        def before(_: Any, given: Any, named: dict[str, Any]) -> Any:
            if given:
                new = function(given[0])
                return None if new is None else ((new, *given[1:]), named)
            new = function(named["hidden_states"])
            return None if new is None else (given, {**named, "hidden_states": new})

        def after(_: Any, __: Any, output: Any) -> Any:
            several = isinstance(output, tuple)
            new = function(output[0] if several else output)
            if new is None:
                return None
            return (new, *output[1:]) if several else new

        if layer == 0:
            handle = self.blocks[0].register_forward_pre_hook(before, with_kwargs=True)
        else:
            handle = self.blocks[layer - 1].register_forward_hook(after)
        try:
            yield
        finally:
            handle.remove()

    def _check_layer(self, layer: int) -> None:
        if layer not in range(self.n_layers + 1):
            raise InputError(
                f"there is no layer {layer!r} in {self.language.name}; pass a whole number from 0 "
                f"to {self.n_layers}"
            )

    def _is_causal(self) -> bool:
        """Whether what is predicted after a token is the same whatever comes after it."""
        import torch

        model = self.language.model
        two = torch.tensor([[2, 3], [2, 4]], device=model.device)
        with torch.inference_mode():
            first, second = model(input_ids=two, use_cache=False).logits[:, 0].float()
        return bool((first - second).abs().max() <= 1e-4 * first.std())


def _blocks(language: LanguageModel) -> tuple[Any, ...]:
    import torch

    lists = [
        one
        for one in language.model.modules()
        if isinstance(one, torch.nn.ModuleList) and len(one) == language.n_layers
    ]
    if not lists:
        raise InputError(
            f"the layers of {language.name} were not found among its modules; steering knows "
            "models that keep them in one list"
        )
    # A layer may hold short lists of its own; the largest is that of the layers.
    largest = max(lists, key=lambda one: sum(weight.numel() for weight in one.parameters()))
    return tuple(largest)
