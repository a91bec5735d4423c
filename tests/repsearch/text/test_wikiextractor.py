"""WikiExtractor's files become the articles that a reader sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.text import wikiextractor
from repsearch.text.files import TextFiles

TWO = """\
<doc id="12" url="https://en.wikipedia.org/wiki?curid=12" title="River trade">
River trade

Boats carry grain &amp; salt down the river.&nbsp;Boats return with &lt;b&gt;cloth&lt;/b&gt;.
Merchants wait at the harbour.

</doc>
<doc id="25" revid="7" url="https://en.wikipedia.org/wiki?curid=25" title="Salt &quot;x&quot; > y">
Salt "x" > y

Salt is mined &quot;dry&quot; &amp;lt;br&amp;gt;and sold, 1 &lt; 2.

</doc>
"""
WORDS = [
    "boats carry grain salt down the river boats return with cloth merchants wait at the harbour",
    "salt is mined dry and sold",
]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def documents(source: object, tokenizer: str = "latin") -> list[list[str | None]]:
    corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)  # type: ignore[arg-type]
    return [corpus.document(k) for k in range(corpus.n_documents)]


@pytest.mark.parametrize("tokenizer", ["latin", "unicode", lambda text: text.lower().split()])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("unit", ["line", "file"])
def test_each_doc_is_a_document(tmp_path, tokenizer, end, unit):
    path = write(tmp_path / "AA" / "wiki_00", TWO.replace("\n", end))
    found = documents(TextFiles(path.parent, unit), tokenizer)
    if tokenizer in ("latin", "unicode"):
        assert found == [words.split() for words in WORDS]
    else:
        assert len(found) == 2
        assert found[1] == ["salt", "is", "mined", '"dry"', "and", "sold,", "1", "<", "2."]


def test_a_first_line_that_is_not_the_title_is_kept(tmp_path):
    text = '<doc id="1" url="u" title="Salt">\nSalty\nwords\n</doc>\n'
    assert documents(write(tmp_path / "a", text)) == [["salty", "words"]]


def test_a_title_with_quotation_marks(tmp_path):
    text = '<doc id="1" url="u" title="The "Salt" book">\nThe "Salt" book\n\nwords\n</doc>\n'
    assert documents(write(tmp_path / "a", text)) == [["words"]]


def test_what_is_in_no_element_is_counted(tmp_path):
    text = TWO + "stray words\n\n" + '<doc id="3" url="u" title="T">\nT\n\ncut off'
    corpus = encode(write(tmp_path / "a", text), vocabulary_size=None)
    assert corpus.n_documents == 3
    assert (corpus.record.stray_lines, corpus.record.unclosed_articles) == (1, 1)
    assert any(
        "lines outside of <doc> elements were left out (1 of them)" in note for note in corpus.notes
    )
    assert any("<doc> elements without their end: 1;" in note for note in corpus.notes)


def test_an_article_without_words_is_no_document(tmp_path):
    text = '<doc id="1" url="u" title="Salt">\nSalt\n</doc>\n' + TWO
    assert len(documents(write(tmp_path / "a", text))) == 2


@pytest.mark.parametrize(("choice", "number"), [("skip", 1), ("replace", 2)])
def test_bad_bytes(tmp_path, choice, number):
    path = tmp_path / "a"
    path.write_bytes(TWO.encode().replace(b"sold", b"so\xffld"))
    corpus = encode(TextFiles(path, bad_bytes=choice), vocabulary_size=None)
    assert corpus.n_documents == number
    assert corpus.n_documents_dropped == 2 - number
    with pytest.raises(InputError, match=r"is not UTF-8 at byte \d+ \(line 11\)"):
        encode(path, vocabulary_size=None)


def test_an_article_without_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(wikiextractor, "MOST_DOCUMENT_BYTES", 1 << 20)
    text = '<doc id="1" url="u" title="T">\n' + "words and words\n" * 100_000
    with pytest.raises(InputError, match="an article of more than 1 MiB; its </doc> is missing"):
        encode(write(tmp_path / "a", text), vocabulary_size=None)
