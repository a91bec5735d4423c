"""Read relations from a file or a folder; open those that are carried."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from probes.relations.relation_folders import read_relation_folder
from probes.relations.relation_json import families_of_json
from probes.relations.relation_text import LAYOUTS, families_of_text, relations_of
from probes.relations.relations import Relations
from repsearch.errors import InputError

GOOGLE_SOURCE = "Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781 (Apache-2.0)"


def read_relations(path: Path | str, *, keep_case: bool = False) -> Relations:
    r"""Read families of word pairs from a text, CSV, TSV or JSON file, or a folder of these.

    The content shows the layout; empty lines and lines that begin with ``#``
    are passed over.

    * Three columns: family, first word, second word. Tabs, commas,
      semicolons or blanks separate them. A heading line that names the columns
      (``family``, ``word1``, ``word2``) may stand first, and is then followed.
    * Two columns: one family, named after the file.
    * Sections, as in the Google file: a line ``: family``, then two words a
      line.
    * Lines such as ``"cat:kitten"``, as in SemEval-2012, perhaps with a
      rating beside them: one family.
    * A file whose name ends in ``.json``: an object of families, each a list
      of two-word lists.

    Where the second word is several, joined by slashes or commas
    (``girl/lass``), the first is the usual one and each of them is right.

    A folder, such as BATS, is read by `read_relation_folder`: each file in it is a family.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8, or a folder.
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`Relations`).

    Returns
    -------
    Relations
        Named after the file or folder.

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
    if path.is_dir():
        return read_relation_folder(path, keep_case=keep_case)
    is_json = path.suffix.lower() == ".json"
    found = families_of_json(path) if is_json else families_of_text(path)
    if not any(found.values()):
        raise InputError(f"{path} holds no pair; it should have {LAYOUTS}")
    return relations_of(found, path.stem, path, keep_case=keep_case)


def google_relations(*, keep_case: bool = False) -> Relations:
    """Open the 573 word pairs, in 14 families, of the Google analogies.

    The carried file holds the distinct pairs of the 19,544 questions, cased as
    in the source. Asking every ordered pair of pairs gives 30,494 questions,
    316 of which no method that leaves out the query words can answer. The
    country capitals of ``capital-common-countries`` are also in
    ``capital-world``.

    Parameters
    ----------
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`Relations`).

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
    >>> google_relations().families["capital-world"][0]
    ('Abuja', 'Nigeria')
    """
    with as_file(files("repsearch.data") / "google-relations.tsv") as path:
        found = read_relations(path, keep_case=keep_case)
    return Relations(found.families, name="google", source=GOOGLE_SOURCE, keep_case=keep_case)
