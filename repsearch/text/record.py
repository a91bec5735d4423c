"""Record what was read as text: files by format, what was left out, letters lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_LOST = 0.02
"""Share of letters that a tokeniser may drop before a warning says so."""

_SHOWN = 5


@dataclass
class TextRecord:
    """Hold what was done with a text while it was read.

    Parameters
    ----------
    files : dict of str to int
        Number of files by format.
    left_out : dict of str to str
        Files of a folder that were not read, with what they are.
    records : int
        Number of JSON records.
    records_without_text : int
        Number of them whose field is missing or holds no text.
    stray_lines : int
        Lines between the articles of WikiExtractor files, which were left out.
    unclosed_articles : int
        Articles of such files without their ``</doc>``.
    letters : int
        Number of letters that were read (Unicode's L, and M, the marks of
        letters); 0 where the tokeniser's loss is not measured.
    letters_dropped : int
        Number of them that are in no word.
    phrases : float
        Share of the words that seem to be whole phrases of a script written
        without spaces.

    Examples
    --------
    >>> record = TextRecord({"plain text": 2}, letters=1000, letters_dropped=1)
    >>> record.summary(documents=30, words=200)
    '2 files (plain text), 30 documents, 200 words; 0.1 % of letters dropped by the tokeniser'
    >>> record.warnings("latin")
    []
    """

    files: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    records: int = 0
    records_without_text: int = 0
    stray_lines: int = 0
    unclosed_articles: int = 0
    letters: int = 0
    letters_dropped: int = 0
    phrases: float = 0.0

    def add_file(self, name: str) -> None:
        """Count a file that is read.

        Parameters
        ----------
        name : str
            Its format.
        """
        self.files = dict(Counter(self.files) + Counter([name]))

    @property
    def share_dropped(self) -> float:
        """Fraction of the letters that the tokeniser dropped, 0 where it is not measured."""
        return self.letters_dropped / self.letters if self.letters else 0.0

    def summary(self, *, documents: int, words: int) -> str:
        """Say in one line what was read.

        Parameters
        ----------
        documents : int
            Number of documents kept.
        words : int
            Number of words in them.

        Returns
        -------
        str
            One line.
        """
        said = f"{documents:,} document{'s' * (documents != 1)}, {words:,} words"
        number = sum(self.files.values())
        if number:
            formats = ", ".join(
                name if len(self.files) == 1 else f"{n:,} {name}" for name, n in self.files.items()
            )
            said = f"{number:,} file{'s' * (number > 1)} ({formats}), {said}"
        if self.letters:
            said += f"; {100 * self.share_dropped:.2g} % of letters dropped by the tokeniser"
        return said

    def notes(self) -> list[str]:
        """Say what was left out of the text.

        Returns
        -------
        list of str
            A sentence each.
        """
        said = []
        if self.left_out:
            shown = [f"{name} ({what})" for name, what in list(self.left_out.items())[:_SHOWN]]
            more = len(self.left_out) - len(shown)
            also = f" and {more:,} more" if more else ""
            said.append(
                f"files that are no text were left out ({len(self.left_out):,}): "
                f"{', '.join(shown)}{also}"
            )
        if self.records_without_text:
            has, was = ("has", "was") if self.records_without_text == 1 else ("have", "were")
            said.append(
                f"{self.records_without_text:,} of {self.records:,} records {has} no text in the "
                f"field and {was} left out"
            )
        if self.stray_lines:
            said.append(
                f"lines outside of <doc> elements were left out ({self.stray_lines:,} of them); "
                "look at the file"
            )
        if self.unclosed_articles:
            said.append(
                f"<doc> elements without their end: {self.unclosed_articles:,}; a file may be cut "
                "short"
            )
        return said

    def warnings(self, tokenizer: str) -> list[str]:
        """Say what the tokeniser did to the text that a reader would not expect.

        Parameters
        ----------
        tokenizer : str
            Name of the tokeniser.

        Returns
        -------
        list of str
            A sentence each.
        """
        said = []
        if self.share_dropped > MOST_LOST:
            said.append(
                f"tokeniser {tokenizer!r} dropped {self.share_dropped:.1%} of the letters and cut "
                "words where they stood; for text with other letters than a to z choose "
                "--tokenizer unicode"
            )
        if self.phrases > MOST_LOST:
            said.append(
                f"{self.phrases:.0%} of the words are whole phrases of a script written without "
                "spaces; put spaces between its words first, with a segmenter of the language"
            )
        return said

    def to_json(self) -> dict[str, Any]:
        """Return the fields for a manifest.

        Returns
        -------
        dict
            Fields by name, all of them JSON.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, fields: object) -> TextRecord:
        """Read what `to_json` wrote; what does not fit is left at its default.

        Parameters
        ----------
        fields : object
            Content of the manifest's field, perhaps absent or damaged.

        Returns
        -------
        TextRecord
            The record.
        """
        record = cls()
        for name, default in asdict(record).items():
            value = fields.get(name) if isinstance(fields, dict) else None
            if _fits(value, default):
                setattr(record, name, value)
        if not all(type(n) is int for n in record.files.values()):
            record.files = {}
        return record


def _fits(value: object, default: object) -> bool:
    """Whether a value from a manifest is of the kind of a field's default."""
    if isinstance(default, float):
        return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]
    if isinstance(default, int):
        return type(value) is int and value >= 0
    return isinstance(value, dict)
