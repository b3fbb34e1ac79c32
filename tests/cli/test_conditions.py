"""`postcall exclusions` and `postcall numbers`, as an operator types them."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command


def test_an_outage_is_left_out_listed_and_ended(command: Command, acme: str) -> None:
    given = ("--account", acme)
    said = command(
        *("exclusions", "add", *given, "--from", "2090-03-02", "--to", "2090-03-02T18:00:00+00:00"),
        *("--queue", "sales-*", "--queue", "billing", "--reason", "a planned outage"),
    )
    assert "0 surveys that waited to be sent are taken back" in said
    made = re.search(r"Exclusion (\S+):", said)
    assert made is not None
    listed = command("exclusions", "list", *given)
    assert f"{made[1]}  planned   2090-03-02T00:00:00+00:00 to" in listed
    assert "sales-*, billing  0 taken back  a planned outage (operator)" in listed
    assert "is over" in command("exclusions", "end", made[1], *given)
    assert "ended early at" in command("exclusions", "list", *given)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--from", "noon", "--to", "2090-03-02"), "is a date such as 2026-03-02"),
        (("--from", "2090-03-02", "--to", "2090-03-02"), "to does not lie after from"),
        (("--from", "2090-03-02", "--to", "2090-05-02"), "more than 31 days"),
    ],
)
def test_what_can_not_be_left_out_is_said(
    command: Command, acme: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in command("exclusions", "add", "--account", acme, *words, "--reason", "x")


def test_numbers_are_listed_shown_exported_and_taken_off(command: Command, acme: str, place: Path) -> None:
    given = ("--account", acme)
    assert "Listed as agent" in command(
        "numbers", "add", "+447700900123", *given, "--as", "agent", "--agent", "7"
    )
    assert "Listed as agent already" in command(
        "numbers", "add", "+44 7700 900123", *given, "--as", "agent", "--agent", "7"
    )
    command("numbers", "add", "+4420794600*", *given, "--as", "internal")
    listed = command("numbers", "list", *given)
    assert re.search(r"\+447700900123 +agent 7 ", listed)
    assert re.search(r"\+4420794600\* +internal ", listed)
    assert "agent" not in command("numbers", "list", *given, "--as", "internal")
    (place / "numbers.csv").write_text(command("numbers", "export", *given))
    assert "No longer listed" in command("numbers", "remove", "+447700900123", *given)
    assert "is not listed" in command("numbers", "remove", "+447700900123", *given)
    assert "1 listed, 1 were so already" in command("numbers", "import", "numbers.csv", *given)


def test_a_number_that_can_not_be_listed_is_said(command: Command, acme: str) -> None:
    said = command("numbers", "add", "nobody", "--account", acme, "--as", "test")
    assert "number is a telephone number, a range such as +4420794600*" in said
