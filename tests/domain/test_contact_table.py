"""The lists as tables: a line names somebody or says what is wrong, whatever stands in its cells."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contact_table import (
    CONSENT_COLUMNS,
    LONGEST_REASON,
    SUPPRESSION_COLUMNS,
    Listed,
    WrongRow,
    read_consent,
    read_suppression,
)
from app.domain.csv_table import guarded, read_rows, unguarded, write_rows

LONDON = ZoneInfo("Europe/London")
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def test_a_line_names_all_that_it_fills_in() -> None:
    row = {"phone": " +447700900123 ", "email": "", "ref": "C-1", "reason": "asked by letter"}
    assert read_suppression(row) == Listed((("phone", "+447700900123"), ("ref", "C-1")), "asked by letter")


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ({}, {"line": "names nobody: fill in one of phone, email, ref"}),
        ({"phone": " ", "reason": "x"}, {"line": "names nobody: fill in one of phone, email, ref"}),
        ({"ref": "x" * 321}, {"ref": "has more than 320 characters"}),
        ({"ref": "C", "reason": "x" * (LONGEST_REASON + 1)}, {"reason": "has more than 200 characters"}),
    ],
)
def test_a_line_that_can_not_be_taken_says_why(row: dict[str, str], problems: dict[str, str]) -> None:
    with pytest.raises(WrongRow) as wrong:
        read_suppression(row)
    assert wrong.value.problems == problems


def test_a_consent_has_its_time_by_the_accounts_clock() -> None:
    row = {"ref": "C-1", "given_at": "2026-06-01", "withdrawn_at": "2026-07-01T10:00:00+02:00"}
    assert read_consent(row, LONDON).at == datetime(2026, 5, 31, 23, tzinfo=UTC)
    given = read_consent({**row, "status": " Withdrawn "}, LONDON)
    assert (given.given, given.at) == (False, datetime(2026, 7, 1, 8, tzinfo=UTC))
    assert read_consent({"ref": "C-1", "given_at": "2028-02-29"}, LONDON).at == datetime(
        2028, 2, 29, tzinfo=UTC
    )


@pytest.mark.parametrize("at", ["2026-02-29", "yesterday", "2026-06-01T10:00:00", "1999-01-01", "01.02.2026"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(WrongRow) as wrong:
        read_consent({"ref": "C-1", "given_at": at}, LONDON)
    assert list(wrong.value.problems) == ["given_at"]


@given(row=st.dictionaries(st.sampled_from([*SUPPRESSION_COLUMNS, *CONSENT_COLUMNS]), cells))
def test_whatever_stands_in_a_line_it_names_somebody_or_says_why_not(row: dict[str, str]) -> None:
    for read in (read_suppression, lambda given: read_consent(given, LONDON)):
        with suppress(WrongRow):
            assert read(row).names


@given(rows=st.lists(st.tuples(cells, cells, cells), max_size=5))
def test_what_is_written_is_read_back_and_begins_no_formula(rows: list[tuple[str, str, str]]) -> None:
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    file = write_rows(("a", "b", "c"), rows)
    read = [tuple(row.values()) for _, row in read_rows(file.encode(), ("a", "b", "c"), (), 10)]
    assert read == rows


@given(cell=cells)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    kept = guarded(cell)
    assert kept is not None
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unguarded(kept) == cell
