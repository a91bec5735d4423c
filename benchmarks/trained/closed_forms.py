"""Compute embeddings of M*, PPMI and PMI, from their leading eigenpairs."""

from pathlib import Path
from typing import Any

from benchmarks.process import timed
from benchmarks.weighted.pipeline import counted
from benchmarks.weighted.settings import DIMENSION, PLAIN, VOCABULARY
from repsearch import Counts, Embeddings, Target, eigenpairs, encode, mstar, pmi, shifted_ppmi

CLOSED_FORMS = {"M*": mstar, "PPMI": shifted_ppmi, "PMI": pmi}


def closed_forms(text: Path, folder: Path) -> dict[str, Any]:
    """Count a text and solve for each target; embeddings are kept in `folder`."""
    encoding, corpus = timed(encode, text, vocabulary_size=VOCABULARY)
    counting, counts = timed(counted, corpus, PLAIN)
    runs = {}
    for name, target in CLOSED_FORMS.items():
        seconds, embeddings = timed(_solved, counts, target)
        embeddings.save(embeddings_file(folder, name))
        runs[name] = {"seconds": counting + seconds}
        print(name, f"{seconds:.1f} s", flush=True)
    return {
        "words": len(counts.words),
        "tokens": counts.n_tokens,
        "window": counts.window.size,
        "dimension": DIMENSION,
        "corpora": list(counts.corpora),
        "encoding_seconds": encoding,
        "counting_seconds": counting,
        "runs": runs,
    }


def embeddings_file(folder: Path, name: str) -> Path:
    """Where the embeddings of a method are kept."""
    plain = name.replace("*", "star").replace(",", "").replace(" ", "-")
    return folder / f"{plain}.safetensors"


def _solved(counts: Counts, target: Any) -> Embeddings:
    made: Target = target(counts, dtype="float32")
    return eigenpairs(made, DIMENSION).embeddings()
