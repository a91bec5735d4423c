"""Language models of a few thousand weights, in folders as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = ("they", "spoke", "of", "the", "next", "word", "is", "this", "about")
PIECES = ("king", "queen", "man", "woman", "owl", "##s", "##ly", "bright")


def tokenizer(more: Sequence[str] = ()) -> Any:
    """WordPiece, lower-cased, of the words above and further ones."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    pieces = ("[UNK]", "[PAD]", *WORDS, *PIECES, *more)
    rule = Tokenizer(WordPiece({piece: k for k, piece in enumerate(pieces)}, unk_token="[UNK]"))
    rule.normalizer = normalizers.Lowercase()
    rule.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=rule, unk_token="[UNK]", pad_token="[PAD]", model_max_length=12
    )


def save_model(
    folder: Path, kind: str = "causal", *, seed: int = 0, more: Sequence[str] = ()
) -> Path:
    """Write a random GPT-2 ("causal") or BERT ("encoder") of two layers."""
    import torch
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

    torch.manual_seed(seed)
    rule = tokenizer(more)
    if kind == "causal":
        model: Any = GPT2Model(
            GPT2Config(vocab_size=len(rule), n_positions=12, n_embd=16, n_layer=2, n_head=2)
        )
    else:
        model = BertModel(
            BertConfig(
                vocab_size=len(rule),
                hidden_size=16,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=32,
                max_position_embeddings=12,
            )
        )
    model.save_pretrained(folder)
    rule.save_pretrained(folder)
    return folder
