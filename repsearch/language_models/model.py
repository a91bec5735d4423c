"""Open a language model from a local folder or GGUF file, and run it on prompts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.huggingface import CONFIG, is_model_folder
from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.language_models.templates import Prompt
from repsearch.storage.atomic import sha256

Pooling = Literal["last", "mean"]
POOLINGS = ("last", "mean")


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """Hold a model and its tokenizer; made by `LanguageModel.open`.

    Parameters
    ----------
    name : str
        Name of the folder or file.
    digest : str
        SHA-256 of its configuration, weights and tokenizer.
    tokenizer, model : object
        As transformers has them.
    n_layers : int
        Number of layers; there is one more hidden state, that of the input embeddings.
    width : int
        Numbers in a hidden state.
    longest : int or None
        Most tokens that the model takes.

    Examples
    --------
    >>> LanguageModel.open("nowhere", dtype="float32")
    Traceback (most recent call last):
    repsearch.errors.InputError: nowhere does not exist; pass a model's folder or a GGUF file
    """

    name: str
    digest: str
    tokenizer: Any
    model: Any
    n_layers: int
    width: int
    longest: int | None

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        device: str = "cpu",
        dtype: Literal["float32", "bfloat16"],
        untrained: int | None = None,
        head: bool = False,
    ) -> LanguageModel:
        """Open a model; nothing is fetched, and no code of the model's own is run.

        Parameters
        ----------
        path : Path or str
            A folder in the Hugging Face layout with weights in safetensors, or a GGUF file.
        device : str
            ``"cpu"``, or a torch device such as ``"cuda"``.
        dtype : {"float32", "bfloat16"}
            Precision that the model computes in.
        untrained : int, optional
            Seed of weights that are drawn anew, as the architecture begins its training: a control
            that has learned nothing.
        head : bool
            Whether the part that predicts the next token is opened too; not of an untrained model.

        Returns
        -------
        LanguageModel
            Ready to be asked.

        Raises
        ------
        InputError
            No such model, no weights or an architecture that transformers does not know, a
            tokenizer without offsets, no transformers, no such device, or no head.
        """
        if head and untrained is not None:
            raise InputError("an untrained model is opened without its head; leave out one of both")
        path = Path(path)
        folder, gguf = _place(path)
        torch, transformers = _packages()
        if device != "cpu" and not (device.startswith("cuda") and torch.cuda.is_available()):
            raise InputError(f"device is {device!r}, which torch does not see here; choose 'cpu'")
        where: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        if gguf is not None:
            where["gguf_file"] = gguf
        loaded: dict[str, Any] = {}
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **where)
            if untrained is None:
                kind = transformers.AutoModelForCausalLM if head else transformers.AutoModel
                model, loaded = kind.from_pretrained(
                    folder,
                    dtype=getattr(torch, dtype),
                    output_loading_info=True,
                    **where,
                    **({} if gguf else {"use_safetensors": True}),
                )
            else:
                model = _untrained(transformers, folder, where, getattr(torch, dtype), untrained)
        except Exception as error:  # of any kind: what is in the folder comes from anywhere
            raise InputError(_why_not(path, error)) from error
        if head and (lacking := sorted(loaded.get("missing_keys", ()))):
            raise InputError(
                f"{path} predicts no next token: it has no weights for {lacking[0]}; pass a causal "
                "model, such as GPT-2 or Gemma, with all its weights"
            )
        if not getattr(tokenizer, "is_fast", False):
            raise InputError(
                f"the tokenizer of {path} does not say which characters its tokens stand for; "
                "add its tokenizer.json"
            )
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        tokenizer.padding_side = "right"
        config = model.config.get_text_config()
        drawn = "" if untrained is None else f", untrained (seed {untrained})"
        return cls(
            name=f"{path.name}{drawn}",
            digest=f"{_digest(path)}{drawn}",
            tokenizer=tokenizer,
            model=model.to(device).eval(),
            n_layers=int(config.num_hidden_layers),
            width=int(config.hidden_size),
            longest=getattr(config, "max_position_embeddings", None),
        )

    def tokens(self, prompts: Sequence[Prompt]) -> list[list[int] | None]:
        """Find the tokens of each prompt that stand for what is looked at.

        Parameters
        ----------
        prompts : sequence of Prompt
            Texts and places.

        Returns
        -------
        list of list of int, or None
            Places of the tokens; None where there is none, or one that the tokenizer does not know.

        Raises
        ------
        InputError
            A prompt that is longer than the model takes.
        """
        read = self.tokenizer([prompt.text for prompt in prompts], return_offsets_mapping=True)
        unknown = self.tokenizer.unk_token_id
        found: list[list[int] | None] = []
        for prompt, ids, offsets in zip(
            prompts, read["input_ids"], read["offset_mapping"], strict=True
        ):
            if self.longest is not None and len(ids) > self.longest:
                raise InputError(
                    f"the prompt {prompt.text[:40]!r}... has {len(ids):,} tokens, and {self.name} "
                    f"takes {self.longest:,}; shorten it"
                )
            mine = [
                place
                for place, (begin, end) in enumerate(offsets)
                if begin < prompt.end and end > prompt.begin and end > begin
            ]
            known = bool(mine) and all(ids[place] != unknown for place in mine)
            found.append(mine if known else None)
        return found

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts, those included that the tokenizer adds.

        Parameters
        ----------
        texts : sequence of str
            Of any length.

        Returns
        -------
        list of int
            One for each.
        """
        return [len(ids) for ids in self.tokenizer(list(texts))["input_ids"]]

    def states(
        self, prompts: Sequence[Prompt], tokens: Sequence[Sequence[int]], pooling: Pooling
    ) -> NDArray[np.float32]:
        """Run the model on prompts of about one length.

        Parameters
        ----------
        prompts : sequence of Prompt
            n texts.
        tokens : sequence of sequence of int
            Tokens of each that are looked at, from `tokens`.
        pooling : {"last", "mean"}
            The state of the last of them, or the mean of all.

        Returns
        -------
        (n_layers + 1, n, width) float32
            Hidden states, those of the input embeddings first.

        Raises
        ------
        InputError
            A state that is not finite.
        """
        import torch

        with torch.inference_mode():
            read = self.tokenizer(
                [prompt.text for prompt in prompts], padding=True, return_tensors="pt"
            ).to(self.model.device)
            given = self.model(**read, output_hidden_states=True).hidden_states
            rows = torch.arange(len(prompts), device=self.model.device)
            if pooling == "last":
                last = torch.tensor([one[-1] for one in tokens], device=self.model.device)
                pooled = torch.stack([layer[rows, last].float() for layer in given])
            else:
                chosen = torch.zeros(read["input_ids"].shape, device=self.model.device)
                for row, one in enumerate(tokens):
                    chosen[row, list(one)] = 1 / len(one)
                pooled = torch.stack(
                    [torch.einsum("nt,ntd->nd", chosen, layer.float()) for layer in given]
                )
        found: NDArray[np.float32] = pooled.cpu().numpy()
        if not np.isfinite(found).all():
            layer, row = (int(index[0]) for index in np.nonzero(~np.isfinite(found))[:2])
            raise InputError(
                f"{self.name} gives a state that is not finite at layer {layer} for "
                f"{prompts[row].text!r}; try another precision"
            )
        return found


def _packages() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError:
        raise missing("running a language model", "torch", "transformers") from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _untrained(
    transformers: Any, folder: Path, where: dict[str, Any], dtype: Any, seed: int
) -> Any:
    """The architecture with weights as its own code draws them, whatever was drawn before."""
    import torch

    config = transformers.AutoConfig.from_pretrained(folder, **where)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return transformers.AutoModel.from_config(config, dtype=dtype, trust_remote_code=False)


def _place(path: Path) -> tuple[Path, str | None]:
    if path.is_file() and path.suffix == ".gguf":
        return path.parent, path.name
    if is_model_folder(path):
        if not any(path.glob("*.safetensors")):
            raise InputError(f"{path} has no weights in safetensors; add them, or convert them")
        return path, None
    if not path.exists():
        raise InputError(f"{path} does not exist; pass a model's folder or a GGUF file")
    raise InputError(
        f"{path} is no language model; pass a folder with config.json, tokenizer.json and weights "
        "in safetensors, or a GGUF file"
    )


def _why_not(path: Path, error: Exception) -> str:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return f"{path} cannot be opened ({reason[:200]}); check that it is whole, and of a known kind"


def _digest(path: Path) -> str:
    """Hash what states depend on; checkpoints of one model differ in nothing but numbers."""
    files = [path]
    if path.is_dir():
        files = sorted([*path.glob("*.safetensors"), path / CONFIG, *path.glob("*token*.*")])
    return hashlib.sha256("".join(sha256(file) for file in files).encode()).hexdigest()
