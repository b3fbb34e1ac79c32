"""`postcall suppressions`, `consents` and `customers`: a file goes in and out, and it is written down."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

PHONE = "+447700900123"
GIVEN = ("--account", "acme")


def test_somebody_is_listed_and_taken_off_again(command: Command, acme: str) -> None:
    add = ("suppressions", "add", "--account", acme, "--phone", PHONE, "--reason", "asked by letter")
    assert "1 changed, 0 so already" in command(*add)
    assert "0 changed, 1 so already" in command(*add)
    assert f"'{PHONE},,,asked by letter," in command("suppressions", "export", *GIVEN)
    assert "1 changed" in command("suppressions", "remove", *GIVEN, "--phone", PHONE)
    assert PHONE not in command("suppressions", "export", *GIVEN)
    said = command("customers", "proof", *GIVEN, "--phone", PHONE).splitlines()
    told = [json.loads(line) for line in said[1:-1]]
    assert [(one["what"], one["how"], one["actor"]) for one in told] == [
        ("suppressed", "command", "operator"),
        ("unsuppressed", "command", "operator"),
    ]
    actions = [json.loads(line)["action"] for line in command("audit", *GIVEN).splitlines()]
    assert actions == ["customer.proof_read", "suppressions.removed", "suppressions.added"]


@pytest.mark.parametrize("words", [(), ("--phone", PHONE, "--ref", "C-1")])
def test_one_person_is_named(command: Command, acme: str, words: tuple[str, ...]) -> None:
    for before in (("suppressions", "add"), ("consents", "withdraw"), ("customers", "proof")):
        assert "Name one person" in command(*before, "--account", acme, *words)


def test_a_file_is_tried_imported_and_its_wrong_lines_are_told(
    command: Command, acme: str, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(
        f'\ufeffphone;reason\n{PHONE};"asked; by letter"\n12;\n"open\n07400 123456;\n'.encode()
        + b"\xff;\n"
        + b"x" * 70_000
        + b";\n+447700900124;\n"
    )
    tried = command("suppressions", "import", str(file), "--account", acme, "--dry-run")
    assert "7 lines, 5 refused. 2 would be changed" in tried
    assert tried.endswith("1")
    assert PHONE not in command("suppressions", "export", *GIVEN)
    taken = command("suppressions", "import", str(file), "--account", acme)
    assert "2 changed, 0 so already" in taken
    assert "Line 3: phone is a number such as +447700900123" in taken
    for line in (4, 5, 6, 7):
        assert f"Line {line}: " in taken
    assert "0 changed, 2 so already" in command("suppressions", "import", str(file), *GIVEN)
    exported = command("suppressions", "export", *GIVEN)
    assert f"'{PHONE},,,asked; by letter," in exported
    file.write_text(exported)
    again = command("suppressions", "import", str(file), *GIVEN)
    assert "2 lines, 0 refused. 0 changed, 2 so already" in again


def test_consents_are_given_withdrawn_imported_and_exported(
    command: Command, acme: str, tmp_path: Path
) -> None:
    told = ("--email", "pat@example.com", "--at", "2026-01-05T10:00:00Z", "--words", "You may.")
    assert "1 changed" in command("consents", "add", "--account", acme, *told)
    assert "1 changed" in command("consents", "withdraw", *GIVEN, "--email", "pat@example.com")
    file = tmp_path / "consents.csv"
    file.write_text(
        "email,ref,status,given_at\npat@example.com,,given,2026-01-05\n,C-1,,2026-01-05\nx@y.z,,maybe,\n"
    )
    said = command("consents", "import", str(file), *GIVEN)
    assert "3 lines, 1 refused. 1 changed, 1 so already" in said
    assert "Line 4: status is given or withdrawn" in said
    exported = command("consents", "export", *GIVEN)
    assert ",pat@example.com,,withdrawn,," in exported
    assert ",,C-1,given,2026-01-05T00:00:00+00:00," in exported


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("", "The file is empty"), ("a,b\n", "Unknown: a, b"), ("phone,phone\n", "Twice")],
)
def test_a_file_that_can_not_be_taken_is_one_clear_line(
    command: Command, acme: str, tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(content)
    said = command("suppressions", "import", str(file), "--account", acme)
    assert complaint in said
    assert "Traceback" not in said


def test_holidays_are_set_shown_in_the_audit_and_taken_away(command: Command, acme: str) -> None:
    assert "Account acme changed" in command(
        "accounts", "set", acme, "--holidays", "12-26, 12-25,gb:2026-05-25"
    )
    assert "is no day" in command("accounts", "set", acme, "--holidays", "Christmas")
    command("accounts", "set", acme, "--holidays", "")
    rows = [json.loads(line) for line in command("audit", *GIVEN).splitlines()]
    assert rows[1]["detail"]["after"]["settings"]["holidays"] == ["12-25", "12-26", "GB:2026-05-25"]
    assert rows[0]["detail"]["after"]["settings"]["holidays"] == []


def test_a_file_of_another_encoding_says_so_and_is_read_with_it(
    command: Command, acme: str, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(f"phone;reason\n{PHONE};geschäftlich\n".encode("cp1252"))
    given = ("suppressions", "import", str(file), "--account", acme)
    assert "name the file's own with --encoding" in command(*given)
    assert "1 changed" in command(*given, "--encoding", "cp1252")
    assert "geschäftlich" in command("suppressions", "export", *GIVEN)
