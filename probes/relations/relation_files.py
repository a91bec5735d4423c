"""Read families of word pairs from files, and the carried pairs of the Google analogies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from probes.relations.relations import Pair, Relations
from probes.relations.word_files import checked_word, numbered_lines, read_text
from repsearch.errors import InputError

GOOGLE_SOURCE = "Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781 (Apache-2.0)"


def read_relations(path: Path | str, *, lowercase: bool = True) -> Relations:
    r"""Read families of word pairs from a text or JSON file.

    Three layouts are understood. Of the first two, empty lines and lines that
    begin with ``#`` are passed over.

    * Three columns separated by tabs: family, first word, second word; no
      heading line.
    * Sections, as in the Google file: a line ``: family``, then two words a
      line.
    * A file whose name ends in ``.json``: an object of families, each a list
      of two-word lists.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8.
    lowercase : bool, default True
        Whether words are put in lower case, as those of the paper's
        vocabularies are. Family names keep theirs.

    Returns
    -------
    Relations
        Named after the file.

    Raises
    ------
    InputError
        When the file cannot be read or a line is not as described; the message
        names the line.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "toy.tsv"
    ...     _ = path.write_text("plural\tcat\tcats\nplural\tdog\tdogs\n")
    ...     print(read_relations(path))
    toy: 2 pairs in 1 family
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        found = _from_json(path, lowercase=lowercase)
    else:
        found = _from_text(path, lowercase=lowercase)
    if not any(found.values()):
        raise InputError(f"{path} holds no pair; write lines of family, word and word with tabs")
    return Relations(
        {family: tuple(pairs) for family, pairs in found.items()},
        name=path.stem,
        source=str(path),
    )


def read_relation_folder(path: Path | str, *, lowercase: bool = True) -> Relations:
    r"""Read a folder of families, one a file, as BATS comes.

    Every ``.txt`` file below the folder is a family that is named after it. A
    line has a word and its partner, separated by a tab or blanks; where there
    are several partners, separated by slashes (``puppy/pup``), the first
    one, which is the usual, is taken. Empty lines and lines that begin with
    ``#`` are passed over.

    Parameters
    ----------
    path : Path or str
        The folder.
    lowercase : bool, default True
        Whether words are put in lower case.

    Returns
    -------
    Relations
        Named after the folder; families in the order of their paths.

    Raises
    ------
    InputError
        There is no such folder or no ``.txt`` file in it, two files have one
        name, a file cannot be read, or a line does not have two words; the
        message names the line.

    References
    ----------
    Gladkova, Drozd and Matsuoka 2016, NAACL student workshop (BATS).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "young.txt").write_text("dog puppy/pup\ncat kitten\n")
    ...     read_relation_folder(folder).families["young"]
    (('dog', 'puppy'), ('cat', 'kitten'))
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(f"{path} is no folder; read_relations reads a single file")
    found: dict[str, tuple[Pair, ...]] = {}
    for file in sorted(path.rglob("*.txt")):
        if file.stem in found:
            raise InputError(f"two files below {path} are named {file.name}; rename one")
        found[file.stem] = tuple(_partners(file, lowercase=lowercase))
    if not any(found.values()):
        raise InputError(f"there is no pair in .txt files below {path}; check the folder")
    return Relations(found, name=path.name, source=str(path))


def google_relations(*, lowercase: bool = True) -> Relations:
    """Open the 573 word pairs, in 14 families, of the Google analogies.

    The carried file holds the distinct pairs of the 19,544 questions, cased as
    in the source. Asking every ordered pair of pairs gives 30,494 questions,
    316 of which no method that leaves out the query words can answer. The
    country capitals of ``capital-common-countries`` are also in
    ``capital-world``.

    Parameters
    ----------
    lowercase : bool, default True
        Whether words are put in lower case.

    Returns
    -------
    Relations
        Named ``google``.

    References
    ----------
    Mikolov, Chen, Corrado and Dean, "Efficient estimation of word
    representations in vector space", 2013, arXiv:1301.3781; Apache-2.0.

    Examples
    --------
    >>> print(google_relations())
    google: 573 pairs in 14 families
    >>> google_relations().select(["family"]).families["family"][0]
    ('boy', 'girl')
    """
    with as_file(files("repsearch.data") / "google-relations.tsv") as path:
        found = read_relations(path, lowercase=lowercase)
    return Relations(found.families, name="google", source=GOOGLE_SOURCE)


def _from_text(path: Path, *, lowercase: bool) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = {}
    family: str | None = None
    for number, line in numbered_lines(path):
        if line.startswith(":") and (family is not None or not found):
            family = line[1:].strip()
            if not family:
                raise InputError(f"line {number} of {path} is a section without a name; add one")
            found.setdefault(family, [])
            continue
        if family is None:
            fields = line.split("\t")
            if len(fields) != 3:
                raise InputError(
                    f"line {number} of {path} has {_count(len(fields), 'field')}; a relation file "
                    "has three columns separated by tabs (family, word, word), or sections "
                    "': family' with two words a line"
                )
            name, *words = fields
            pairs = found.setdefault(checked_word(name, path, number, lowercase=False), [])
        else:
            words = line.split()
            if len(words) != 2:
                hint = "; read_questions reads lines of four" if len(words) == 4 else ""
                raise InputError(
                    f"line {number} of {path} has {_count(len(words), 'word')} where section "
                    f"{family!r} takes two a line{hint or '; mend the line'}"
                )
            pairs = found[family]
        first, second = (checked_word(word, path, number, lowercase=lowercase) for word in words)
        pairs.append((first, second))
    return found


def _partners(file: Path, *, lowercase: bool) -> Iterator[Pair]:
    for number, line in numbered_lines(file):
        words = line.split("\t") if "\t" in line else line.split()
        if len(words) != 2:
            raise InputError(
                f"line {number} of {file} has {_count(len(words), 'field')}; a line of a family "
                "is a word and its partners"
            )
        first, partners = words
        yield (
            checked_word(first, file, number, lowercase=lowercase),
            checked_word(partners.split("/")[0], file, number, lowercase=lowercase),
        )


def _from_json(path: Path, *, lowercase: bool) -> dict[str, list[Pair]]:
    shape = 'an object such as {"family": [["king", "queen"], ["man", "woman"]]}'
    try:
        content = json.loads(read_text(path), object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno} of {path} is not JSON ({error.msg}); write {shape}"
        ) from None
    except (ValueError, RecursionError):
        raise InputError(
            f"{path} holds a number of thousands of digits, or is nested too deep; write {shape}"
        ) from None
    except _RepeatedKeyError as error:
        raise InputError(
            f"{path} has the family {error.args[0]!r} twice; join the two lists"
        ) from None
    if not isinstance(content, dict) or not all(isinstance(v, list) for v in content.values()):
        raise InputError(f"{path} does not hold families of pairs; write {shape}")
    found: dict[str, list[Pair]] = {}
    for family, pairs in content.items():
        for position, pair in enumerate(pairs, start=1):
            if not (
                isinstance(pair, list)
                and len(pair) == 2
                and all(isinstance(word, str) and word.strip() for word in pair)
            ):
                raise InputError(
                    f"entry {position} of family {family!r} in {path} is {json.dumps(pair)}; "
                    "a pair is a list of two words"
                )
        found[family] = [
            (a.strip().lower(), b.strip().lower()) if lowercase else (a.strip(), b.strip())
            for a, b in pairs
        ]
    return found


class _RepeatedKeyError(Exception):
    """A key comes twice in a JSON object, of which `json` would keep the last."""


def _without_repeats(items: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in items:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
