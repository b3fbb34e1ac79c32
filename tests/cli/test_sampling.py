"""`postcall sampling`, and what `postcall why` tells of a draw: for operators, who may see the rates."""

from tests.cli.conftest import Command
from tests.desk import ANY_TIME, Desk
from tests.house import House


def test_rates_are_made_and_shown_with_the_figures_they_were_made_from(
    command: Command, house: House, desk: Desk
) -> None:
    house.account("acme", quota_per_month=20, probability=0.5, **ANY_TIME)
    assert "There are no rates of that week" in command("sampling", "show", "--account", "acme")
    assert "1 rates made." in command("sampling", "make", "--account", "acme")
    assert "No rates made" in command("sampling", "make", "--account", "acme")
    shown = command("sampling", "show", "--account", "acme")
    assert "0.5000  (the account)  calls_a_day 0.0, response 0.2, target 20, wanted 0.5" in shown
    assert "There are no rates" in command("sampling", "show", "--account", "acme", "--agent", "a1")
    assert "There are no rates" in command("sampling", "show", "--account", "acme", "--day", "2020-01-01")


def test_a_survey_without_a_quota_has_no_rates_to_make(command: Command, house: House) -> None:
    house.account("acme")
    assert "has no quota_per_month" in command("sampling", "make", "--account", "acme")


def test_why_tells_the_draw_and_the_rate_that_no_check_tells(command: Command, house: House) -> None:
    account_id = house.account("acme", quota_per_month=20, probability=0.5)
    house.hang_up(account_id, call_id="before")
    assert "asked below 0.5: before there were rates" in command("why", "before")
    command("sampling", "make", "--account", "acme")
    house.hang_up(account_id, call_id="after", phone="+447700900124")
    said = command("why", "after")
    assert "drawn at the rate of this agent and week" in said
    assert "asked below 0.5: the account's own in the week from" in said
    assert "target 20" in said


def test_why_tells_no_rate_where_there_is_a_fixed_share(command: Command, house: House) -> None:
    house.hang_up(house.account("acme", probability=0.5), call_id="c-1")
    assert "the week from" not in command("why", "c-1")
