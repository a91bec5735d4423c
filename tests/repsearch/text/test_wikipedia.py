"""Reading a small dump of sentences made up for the purpose."""

from __future__ import annotations

import bz2
import subprocess
import sys
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from repsearch.errors import InputError
from repsearch.text.wikipedia import wikipedia_articles, wikipedia_pages
from repsearch.text.wikitext import PlainText

needs_parser = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import mwparserfromhell"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="needs mwparserfromhell",
)

SITEINFO = """\
  <siteinfo>
    <sitename>Probepedia</sitename>
    <namespaces>
      <namespace key="-2" case="first-letter">Medium</namespace>
      <namespace key="0" case="first-letter" />
      <namespace key="6" case="first-letter">Datei</namespace>
      <namespace key="14" case="first-letter">Kategorie</namespace>
    </namespaces>
  </siteinfo>
"""
LIGHTHOUSE = """\
{{Infobox|name=Lamp|height=12}}
The '''old lamp''' stands on a [[cliff|rocky ''cliff'']].<ref>A note.</ref>

== History ==
[[Datei:Lamp.jpg|thumb|A picture of [[night]]]]
* Built by hand
[[Kategorie:Lamps]]
"""


def page(title: str, text: str, *, ns: str | None = "0", extra: str = "", model: str = "") -> str:
    return (
        f"  <page>\n    <title>{escape(title)}</title>\n"
        + (f"    <ns>{ns}</ns>\n" if ns is not None else "")
        + f"    {extra}<revision><id>7</id>{model}"
        f'<text bytes="1" xml:space="preserve">{escape(text)}</text></revision>\n  </page>\n'
    )


def dump(*pages: str, version: str = "0.11") -> bytes:
    attribute = f' xmlns="http://www.mediawiki.org/xml/export-{version}/"' if version else ""
    return f"<mediawiki{attribute}>\n{SITEINFO}{''.join(pages)}</mediawiki>\n".encode()


PAGES = (
    page("Lamp", LIGHTHOUSE),
    page("Talk:Lamp", "Chatter.", ns="1"),
    page("Light", "#REDIRECT [[Lamp]]", extra='<redirect title="Lamp" />'),
    page("Lantern", "#redirect [[Lamp]]"),
    page("Data", '{"a": 1}', model="<model>json</model><format>application/json</format>"),
    page("Only a box", "{{Infobox|a=b}}"),
    page("Köhler", "Ein Köhler & sein <b>Wald</b>.", model="<model>wikitext</model>"),
)


def written(folder: Path, content: bytes, name: str = "dump.xml") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


class TestPages:
    @pytest.mark.parametrize("version", ["", "0.3", "0.10", "0.11"])
    def test_articles_alone_whatever_the_version(self, tmp_path: Path, version: str):
        path = written(tmp_path, dump(*PAGES, version=version))
        found = list(wikipedia_pages(path))
        assert [page.title for page in found] == ["Lamp", "Only a box", "Köhler"]
        assert found[0].wikitext == LIGHTHOUSE.strip()

    def test_packed_in_one_stream_or_many(self, tmp_path: Path):
        content = dump(*PAGES)
        one = written(tmp_path, bz2.compress(content), "one.xml.bz2")
        halves = bz2.compress(content[:900]) + bz2.compress(content[900:])
        # The first bytes tell what it is, not the name.
        many = written(tmp_path, halves, "many.dump")
        plain = written(tmp_path, content)
        assert list(wikipedia_pages(one)) == list(wikipedia_pages(many))
        assert list(wikipedia_pages(one)) == list(wikipedia_pages(plain))

    def test_old_dump_without_namespace_numbers(self, tmp_path: Path):
        path = written(tmp_path, dump(page("Lamp", "Text.", ns=None), version="0.3"))
        assert [page.title for page in wikipedia_pages(path)] == ["Lamp"]

    def test_deleted_text(self, tmp_path: Path):
        content = "<page><title>A</title><ns>0</ns><revision><text deleted='d'/></revision></page>"
        path = written(tmp_path, dump(content))
        assert [page.wikitext for page in wikipedia_pages(path)] == [""]

    def test_of_several_revisions_the_last(self, tmp_path: Path):
        content = (
            "<page><title>A</title><ns>0</ns><revision><text>first</text></revision>"
            "<revision><text>last</text></revision></page>"
        )
        path = written(tmp_path, dump(content))
        assert [page.wikitext for page in wikipedia_pages(path)] == ["last"]

    def test_memory_does_not_grow_with_the_dump(self, tmp_path: Path):
        few = written(tmp_path, dump(*[page("A", "word " * 2000)] * 30), "few.xml")
        many = written(tmp_path, dump(*[page("A", "word " * 2000)] * 600), "many.xml")

        def peak(path: Path) -> int:
            tracemalloc.start()
            try:
                assert sum(1 for _ in wikipedia_pages(path)) in (30, 600)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        assert many.stat().st_size > 6_000_000
        assert peak(many) < peak(few) + 100_000

    def test_progress_counts_bytes_of_the_file(self, tmp_path: Path):
        path = written(tmp_path, bz2.compress(dump(*PAGES)))
        calls: list[tuple[str, float, float | None, str]] = []
        list(wikipedia_pages(path, progress=lambda *call: calls.append(call)))
        size = path.stat().st_size
        assert calls[-1] == ("reading dump.xml", size, size, "bytes")

    def test_stopping_early_closes_the_file(self, tmp_path: Path):
        # An open file would end in a ResourceWarning, which is an error here.
        pages = wikipedia_pages(written(tmp_path, bz2.compress(dump(*PAGES))))
        next(pages)
        del pages


class TestErrors:
    def test_no_such_file(self, tmp_path: Path):
        with pytest.raises(InputError, match="there is no file"):
            wikipedia_articles(tmp_path / "absent")

    def test_a_folder(self, tmp_path: Path):
        with pytest.raises(InputError, match="is a folder"):
            wikipedia_articles(tmp_path)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b"anarchism originated", "is no Wikipedia dump but plain text; give the file"),
            (b"\x1f\x8b\x08", "is truncated: .*download it again"),
            (b"BZh9xx", "is no Wikipedia dump but plain text"),
            (b"BZh91AY&SYxx", "damaged|truncated"),
        ],
    )
    def test_something_else(self, tmp_path: Path, content: bytes, said: str):
        with pytest.raises(InputError, match=said):
            wikipedia_articles(written(tmp_path, content))

    def test_another_kind_of_xml(self, tmp_path: Path):
        with pytest.raises(InputError, match="is no Wikipedia dump but an HTML page"):
            wikipedia_articles(written(tmp_path, b"<html><body/></html>"))

    @pytest.mark.parametrize("packed", [True, False])
    def test_half_of_a_dump(self, tmp_path: Path, *, packed: bool):
        content = dump(*[page(f"Lamp {i}", f"Text {i * i}. " * 500) for i in range(300)])
        if packed:
            content = bz2.compress(content, 1)
        pages = wikipedia_pages(written(tmp_path, content[: len(content) // 2]))
        with pytest.raises(InputError, match=r"not wholly downloaded|truncated"):
            list(pages)

    def test_without_the_parser(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(sys.modules, "mwparserfromhell", None)
        path = written(tmp_path, dump(*PAGES))
        with pytest.raises(InputError, match=r"-m pip install .?mwparserfromhell"):
            wikipedia_articles(path)


@needs_parser
class TestArticles:
    def test_plain_text(self, tmp_path: Path):
        path = written(tmp_path, bz2.compress(dump(*PAGES)), "dump.xml.bz2")
        assert list(wikipedia_articles(path)) == [
            "The old lamp stands on a rocky cliff.\n\nBuilt by hand",
            "Ein Köhler & sein Wald.",
        ]


@needs_parser
class TestPlainText:
    @pytest.mark.parametrize(
        ("wikitext", "text"),
        [
            ("'''Bold''', ''slanted'' and '''''both'''''.", "Bold, slanted and both."),
            ("A [[harbour]], [[ship]]s, [[sea|the sea]].", "A harbour, ships, the sea."),
            ("Look [http://e.org there] and [http://e.org].", "Look there and ."),
            ("At http://e.org/x?y=1 now", "At now"),
            ("A{{t|b|c=[[d]]}}B{{t|{{u}}}}", "AB"),
            ("Anna (; {{born|1900}}) and Bo ({{x}}) and (yes)", "Anna and Bo and (yes)"),
            ("One<ref name=a>Book, p. 3</ref><ref name=a /> two", "One two"),
            ("One<!-- hidden --> two", "One two"),
            ("x&nbsp;y caf&eacute; &amp; &#65; &lt;b&gt;", "x\xa0y café & A <b>"),
            ("a &#0; b", "a &#0; b"),
            ("== Title ==\nText", "Text"),
            ("One\n\n=== Sub ===\n\nTwo", "One\n\nTwo"),
            ("* one\n** two\n# three\n: four", "one\ntwo\nthree\nfour"),
            ("; term : meaning", "term meaning"),
            ("Before\n{| class=x\n! a !! b\n|-\n| c || [[d]]\n|}\nAfter", "Before\n\nAfter"),
            ("[[File:a.jpg|thumb|Cap [[x]]]][[image:b.png]]Text", "Text"),
            ("Text [[Category:Things]][[category : Other|key]]", "Text"),
            ("See [[:Category:Things]] and [[:File:a.jpg|it]]", "See Category:Things and it"),
            ("E <math>x^2</math>, H<sub>2</sub>O, m<sup>2</sup>", "E , H2O, m2"),
            ("Use <code>x = 1</code> or <nowiki>[[x]]</nowiki>", "Use x = 1 or x"),
            ("<syntaxhighlight lang=c>int x;</syntaxhighlight>Text", "Text"),
            ("<gallery>\nFile:a.jpg|Cap\n</gallery>\nText", "Text"),
            ("one<br>two<br/>three", "one\ntwo\nthree"),
            ("<div>one</div><p>two</p>", "one\ntwo"),
            ("<blockquote>Well said.</blockquote>she said", "Well said.\nshe said"),
            ("__NOTOC__ Text __FORCETOC__", "Text"),
            ("Broken '''bold and {{brace and [[link", "Broken bold and brace and link"),
            ("a\n\n\n\n\nb", "a\n\nb"),
            ("", ""),
        ],
    )
    def test_keeps_what_a_reader_sees(self, wikitext: str, text: str):
        assert PlainText()(wikitext) == text

    def test_namespaces_of_the_wiki(self):
        assert PlainText({"datei"})("a [[Datei:X.jpg|thumb|b]] c") == "a c"
        assert PlainText()("a [[Datei:X.jpg|c]]") == "a c"

    def test_deep_nesting_ends(self):
        assert PlainText()("{{a|" * 300 + "x" + "}}" * 300 + "'''" * 500 + " end").endswith("end")
