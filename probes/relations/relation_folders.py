"""Read a folder of families of word pairs, one a file: BATS, SemEval-2012, folders of pairs."""

from __future__ import annotations

import re
from pathlib import Path

from probes.relations.relation_text import Found, families_of_text, relations_of
from probes.relations.relations import Relations
from repsearch.errors import InputError

_SUFFIXES = {".txt", ".tsv", ".csv"}
_NO_FAMILY = re.compile(r"(read.?me|licen[cs]e|citation|changelog|metadata)\b", re.IGNORECASE)
_SEMEVAL = ("Phase1Answers", "GoldRatings", "SemEvalGoldRatings")
"""What begins the names of SemEval-2012's files of pairs, those to prefer first; beside them lie
questions and raw answers."""


def read_relation_folder(path: Path | str, *, keep_case: bool = False) -> Relations:
    r"""Read a folder of families, one a file.

    Every ``.txt``, ``.tsv`` and ``.csv`` file below the folder is a family that is
    named after it, with a pair on each line, in a layout that `read_relations`
    knows. Files named README, LICENSE and the like are passed over. So come

    * BATS: folders of numbered categories; a line has a word and its partners,
      separated by slashes (``puppy/pup``), of which the first is the usual and
      each is right.
    * Folders of pairs, such as ``[male - female].txt``; a family's name is
      without the brackets.
    * SemEval-2012 task 2: lines such as ``"cat:kitten"``. Of its files those
      named ``Phase1Answers`` are read, or ``GoldRatings``, all pairs whatever
      their rating.

    Parameters
    ----------
    path : Path or str
        The folder.
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`Relations`).

    Returns
    -------
    Relations
        Named after the folder; families in the order of their paths.

    Raises
    ------
    InputError
        There is no such folder or no file of pairs in it, two files have one
        name, a file cannot be read, or a line is no pair; the message
        names the line.

    References
    ----------
    Gladkova, Drozd and Matsuoka 2016, NAACL student workshop (BATS); Jurgens, Mohammad,
    Turney and Holyoak 2012, SemEval, "Measuring degrees of relational similarity".

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "young.txt").write_text("dog puppy/pup\ncat kitten\n")
    ...     found = read_relation_folder(folder)
    >>> found.families["young"], found.further("young", ("dog", "puppy"))
    ((('dog', 'puppy'), ('cat', 'kitten')), ('pup',))
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(
            f"{path} is no folder; give one, or read it as a file with `read_relations`"
        )
    found: Found = {}
    for file in _files(path):
        for family, pairs in families_of_text(file).items():
            if family in found:
                raise InputError(
                    f"two files below {path} hold the family {family!r}, {file} is the second; "
                    "rename one"
                )
            found[family] = pairs
    if not any(found.values()):
        raise InputError(
            f"there is no pair in {', '.join(sorted(_SUFFIXES))} files below {path}; check the "
            "folder"
        )
    return relations_of(found, path.name, path, keep_case=keep_case)


def _files(folder: Path) -> list[Path]:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in _SUFFIXES
        and file.is_file()
        and not file.name.startswith(".")
        and not _NO_FAMILY.match(file.stem)
    )
    for beginning in _SEMEVAL:
        if chosen := [file for file in files if file.name.startswith(beginning)]:
            return chosen
    return files
