"""Whom an extension stood for, at the minute; and tables as spreadsheets and people write them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.csv_table import Unreadable
from app.domain.roster import Attribution, Entry, ReportedAgent, attribute, overlapping, sat_at, start_of
from app.domain.roster_table import (
    MOST_LINES,
    read_entry,
    read_moment,
    read_table,
    write_table,
)

ID = UUID(int=1)
LONDON = ZoneInfo("Europe/London")
HEADER = "platform_agent_id,agent_id,name,team,vendor,from,to\n"


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def entry(
    start: datetime, end: datetime | None = None, extension: str = "101", agent_id: str = "ada"
) -> Entry:
    return Entry(extension, agent_id, start, end)


def test_the_roster_names_the_person_and_the_report_the_rest() -> None:
    reported = ReportedAgent("101", "Desk 101", "blue", "north")
    found = Entry("101", "ada", at(6), name="Ada", vendor="south")
    assert attribute(reported, (ID, found), rostered=True) == Attribution("ada", "Ada", "blue", "south", ID)


def test_an_id_that_a_roster_does_not_know_is_nobodys() -> None:
    reported = ReportedAgent("101", "Desk 101", "blue", "north")
    assert attribute(reported, None, rostered=True) == Attribution(None, "Desk 101", "blue", "north")


def test_without_a_roster_the_platforms_id_is_the_persons() -> None:
    assert attribute(ReportedAgent("101"), None, rostered=False).agent_id == "101"


def test_who_took_the_call_keeps_it() -> None:
    assert sat_at(at(6), at(5)) == at(6)
    assert sat_at(None, at(5)) == at(5)


@pytest.mark.parametrize(
    ("day", "zone", "utc"),
    [
        ("2026-03-29", "Europe/London", "2026-03-29T00:00"),  # the clocks change later that day
        ("2026-03-30", "Europe/London", "2026-03-29T23:00"),
        ("2026-10-26", "Europe/London", "2026-10-26T00:00"),
        ("2026-03-02", "Asia/Shanghai", "2026-03-01T16:00"),
        (
            "2018-11-04",
            "America/Sao_Paulo",
            "2018-11-04T03:00",
        ),  # begins at one o'clock: there is no midnight
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00"),  # the hour before is there twice
        ("2024-11-03", "America/Havana", "2024-11-03T04:00"),  # midnight is there twice: the first one
    ],
)
def test_a_day_begins_with_its_first_instant_in_the_accounts_zone(day: str, zone: str, utc: str) -> None:
    begins = start_of(read_moment(day), ZoneInfo(zone))
    assert begins == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    local = begins.astimezone(ZoneInfo(zone))
    assert local.date().isoformat() == day
    assert (begins - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date().isoformat() < day


def test_entries_of_one_extension_may_touch_and_not_overlap() -> None:
    early, late = entry(at(6), at(14)), entry(at(14), at(22))
    assert list(overlapping([("a", early), ("b", late), ("c", entry(at(6), at(22), "102"))])) == []
    open_end = entry(at(8))
    found = list(overlapping([("a", early), ("b", late), ("c", open_end)]))
    assert {(place, earlier) for place, earlier, _ in found} == {("c", "a"), ("b", "c")}


def test_a_long_entry_is_found_behind_a_short_one() -> None:
    found = overlapping(
        [("a", entry(at(6), at(22))), ("b", entry(at(7), at(8))), ("c", entry(at(9), at(10)))]
    )
    assert [(place, earlier) for place, earlier, _ in found] == [("b", "a"), ("c", "a")]


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 20) | st.none(), st.sampled_from(["101", "102"])),
        max_size=8,
    )
)
def test_overlaps_are_found_exactly_when_two_entries_hold_at_once(
    drawn: list[tuple[int, int | None, str]],
) -> None:
    entries = [
        entry(
            at(0) + timedelta(hours=start),
            None if length is None else at(0) + timedelta(hours=start + length),
            extension,
        )
        for start, length, extension in drawn
    ]
    pairs = [(a, b) for i, a in enumerate(entries) for b in entries[:i] if a.overlaps(b)]
    assert bool(pairs) == bool(list(overlapping(enumerate(entries))))


def rows(text: str | bytes) -> list[tuple[int, dict[str, str]]]:
    return list(read_table(text.encode() if isinstance(text, str) else text))


def test_a_table_is_read_as_spreadsheets_write_it() -> None:
    expected = {"platform_agent_id": "101", "agent_id": "ada", "from": "2026-03-02", "name": 'A "B", C'}
    for separator, mark, ending in ((",", b"", "\n"), (";", b"\xef\xbb\xbf", "\r\n"), ("\t", b"", "\r\n")):
        head = separator.join(["Platform_Agent_ID", " agent_id ", "from", "name"])
        line = separator.join(["101", "ada", "2026-03-02", '"A ""B"", C"'])
        blank = separator * 3
        text = f"{head}{ending}{line}{ending}{blank}{ending}{line}{ending}"
        assert rows(mark + text.encode()) == [(2, expected), (4, expected)]


def test_a_line_is_named_by_where_it_begins() -> None:
    text = HEADER + '101,ada,"two\nlines",,,2026-03-02,\n102,bob,,,,2026-03-02,\n'
    assert [place for place, _ in rows(text)] == [2, 4]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        ("héader".encode("utf-16"), "not UTF-8"),
        (b"\xff\xfe", "not UTF-8"),
        (HEADER.encode() + b"1\x0001,ada,,,,2026-03-02,\n", "NUL"),
        (
            b"extension,agent\n",
            "has no platform_agent_id and has no agent_id and has no from and has 'extension'",
        ),
        (b"platform_agent_id,agent_id,from,from\n", "names one twice"),
        (HEADER.encode() + b"101,ada\n", "Line 2 has 2 cells, the header 7"),
        (HEADER.encode() + b'101,"ada,,,,2026-03-02,\n', "Line 2 can't be read"),
        (HEADER.encode() + b'101,"ada"x,,,,2026-03-02,\n', "Line 2 can't be read"),
        (HEADER.encode() + b"x" * 200_000 + b",ada,,,,2026-03-02,\n", "Line 2 can't be read"),
        (HEADER.encode() + b"101,ada,,,,2026-03-02,\n" * (MOST_LINES + 1), f"more than {MOST_LINES} lines"),
    ],
)
def test_what_is_no_such_table_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        rows(data)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"agent_id": ""}, {"agent_id": "is missing"}),
        ({"agent_id": None}, {"agent_id": "is missing"}),
        ({"agent_id": 7}, {"agent_id": "is not text"}),
        ({"extra": "x"}, {"extra": "is unknown"}),
        ({"platform_agent_id": " 101"}, {"platform_agent_id": "begins with no white space"}),
        ({"platform_agent_id": "1\t01"}, {"platform_agent_id": "holds no control characters"}),
        ({"agent_id": "x" * 201}, {"agent_id": "1 to 200"}),
        ({"team": "x" * 201}, {"team": "at most 200"}),
        ({"from": "02/03/2026"}, {"from": "is a date such as"}),
        ({"from": "2026-03-02T14:00"}, {"from": "with its offset"}),
        ({"from": "0001-01-01T00:00:00+14:00"}, {"from": "outside the years"}),
        ({"to": "2026-03-02"}, {"to": "does not lie after from"}),
        ({"from": "yesterday", "to": "2026-02-30"}, {"from": "is a date", "to": "is a date"}),
    ],
)
def test_what_is_wrong_with_a_row_is_named_by_its_field(
    changes: dict[str, str], problems: dict[str, str]
) -> None:
    row = {"platform_agent_id": "101", "agent_id": "ada", "from": "2026-03-02", **changes}
    entry, found = read_entry(row, LONDON)
    assert entry is None
    assert found.keys() == problems.keys()
    assert all(problems[field] in found[field] for field in problems), found


_IDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12) | st.sampled_from(
    ["=cmd|' /C calc'!A0", "+4420", "-1", "@x", "'=1", "''=1", "'t Hooft", "101 ", 'a"b', "a;b,c"]
)
_WORDS = st.none() | st.sampled_from(["=1+1", "'-x", "\ttabbed", "two\nlines", "'", "Büro 北京", " spaced "])
_MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(st.builds(Entry, _IDS, _IDS, _MOMENTS, st.none(), _WORDS, _WORDS, _WORDS), max_size=5))
def test_what_is_written_is_read_back_exactly_and_runs_in_no_spreadsheet(entries: list[Entry]) -> None:
    written = write_table((("generic", entry) for entry in entries), LONDON)
    read = [read_entry(row, LONDON) for _, row in rows(written)]
    assert [found for found, _ in read] == entries
    cells = [cell for line in written.splitlines() for cell in line.split(",")]
    assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in cells if '"' not in cell)


def test_a_midnight_is_written_as_its_day() -> None:
    entries = [("s", entry(at(0), datetime(2026, 7, 1, 23, tzinfo=UTC))), ("s", entry(at(7)))]
    written = write_table(entries, LONDON).splitlines()
    assert written[1].endswith(",2026-03-02,2026-07-02")
    assert written[2].endswith(",2026-03-02T07:00:00+00:00,")


def test_an_offset_is_understood_whatever_it_is() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert start_of(read_moment("2026-03-02T09:00:00+09:00"), LONDON) == datetime(2026, 3, 2, 9, tzinfo=tokyo)
