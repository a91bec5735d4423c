"""Run the stage that the command line names.

python -m benchmarks.checkpoints encode TEXT FILE.npz    choose documents, as word ids
python -m benchmarks.checkpoints predict FILE.npz        the order of learning in closed form
python -m benchmarks.checkpoints train FILE.npz OUT      a small causal transformer; checkpoints
python -m benchmarks.checkpoints pack OUT FOLDER         checkpoints in a few small files
python -m benchmarks.checkpoints unpack FOLDER OUT       and back to folders that transformers reads
python -m benchmarks.checkpoints analyse OUT FILE.npz    what is a direction when, beside M*
python -m benchmarks.checkpoints document                write docs/checkpoints-results.md

`train`, `pack` and `unpack` need torch, transformers and safetensors, and nothing of repsearch.
"""

import argparse
from pathlib import Path


def main() -> None:
    """Run one stage."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints")
    stages = parser.add_subparsers(dest="stage", required=True)

    encode = stages.add_parser("encode", help="choose documents of a text, as word ids")
    encode.add_argument("text", type=Path, help="a text, or the folder of an encoded corpus")
    encode.add_argument("file", type=Path)
    encode.add_argument("--tokens", type=int, default=25_000_000, help="at most as many words")
    encode.add_argument("--vocabulary", type=int, default=10_000)
    encode.add_argument("--seed", type=int, default=0, help="of the choice of documents")

    train = stages.add_parser("train", help="train, or go on with a training that was stopped")
    train.add_argument("file", type=Path)
    train.add_argument("out", type=Path)
    train.add_argument("--device", default="cpu")
    train.add_argument("--steps", type=int, default=12_000)
    train.add_argument("--checkpoints", type=int, default=18, help="besides the one at step 0")
    train.add_argument("--first", type=int, default=16, help="step of the first after step 0")
    train.add_argument("--layers", type=int, default=4)
    train.add_argument("--width", type=int, default=128)
    train.add_argument("--heads", type=int, default=4)
    train.add_argument("--context", type=int, default=64)
    train.add_argument("--batch", type=int, default=128, help="contexts a step")
    train.add_argument("--rate", type=float, default=1e-3, help="of AdamW, after the warm-up")
    train.add_argument("--warmup", type=int, default=100, help="steps over which the rate rises")
    train.add_argument("--seconds", type=float, help="keep a last checkpoint after these, and stop")
    train.add_argument("--seed", type=int, default=0)

    for name, said in (("pack", "files of at most 15 MiB"), ("unpack", "folders again")):
        stage = stages.add_parser(name, help=said)
        stage.add_argument("source", type=Path)
        stage.add_argument("out", type=Path)

    predict = stages.add_parser("predict", help="the order of learning in closed form")
    predict.add_argument("file", type=Path)
    analyse = stages.add_parser("analyse", help="what is a direction when, beside M*")
    analyse.add_argument("checkpoints", type=Path)
    analyse.add_argument("file", type=Path)
    stages.add_parser("document", help="write docs/checkpoints-results.md")

    asked = parser.parse_args()
    if asked.stage == "encode":
        from benchmarks.checkpoints.text import choose

        choose(asked.text, asked.file, asked.tokens, asked.vocabulary, asked.seed)
    elif asked.stage == "train":
        from benchmarks.checkpoints.training import Recipe
        from benchmarks.checkpoints.training import train as begin

        chosen = {name: getattr(asked, name) for name in Recipe.__dataclass_fields__}
        begin(asked.file, asked.out, Recipe(**chosen), asked.device, asked.seconds)
    elif asked.stage in ("pack", "unpack"):
        from benchmarks.checkpoints import packing

        (packing.pack if asked.stage == "pack" else packing.unpack)(asked.source, asked.out)
    else:
        from benchmarks.checkpoints import results

        if asked.stage == "predict":
            results.predict(asked.file)
        elif asked.stage == "analyse":
            results.analyse(asked.checkpoints, asked.file)
        results.document()


if __name__ == "__main__":
    main()
