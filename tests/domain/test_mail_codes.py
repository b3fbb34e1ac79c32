"""What a mail server's refusal asks of us."""

import pytest

from app.domain.advice import explain
from app.domain.delivery import TWILIO_CODES, Action
from app.domain.mail_codes import (
    OURS,
    classify_mail,
    describe_mail,
    enhanced_code,
    is_dead,
    is_mail_code,
    mail_code,
)


@pytest.mark.parametrize(
    ("reply", "words", "action"),
    [
        (421, "4.3.2 too busy", Action.SLOW_DOWN),
        (450, "mailbox busy", Action.SLOW_DOWN),
        (451, "4.7.1 greylisted", Action.SLOW_DOWN),
        (452, "4.2.2 full", Action.RETRY),
        (550, "5.1.1 no such user", Action.NEXT_CHANNEL),
        (550, "no such user", Action.NEXT_CHANNEL),
        (551, "5.1.6 has moved", Action.NEXT_CHANNEL),
        (552, "5.2.2 full", Action.NEXT_CHANNEL),
        (553, "5.1.3 not an address", Action.NEXT_CHANNEL),
        (550, "5.1.8 bad sender", Action.CONFIGURATION),
        (550, "5.7.26 neither SPF nor DKIM pass", Action.CONFIGURATION),
        (550, "5.7.1 looks like spam", Action.BLOCKED),
        (554, "refused", Action.BLOCKED),
        (552, "5.3.4 too big", Action.CONFIGURATION),
        (550, "5.6.0 content", Action.PERMANENT),
        (599, "5.9.9 new", Action.NEXT_CHANNEL),
    ],
)
def test_what_is_said_of_a_recipient(reply: int, words: str, action: Action) -> None:
    assert classify_mail(mail_code(reply, words)) is action


@pytest.mark.parametrize("reply", [500, 530, 535, 550, 554, 599])
def test_what_is_refused_before_a_recipient_is_named_is_ours_to_mend(reply: int) -> None:
    assert classify_mail(mail_code(reply, "5.1.1 whatever", about_us=True)) is Action.CONFIGURATION


@pytest.mark.parametrize("reply", [421, 450, 454])
def test_what_is_put_off_is_no_refusal(reply: int) -> None:
    assert classify_mail(mail_code(reply, "later", about_us=True)) is Action.SLOW_DOWN


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("5.1.1 no such user", 501001),
        ("smtp; 550 5.7.509 denied", 507509),
        ("4.4.7 (delivery time expired)", 404007),
        ("no number at all", None),
        ("sent from 5.1.1.7", None),
        ("version 15.1.1", None),
        ("3.1.1 is no class", None),
        ("5.1000.1", None),
        ("", None),
    ],
)
def test_the_status_in_what_was_said(words: str, code: int | None) -> None:
    assert enhanced_code(words) == code


def test_a_status_that_contradicts_its_reply_is_not_believed() -> None:
    assert mail_code(450, "5.1.1 no such user") == 450
    assert mail_code(550, "4.2.0 busy") == 550


@pytest.mark.parametrize(
    ("code", "dead"),
    [
        *((501001, True), (502001, True), (504004, True), (500000, True)),
        # full, too big, a filter's, our own fault, put off, and a reply alone
        *((502002, False), (503004, False), (507001, False), (501008, False), (401001, False), (550, False)),
    ],
)
def test_an_address_is_given_up_where_no_mail_will_ever_arrive(code: int, dead: bool) -> None:
    assert is_dead(code) is dead


def test_numbers_of_mail_servers_and_of_carriers_are_never_the_same() -> None:
    ours = [*OURS, 421, 550, 1421, 1550, 407001, 501001, 507509]
    assert all(is_mail_code(code) for code in ours)
    assert not any(is_mail_code(code) for code in TWILIO_CODES)


def test_each_has_advice() -> None:
    for code in (*OURS, 421, 452, 550, 554, 1550, 407001, 501001, 504006, 506000, 507001, 507026):
        assert explain(code).meaning == describe_mail(code)
        assert explain(code).holds == (classify_mail(code) is Action.CONFIGURATION)


def test_operators_read_what_the_server_said() -> None:
    assert describe_mail(501001) == "5.1.1: no such address"
    assert describe_mail(550) == "550: refused"
    assert describe_mail(407001) == "4.7.1: put off for now"
    assert describe_mail(402002) == "4.2.2: full"
    assert describe_mail(1535) == "535: the server refuses us or our address"
    assert "STARTTLS" in describe_mail(1001)
