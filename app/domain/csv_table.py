"""Tables as CSV that people edit in spreadsheets: read strictly, written so that no cell is run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet takes these for formulas. One more ' before them, and before those that have one already,
# so that taking one off again gives exactly what was there.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_SHOWN = re.compile(r"''*[=+\-@\t\r\n]")


class Unreadable(ValueError):
    """The table as a whole can't be read; `str(error)` says why."""


def read_rows(
    data: bytes, columns: Sequence[str], needed: Sequence[str], most_lines: int
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column), of UTF-8 CSV with commas, semicolons or tabs. Raises Unreadable."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not UTF-8: save it as CSV in UTF-8.") from error
    if "\0" in text:
        raise Unreadable("The file holds NUL characters: it is no CSV.")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    begins, count = 1, 0
    try:
        for cells in lines:
            place, begins = begins, lines.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells, columns, needed)
                continue
            count += 1
            if count > most_lines:
                raise Unreadable(f"The file has more than {most_lines} lines.")
            if len(cells) != len(header):
                raise Unreadable(f"Line {place} has {len(cells)} cells, the header {len(header)}.")
            yield place, dict(zip(header, map(unguarded, cells), strict=True))
    except csv.Error as error:
        raise Unreadable(f"Line {begins} can't be read: {error}.") from error
    if header is None:
        raise Unreadable("The file is empty.")


def _header(cells: list[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    header = [cell.strip().casefold() for cell in cells]
    unknown = [cell for cell in header if cell not in columns]
    missing = [name for name in needed if name not in header]
    if unknown or missing or len(set(header)) < len(header):
        wrong = [f"has no {name}" for name in missing] + [f"has {name[:50]!r}" for name in unknown[:5]]
        needs = f" ({', '.join(needed)} are needed)" if needed else ""
        raise Unreadable(
            f"The first line names the columns, of {', '.join(columns)}{needs}:"
            f" it {' and '.join(wrong) or 'names one twice'}."
        )
    return header


def write_rows(columns: Iterable[str] | None, rows: Iterable[Iterable[str | None]]) -> str:
    """CSV that `read_rows` reads back exactly; `columns`: the header, None for a part that has none."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if columns is not None:
        writer.writerow(columns)
    for cells in rows:
        writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def guarded(cell: str | None) -> str | None:
    return f"'{cell}" if cell and _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if _SHOWN.match(cell) else cell
