"""Make the relation and similarity files carried in `repsearch/data`.

Run from the repository's root with the project installed (or ``PYTHONPATH=.``), with the
folder of the originals::

    python tools/make_benchmark_data.py ../shared/data/benchmarks

It reads ``questions-words.txt``, ``wordsim353.tsv``, ``men3000.txt`` and
``simlex999.txt`` and writes ``google-relations.tsv``, ``wordsim353.tsv``,
``men3000.tsv`` and ``simlex999.tsv``. Words keep their case.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from probes.relations.question_files import read_questions
from probes.relations.similarity_files import read_similarity
from repsearch.storage.atomic import replacing

DATA = Path(__file__).resolve().parents[1] / "repsearch" / "data"

GOOGLE = """\
The word pairs of the Google analogy questions: family, word, word.
Distinct pairs of questions-words.txt by family, in its order; words cased as there.
Source: T. Mikolov, K. Chen, G. Corrado, J. Dean, "Efficient estimation of word
representations in vector space", 2013, arXiv:1301.3781.
Licence: Apache-2.0 (as part of word2vec, https://code.google.com/archive/p/word2vec/);
changed: questions reduced to their pairs.
"""

SIMILARITY = {
    "wordsim353": (
        "wordsim353.tsv",
        """\
WordSim-353: 353 English word pairs with the mean of human ratings of relatedness, 0 to 10.
The pair money, cash stands twice in the original, with two ratings, and here.
Source: L. Finkelstein, E. Gabrilovich, Y. Matias, E. Rivlin, Z. Solan, G. Wolfman,
E. Ruppin, "Placing search in context: the concept revisited", ACM Transactions on
Information Systems 20 (2002), 116-131.
Licence: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).
""",
    ),
    "men3000": (
        "men3000.txt",
        """\
MEN: 3,000 English word pairs with a score of relatedness, 0 to 50: how often of 50 times
the pair was judged more related than another.
Source: E. Bruni, N. K. Tran, M. Baroni, "Multimodal distributional semantics", Journal of
Artificial Intelligence Research 49 (2014), 1-47.
Licence: CC BY 2.0 (https://creativecommons.org/licenses/by/2.0/).
""",
    ),
    "simlex999": (
        "simlex999.txt",
        """\
SimLex-999: 999 English word pairs with the mean of human ratings of similarity (not
relatedness), 0 to 10.
Source: F. Hill, R. Reichart, A. Korhonen, "SimLex-999: evaluating semantic models with
(genuine) similarity estimation", Computational Linguistics 41 (2015), 665-695,
https://fh295.github.io/simlex.html
Licence: the authors state none; they offer it for download and ask to be cited.
""",
    ),
}


def google_text(source: Path) -> str:
    """Content of ``google-relations.tsv``, from the folder of the originals."""
    relations = read_questions(source / "questions-words.txt").relations()
    lines = [
        f"{family}\t{first}\t{second}"
        for family, pairs in relations.families.items()
        for first, second in pairs
    ]
    return _commented(GOOGLE) + "\n".join(lines) + "\n"


def similarity_text(name: str, source: Path) -> str:
    """Content of ``NAME.tsv``, from the folder of the originals."""
    original, header = SIMILARITY[name]
    dataset = read_similarity(source / original)
    lines = [
        f"{first}\t{second}\t{score:g}"
        for (first, second), score in zip(dataset.pairs, dataset.scores, strict=True)
    ]
    return _commented(header) + "\n".join(lines) + "\n"


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(description="make the carried relation and similarity files")
    parser.add_argument("source", type=Path, help="folder of the originals")
    parser.add_argument("--out", type=Path, default=DATA, help="where to write")
    arguments = parser.parse_args()
    texts = {"google-relations": google_text(arguments.source)}
    texts |= {name: similarity_text(name, arguments.source) for name in SIMILARITY}
    for name, text in texts.items():
        with replacing(arguments.out / f"{name}.tsv", "w") as stream:
            stream.write(text)
        print(f"{name}.tsv: {len(text):,} characters")


def _commented(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())


if __name__ == "__main__":
    main()
