"""Read a column of a table, batch by batch: Arrow streams and files, Parquet."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.text.formats import Format, Kind
from repsearch.text.opened import Opened

TABLES = (Kind.ARROW_STREAM, Kind.ARROW_FILE, Kind.PARQUET)
"""Kinds of files that hold a table."""

MOST_BATCH_BYTES = 1 << 30
"""Most bytes of a batch of records, which has to be held whole."""

_MAGIC = {Kind.ARROW_FILE: b"ARROW1", Kind.PARQUET: b"PAR1"}
_ROWS = 1 << 10
_SHOWN = 12


@dataclass(frozen=True)
class Table:
    """Hold a table that is being read.

    Any stands for types of pyarrow, which is an extra.

    Parameters
    ----------
    opened : Opened
        The file.
    schema : pyarrow.Schema
        Names and types of its columns.
    columns : callable
        From the number of a column to an iterator of its pieces, pyarrow.Array.
    """

    opened: Opened
    schema: Any
    columns: Callable[[int], Iterator[Any]]

    def column(self, name: str) -> Any:
        """Give the type of a column.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        pyarrow.DataType

        Raises
        ------
        InputError
            No such column, or two.
        """
        places = self.schema.get_all_field_indices(name)
        if len(places) != 1:
            number = "two columns" if places else "no column"
            raise InputError(f"{self.opened.path} has {number} {name!r}; {self.choices()}")
        return self.schema.field(places[0]).type

    def pieces(self, name: str) -> Iterator[Any]:
        """Read a column.

        Parameters
        ----------
        name : str
            Its name.

        Yields
        ------
        pyarrow.Array
            Some records at a time, in order; its offsets are not checked.

        Raises
        ------
        InputError
            No such column, or a damaged file.
        """
        self.column(name)
        with damage(self.opened):
            yield from self.columns(self.schema.get_all_field_indices(name)[0])

    def choices(self) -> str:
        """Ask for one of the columns.

        Returns
        -------
        str
            End of a sentence.
        """
        said = [f"{field.name!r} ({shown_type(field.type)})" for field in self.schema]
        more = f", {len(said) - _SHOWN:,} more" if len(said) > _SHOWN else ""
        return f"choose one of its columns: {', '.join(said[:_SHOWN]) or 'none'}{more}"


def open_table(opened: Opened) -> Table:
    """Open a table and read the names and types of its columns.

    Parameters
    ----------
    opened : Opened
        A file of one of `TABLES`, at its beginning.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        pyarrow is not installed; a damaged file; a Parquet table or an Arrow file that is
        compressed as a whole, or in a pipe: these are read from their end.
    """
    arrow = pyarrow(opened.path.name, opened.format)
    kind = opened.format.kind
    with damage(opened):
        if kind is Kind.ARROW_STREAM:
            return _named(_stream, opened, arrow)
        if not opened.path.is_file() or _begins(opened) != _MAGIC[kind]:
            raise InputError(
                f"{opened.path} is compressed, or a pipe, and holds a table that is read from its "
                f"end ({opened.format.name}); unpack it into a file"
            )
        return _named(_file if kind is Kind.ARROW_FILE else _parquet, opened, arrow)


def pyarrow(file: str, found: Format) -> Any:
    """Import pyarrow, which is an extra.

    Parameters
    ----------
    file : str
        What is read, for the message.
    found : Format
        What it is.

    Returns
    -------
    module

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        # By name, so that types can be checked without it.
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise missing(f"reading {file} ({found.name})", "pyarrow") from error


def shown_type(kind: object) -> str:
    """Write the type of a column as people do.

    Parameters
    ----------
    kind : pyarrow.DataType
        The type.

    Returns
    -------
    str
        Without the names that Arrow and Parquet give to the elements of lists.
    """
    return re.sub(r"(?<=list<)\w+: ", "", str(kind))


@contextmanager
def damage(opened: Opened) -> Iterator[None]:
    """Put the errors of pyarrow in one sentence.

    Parameters
    ----------
    opened : Opened
        The file that is read.

    Raises
    ------
    InputError
        In place of them.
    """
    try:
        yield
    except InputError:
        raise
    except MemoryError:
        raise InputError(
            f"{opened.path} asks for more memory than there is; it is damaged, or its batches of "
            "records are too large: save it anew"
        ) from None
    # pyarrow's own errors are kinds of these, and of ArrowException, a kind of Exception.
    except Exception as error:
        if not isinstance(error, OSError | ValueError | LookupError | TypeError | OverflowError):
            arrow = importlib.import_module("pyarrow")
            if not isinstance(error, arrow.lib.ArrowException):
                raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise InputError(
            f"{opened.path} begins like a table ({opened.format.name}) but is damaged: "
            f"{reason[:150]}; copy or save it anew"
        ) from None


class _Chunks:
    """Give pyarrow the bytes of an iterator, and note whether it asked for more than there is."""

    closed = False

    def __init__(self, opened: Opened) -> None:
        self.path = opened.path
        self.chunks = opened.chunks
        self.rest = b""
        self.short = False

    def read(self, n: int) -> bytes:
        if n > MOST_BATCH_BYTES:
            raise InputError(
                f"{self.path} has a batch of {n:,} bytes, which has to be held whole; it is "
                f"damaged, or save it in batches of less than {MOST_BATCH_BYTES >> 20:,} MiB"
            )
        parts, held = [self.rest], len(self.rest)
        while held < n:
            chunk = next(self.chunks, None)
            if chunk is None:
                self.short = True
                break
            parts.append(chunk)
            held += len(chunk)
        whole = b"".join(parts)
        self.rest = whole[n:]
        return whole[:n]

    def ended(self) -> bool:
        return not self.rest and not any(self.chunks)

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return True


def _named(opening: Callable[[Opened, Any], Table], opened: Opened, arrow: Any) -> Table:
    """Open a table whose names are text: pyarrow decodes them when they are asked for."""
    table = opening(opened, arrow)
    table.choices()
    return table


def _stream(opened: Opened, arrow: Any) -> Table:
    ipc = importlib.import_module("pyarrow.ipc")
    source = _Chunks(opened)
    options = ipc.IpcReadOptions(use_threads=False)
    reader = ipc.open_stream(arrow.PythonFile(source, mode="r"), options=options)

    def columns(place: int) -> Iterator[Any]:
        for batch in reader:
            yield batch.column(place)
        # The standard lets a stream end where its file does, and so does one that was cut.
        if source.short:
            raise InputError(
                f"{opened.path} is cut short: the mark of its end is not there; copy or save it "
                "anew"
            )
        if not source.ended():
            raise InputError(
                f"{opened.path} has more behind the end of its table; give tables as files apart"
            )

    return Table(opened, reader.schema, columns)


def _file(opened: Opened, arrow: Any) -> Table:
    ipc = importlib.import_module("pyarrow.ipc")
    source = arrow.memory_map(str(opened.path))
    schema = ipc.open_file(source).schema

    def columns(place: int) -> Iterator[Any]:
        options = ipc.IpcReadOptions(use_threads=False, included_fields=[place])
        reader = ipc.open_file(source, options=options)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number).column(0)

    return Table(opened, schema, columns)


def _parquet(opened: Opened, arrow: Any) -> Table:
    parquet = importlib.import_module("pyarrow.parquet")
    # By small reads, so that a column is not held whole.
    file = parquet.ParquetFile(str(opened.path), buffer_size=1 << 20, pre_buffer=False)
    schema = file.schema_arrow

    def columns(place: int) -> Iterator[Any]:
        name = schema.field(place).name
        for batch in file.iter_batches(_ROWS, columns=[name], use_threads=False):
            yield batch.column(batch.schema.get_field_index(name))

    return Table(opened, schema, columns)


def _begins(opened: Opened) -> bytes:
    with opened.path.open("rb") as stream:
        return stream.read(len(_MAGIC[opened.format.kind]))
