"""`postcall messages`: what waits for a person, decided at a shell."""

from tests.cli.conftest import Command
from tests.cli.test_why import name_of
from tests.flow.by_hand import in_doubt
from tests.house import PHONE, House


def test_what_waits_is_listed_sent_again_and_told_by_why(house: House, command: Command) -> None:
    message = in_doubt(house)
    account = name_of(house, message.account_id)
    said = command("messages", "list", "--account", account)
    assert str(message.id) in said
    assert "ended unclear" in said
    assert "- Close it" in said
    assert "1 listed." in said
    assert PHONE[3:] not in said
    call_id = said.split("of call ")[1].split()[0]
    assert f"postcall messages resend {message.id} --account {account}" in command("why", call_id)
    again = command("messages", "resend", str(message.id), "--account", account, "--reason", "not in the log")
    assert "due  text (csat)" in again
    assert "resent by operator, was in_doubt (not in the log)" in again
    assert "sent again by hand, by operator (not in the log)" in command("why", call_id)
    house.send()
    assert house.messages(message.account_id)[0].state == "accepted"


def test_what_waits_is_found_without_naming_its_account(house: House, command: Command) -> None:
    for _ in range(2):
        in_doubt(house)
    said = command("messages", "list", "--limit", "1")
    assert said.count("Account account") == 2
    assert "2 listed." in said


def test_all_that_is_due_is_looked_up_after_a_restore_while_sending_is_paused(
    house: House, command: Command
) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    assert "Sending has to be paused" in command("messages", "recheck", "--all")
    command("pause", "--all")
    assert "1 texts are looked up" in command("messages", "recheck", "--all")
    assert house.messages(account_id)[0].state == "unknown"
    assert "Name one account" in command("messages", "recheck")


def test_what_is_closed_is_closed_and_why_not_is_said(house: House, command: Command) -> None:
    message = in_doubt(house)
    account = name_of(house, message.account_id)
    assert "cancelled" in command("messages", "close", str(message.id), "--account", account)
    assert "0 listed." in command("messages", "list", "--account", account)
    assert "1 listed." in command("messages", "list", "--account", account, "--status", "cancelled")
    refused = command("messages", "resend", str(message.id), "--account", account)
    assert "can't be sent again: it was taken back" in refused
