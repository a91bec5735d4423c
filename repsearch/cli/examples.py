"""Show of every command one line that works, at the end of its help."""

from __future__ import annotations

_LINES = {
    "demo": "repsearch demo --out runs/demo",
    "run": "repsearch run articles.txt --out runs/mine",
    "count": "repsearch count articles.txt --out counts.npz",
    "vocabulary": "repsearch vocabulary articles.txt --out words.tsv",
    "phrases": "repsearch phrases articles.txt --out phrases.tsv",
    "merge": "repsearch merge a.npz b.npz --out counts.npz",
    "solve": "repsearch solve carried -d 50 --embeddings emb.vec",
    "predict": "repsearch predict carried --init 1e-6",
    "minimise": "repsearch minimise carried -d 50 --out best.vec",
    "train": "repsearch train carried -d 20 --modes 2 --out runs/small",
    "compare": "repsearch compare runs/small --modes 2",
    "states": "repsearch states models/minilm --out states",
    "steer": "repsearch steer models/gpt2 --families family --out steered",
    "reproduce": "repsearch reproduce 3b 8 --out runs/paper",
    "sweep": "repsearch sweep grid.toml --out runs/grid",
    "report": "repsearch report runs/mine runs/other --out both.html",
    "export": "repsearch export runs/small --out small.vec",
    "atlas": "repsearch atlas emb.vec --out words.tsv",
    "ask": 'repsearch ask emb.vec "king - man + woman"',
    "evaluate": "repsearch evaluate emb.vec --out scores",
    "topics": "repsearch topics spectrum.safetensors --modes 5",
    "probe concepts": "repsearch probe concepts emb.vec --families family",
    "probe snr": "repsearch probe snr emb.vec",
    "probe spiked": "repsearch probe spiked emb.vec",
    "probe isotropy": "repsearch probe isotropy emb.vec",
    "probe emergence": "repsearch probe emergence runs/small --dims 5,10,20",
    "probe causal": "repsearch probe causal models/gpt2 --relations word_pairs",
    "probe layers": "repsearch probe layers states --out found",
    "probe learning": "repsearch probe learning checkpoints --out found",
    "probe states": "repsearch probe states states.npz",
    "probe theory": "repsearch probe theory states --counts carried",
    "verify": "repsearch verify spectrum.safetensors runs/small",
    "data": "repsearch data",
    "fetch": "repsearch data fetch text8",
}

EXAMPLES = {name: f"Example: {line}" for name, line in _LINES.items()}
"""The last line of the help of each command, by its name."""
