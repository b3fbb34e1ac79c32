"""Reading a file line by line, in bounded memory, so that each line is known by its number and its place."""

import codecs
import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import click
from werkzeug.exceptions import BadRequest

from app.web.json import load_json

LONGEST = 64 * 1024
_SEPARATORS = ",;\t|"
_BOM = b"\xef\xbb\xbf"


encoding_option = click.option(
    "--encoding", default="utf-8", show_default=True, help="Of the file, such as gb18030."
)


def encoding_of(name: str) -> str:
    """The codec's own name. Raises ClickException for one whose lines can't be told apart byte by byte."""
    try:
        encoding = codecs.lookup(name).name
        ascii_within = "\n,;".encode(encoding) == b"\n,;"
    except (LookupError, TypeError):
        ascii_within = False
    if not ascii_within:
        raise click.ClickException(
            f"{name} is no encoding that can be read line by line: save the file as UTF-8."
        )
    return encoding


class Piece(NamedTuple):
    """One physical line. `content` is None where it was longer than LONGEST."""

    number: int
    end: int  # where the next one begins, in bytes
    content: bytes | None


@dataclass(frozen=True)
class Line:
    """One record, or the `problem` with it in words and what could be read of it."""

    number: int  # of its first physical line; the file's first is 1
    last: int  # of its last one
    end: int
    record: dict[str, Any]
    problem: str | None = None


class Unreadable(Exception):
    """This line can't be read; the next one perhaps can."""


class Pieces:
    """Physical lines of a file, which can be put back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: deque[Piece] = deque()
        self.number = 0
        self.end = 0

    def go_to(self, number: int, end: int) -> None:
        """On from there: `number` lines are done, and `end` bytes."""
        self._file.seek(end)
        self.number, self.end = number, end

    def put_back(self, pieces: list[Piece]) -> None:
        self._waiting.extendleft(reversed(pieces))

    def __iter__(self) -> Iterator[Piece]:
        return self

    def __next__(self) -> Piece:
        if self._waiting:
            return self._waiting.popleft()
        content = self._file.readline(LONGEST + 1)
        if not content:
            raise StopIteration
        self.number += 1
        self.end += len(content)
        if len(content) <= LONGEST:
            return Piece(self.number, self.end, content)
        while content and not content.endswith(b"\n"):
            content = self._file.readline(LONGEST)
            self.end += len(content)
        return Piece(self.number, self.end, None)


def _text_of(piece: Piece, encoding: str) -> str:
    if piece.content is None:
        raise Unreadable(f"longer than {LONGEST // 1024} KB")
    content = piece.content.removeprefix(_BOM) if piece.number == 1 else piece.content
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not {encoding}: name the file's own with --encoding") from error


class JsonLines:
    """One JSON object a line (NDJSON)."""

    columns: tuple[str, ...] = ()

    def __init__(self, pieces: Pieces, encoding: str) -> None:
        self._pieces = pieces
        self._encoding = encoding

    def __iter__(self) -> Iterator[Line]:
        for piece in self._pieces:
            try:
                text = _text_of(piece, self._encoding)
                if text.strip():
                    yield Line(piece.number, piece.number, piece.end, self._record(text))
            except Unreadable as error:
                yield Line(piece.number, piece.number, piece.end, {}, str(error))

    def _record(self, text: str) -> dict[str, Any]:
        try:
            record = load_json(text.encode())
        except BadRequest as error:
            raise Unreadable(str(error.description).replace("The body", "The line", 1)) from error
        if not isinstance(record, dict):
            raise Unreadable("is not a JSON object")
        return record


class CsvLines:
    """CSV with a header; the separator is the one that the header has most of.

    A quote that is left open spoils its own line only: what it swallowed is read again.
    """

    def __init__(self, pieces: Pieces, encoding: str) -> None:
        self._pieces = pieces
        self._encoding = encoding
        self._feed = _Feed(pieces, encoding)
        first = next(pieces, None)
        if first is None:
            raise click.ClickException("The file is empty.")
        try:
            separator = max(_SEPARATORS, key=_text_of(first, encoding).count)
            pieces.put_back([first])
            self._reader = csv.reader(self._feed, delimiter=separator, strict=True)
            self.columns = tuple(name.strip().lower() for name in self._cells())
        except Unreadable as error:
            raise click.ClickException(f"The header can't be read: {error}.") from error

    def _cells(self) -> list[str]:
        self._feed.begin()
        try:
            return next(self._reader)
        except csv.Error as error:
            raise Unreadable(f"is not CSV: {error}") from error

    def __iter__(self) -> Iterator[Line]:
        while True:
            try:
                cells = self._cells()
            except StopIteration:
                return
            except Unreadable as error:
                first, *swallowed = self._feed.taken
                self._pieces.put_back(swallowed)
                yield Line(first.number, first.number, first.end, {}, str(error))
                continue
            first, last = self._feed.taken[0], self._feed.taken[-1]
            if not any(cell.strip() for cell in cells):
                continue
            record = dict(zip(self.columns, cells, strict=False))
            problem = None
            if len(cells) != len(self.columns):
                problem = f"has {len(cells)} cells where the header has {len(self.columns)}"
            yield Line(first.number, last.number, last.end, record, problem)


class _Feed(Iterator[str]):
    """`taken`: the lines of this record. Not a generator: that would be over after the first unreadable line."""

    def __init__(self, pieces: Pieces, encoding: str) -> None:
        self._pieces = pieces
        self._encoding = encoding
        self.begin()

    def begin(self) -> None:
        self.taken: list[Piece] = []
        self._length = 0

    def __next__(self) -> str:
        piece = next(self._pieces)
        self.taken.append(piece)
        self._length += len(piece.content or b"")
        if self._length > LONGEST:
            raise Unreadable(f"longer than {LONGEST // 1024} KB: is a quote left open?")
        return _text_of(piece, self._encoding)


def as_csv(cells: list[str]) -> bytes:
    """One line of CSV.

    Cells are not guarded against being taken for formulas: what is handed back is to be imported again, and
    telephone numbers begin with a +.
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def as_json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"
