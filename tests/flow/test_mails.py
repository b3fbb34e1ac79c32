"""Surveys by mail, sent by the real drain to a real mail server: what arrives, and what follows when it doesn't."""

import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.channels.mail_reports import read_report
from app.db import run_unit
from app.flow.mail_reports import record_mail_report
from app.flow.unsubscribe import unsubscribe
from app.store.contacts import find_contact
from app.store.keyring import hash_token
from app.store.provider_events import ProviderEvent
from app.store.senders import HookSecrets
from simulator.mail_reports import bounce as simulated_bounce
from simulator.mailboxes import Mail as SimulatedMail
from tests.house import NOBODY, PHONE, House
from tests.mails import ADA, BY_MAIL_THEN_TEXT, bounce, complaint, inbox, mail_account

RETRY = 60


def ask(house: House, account_id: UUID, **call: Any) -> dict[str, Any]:
    """A call ends and its customer is asked by mail, which arrives."""
    house.hang_up(account_id, **{"email": ADA, **call})
    house.send()
    return inbox(house)[-1]


def told(house: House, account_id: UUID, report: bytes) -> str:
    """The mail provider reports it."""
    mails = [message for message in house.messages(account_id) if message.token_hash and message.provider_id]
    senders = [HookSecrets(account_id, mails[0].sender_id, ())]
    return run_unit(
        house.sessions,
        record_mail_report,
        read_report(report),
        senders=senders,
        digest=sha256(report).hexdigest(),
        public_url=NOBODY,
    )


def states(house: House, account_id: UUID) -> list[tuple[str, str]]:
    """(purpose, state) of its messages."""
    return [(message.purpose, message.state) for message in house.messages(account_id)]


def the_state(house: House, account_id: UUID) -> str:
    (invitation,) = house.invitations(account_id)
    return invitation.state


def opted_out(house: House, account_id: UUID) -> dict[str, bool]:
    """Of the phone and of the mail address, whether they said no."""
    with house.sessions() as session:
        found = [find_contact(session, account_id, *pair) for pair in (("phone", PHONE), ("email", ADA))]
        return {contact.kind: contact.opted_out_at is not None for contact in found if contact is not None}


def test_a_mail_asks_with_a_link_for_each_answer(house: House) -> None:
    account_id = mail_account(house)
    mail = ask(house, account_id)
    message = house.messages(account_id)[0]
    (invitation,) = house.invitations(account_id)
    assert (invitation.state, invitation.channel, message.state) == ("asked", "email", "accepted")
    assert message.provider_id == mail["message_id"] == f"<{message.id.hex}@127.0.0.1>"
    links = re.findall(rf'href="{NOBODY}/s/(\w+)\?csat=(\d)"', mail["html"])
    assert [score for _, score in links] == ["5", "4", "3", "2", "1"]
    assert {hash_token(token) for token, _ in links} == {message.token_hash}
    token = links[0][0]
    assert set(re.findall(r"https?://\S+", mail["text"])) == set(re.findall(r'href="([^"]+)"', mail["html"]))
    assert "5 Very satisfied" in mail["text"]
    headers = mail["headers"]
    assert headers["List-Unsubscribe"] == f"<{NOBODY}/unsubscribe/{token}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Content-Language"] == "en"
    assert headers["Date"]
    assert headers["List-Id"].startswith("<feedback-")
    assert mail["envelope_from"] == f"bounce+{message.id.hex}@bounces.acme.example"


def test_nothing_of_a_mail_is_fetched_when_it_is_opened(house: House) -> None:
    html = ask(house, mail_account(house))["html"]
    assert not re.search(r"<(img|script|link|iframe|object|video|audio)\b|@import|url\(|\bsrc=", html, re.I)


def test_in_the_customers_language_and_by_their_clock(house: House) -> None:
    account_id = mail_account(house)
    started = house.now().replace(hour=3, minute=5)
    mail = ask(house, account_id, language="zh-CN", timezone="Asia/Shanghai", started_at=started)
    assert mail["headers"]["Content-Language"] == "zh-Hans"
    assert f"您于{started.month}月{started.day}日11:05致电Acme" in mail["text"]
    assert f"{started.month}月{started.day}日" in mail["subject"]
    assert 'lang="zh-Hans"' in mail["html"]


def test_an_accounts_name_is_one_line_and_no_markup(house: House) -> None:
    account_id = mail_account(house)
    with house.sessions.begin() as session:
        session.execute(
            text("update account set brand = :brand where id = :id"),
            {"brand": "Ac\r\nBcc: eve@example.org\r\n\r\n<b>me</b>", "id": account_id},
        )
    mail = ask(house, account_id)
    assert "Bcc" not in mail["headers"]
    assert [name for name, _ in mail["all_headers"]].count("From") == 1
    assert "<b>me</b>" not in mail["html"]
    assert inbox(house, "eve@example.org") == []


def test_greylisted_it_is_tried_again_under_the_same_id(house: House) -> None:
    account_id = mail_account(house)
    house.fault(smtp_greylist=1)
    house.hang_up(account_id, email=ADA)
    house.send()
    assert inbox(house) == []
    house.pass_time(seconds=RETRY)
    house.send()
    (mail,) = inbox(house)
    message = house.messages(account_id)[0]
    assert (message.state, message.attempts, message.provider_id) == ("accepted", 2, mail["message_id"])


@pytest.mark.parametrize("cut", ["smtp_cut_kept", "smtp_cut_lost"])
def test_cut_after_the_mail_it_stays_in_doubt_and_is_not_sent_again(house: House, cut: str) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    house.fault(**{cut: {"count": 1}})
    house.hang_up(account_id, email=ADA)
    house.send()
    for _ in range(3):
        house.pass_time(hours=1)
        house.settle()
        house.send()
    assert states(house, account_id) == [("ask", "in_doubt")]
    assert the_state(house, account_id) == "in_doubt"
    assert len(inbox(house)) == (cut == "smtp_cut_kept")
    assert house.ledger() == []


def test_an_address_that_is_refused_is_asked_by_text(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    house.fault(smtp_codes={ADA: 550})
    house.hang_up(account_id, email=ADA)
    house.send()
    assert states(house, account_id) == [("ask", "failed"), ("ask", "accepted")]
    assert len(house.bodies()) == 1


def test_a_mail_server_that_does_not_let_us_in_is_no_customers_fault(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    with house.sessions.begin() as session:
        session.execute(
            text("update sender set settings = settings || '{\"username\": \"x\"}' where channel = 'email'")
        )
    house.fault(smtp_auth_refused=True)
    house.hang_up(account_id, email=ADA)
    house.send()
    (message,) = house.messages(account_id)
    assert (message.state, message.error_code) == ("due", 1535)
    house.no_faults()
    house.pass_time(minutes=20)
    house.send()
    assert len(inbox(house)) == 1
    assert house.ledger() == []


def test_a_mail_that_comes_back_leads_to_a_text_and_none_goes_there_again(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT, cooldown_seconds=0)
    mail = ask(house, account_id)
    assert told(house, account_id, bounce(mail)) == "undeliverable"
    house.send()
    assert states(house, account_id) == [("ask", "failed"), ("reminder", "cancelled"), ("ask", "accepted")]
    failed = house.messages(account_id)[0]
    assert failed.error_code == 501001
    assert len(house.bodies()) == 1
    house.text("5")
    house.text("5")
    house.text("10")
    house.text("fine")
    house.hang_up(account_id, email=ADA)
    house.send()
    assert len(inbox(house)) == 1
    assert len([body for body in house.bodies() if "Thanks for calling" in body]) == 2
    assert opted_out(house, account_id) == {"phone": False, "email": False}


def test_a_second_report_on_one_mail_does_not_end_what_the_first_led_to(house: House) -> None:
    """Two servers on a mail's way may each report it, in other words."""
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    mail = ask(house, account_id)
    assert told(house, account_id, bounce(mail)) == "undeliverable"
    house.send()
    told(house, account_id, bounce(mail, said="550 5.1.1 said by another server"))
    assert the_state(house, account_id) == "asked"
    house.text("5")
    assert the_state(house, account_id) == "started"


def test_a_full_mailbox_fails_one_mail_and_not_the_address(house: House) -> None:
    account_id = mail_account(house)
    mail = ask(house, account_id)
    assert told(house, account_id, bounce(mail, "5.2.2", said="552 5.2.2 full")) == "failed"
    assert the_state(house, account_id) == "failed"
    house.hang_up(account_id, email=ADA)
    house.send()
    assert len(inbox(house)) == 1  # of the cooldown: the first one went out
    with house.sessions() as session:
        contact = find_contact(session, account_id, "email", ADA)
        assert contact is not None
        assert contact.undeliverable_at is None


def test_a_mail_that_is_late_is_only_noted(house: House) -> None:
    account_id = mail_account(house)
    mail = ask(house, account_id)
    assert told(house, account_id, bounce(mail, "4.4.1", "delayed", "451 4.4.1 no answer")) == "delayed"
    assert the_state(house, account_id) == "asked"
    assert told(house, account_id, bounce(mail, "4.4.7", "failed", "no answer for days")) == "failed"
    assert the_state(house, account_id) == "failed"


def test_what_came_back_was_sent_whatever_was_in_doubt(house: House) -> None:
    account_id = mail_account(house)
    house.fault(smtp_cut_kept={"count": 1})
    mail = ask(house, account_id)
    assert the_state(house, account_id) == "in_doubt"
    (message,) = house.messages(account_id)
    report = bounce(mail)
    with house.sessions.begin() as session:
        senders = [HookSecrets(account_id, message.sender_id, ())]
        record_mail_report(session, read_report(report), senders=senders, digest="1", public_url=NOBODY)
    assert the_state(house, account_id) == "failed"
    # as its sending would have recorded it, or it would seem to have been taken twice
    assert house.messages(account_id)[0].provider_id == mail["message_id"]


def test_a_complaint_is_a_no_to_every_way_of_asking(house: House) -> None:
    account_id = mail_account(house)
    mail = ask(house, account_id)
    assert told(house, account_id, complaint(mail, "not-spam")) == "other"
    assert told(house, account_id, complaint(mail, "auth-failure")) == "other"
    assert opted_out(house, account_id) == {"phone": False, "email": False}
    assert told(house, account_id, complaint(mail)) == "complaint"
    assert opted_out(house, account_id) == {"phone": True, "email": True}
    assert the_state(house, account_id) == "opted_out"
    assert states(house, account_id) == [("ask", "accepted"), ("reminder", "cancelled")]


def test_a_report_counts_once(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    report = bounce(ask(house, account_id))
    assert [told(house, account_id, report) for _ in range(3)] == ["undeliverable"] * 3
    house.send()
    assert len(house.bodies()) == 1
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ProviderEvent)) == 1


def test_a_bounce_and_an_unsubscription_at_once_from_all_sides(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT)
    mail = ask(house, account_id)
    token = mail["headers"]["List-Unsubscribe"].rstrip(">").rpartition("/")[2]
    ready = Barrier(12)

    def press(number: int) -> object:
        ready.wait(10)
        if number % 3:
            return told(house, account_id, complaint(mail) if number % 2 else bounce(mail))
        return run_unit(house.sessions, unsubscribe, token)

    with ThreadPoolExecutor(12) as pool:
        assert None not in list(pool.map(press, range(12)))
    house.send()
    assert house.bodies() == []
    assert opted_out(house, account_id) == {"phone": True, "email": True}
    assert the_state(house, account_id) in ("opted_out", "failed")
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ProviderEvent)) == 2


def test_a_report_is_only_about_mails_of_the_sender_that_signed_it(house: House) -> None:
    account_id, other = mail_account(house), mail_account(house)
    mail = ask(house, account_id)
    senders = [HookSecrets(other, sender_of(house, other), ())]
    with house.sessions.begin() as session:
        understood = record_mail_report(
            session, read_report(bounce(mail)), senders=senders, digest="1", public_url=NOBODY
        )
    assert understood == "unmatched"
    assert the_state(house, account_id) == "asked"


def sender_of(house: House, account_id: UUID) -> UUID:
    with house.sessions() as session:
        found: UUID = session.scalar(
            text("select id from sender where account_id = :id and channel = 'email'"), {"id": account_id}
        )
        return found


def test_who_has_not_begun_is_reminded_once(house: House) -> None:
    account_id = mail_account(house)
    ask(house, account_id)
    for _ in range(3):
        house.pass_time(hours=49)
        house.send()
    first, second = inbox(house)
    assert second["subject"] == "A reminder: how did we do on your call?"
    assert "won't ask about this call again" in second["text"]
    assert first["message_id"] != second["message_id"]
    assert first["headers"]["List-Unsubscribe"] != second["headers"]["List-Unsubscribe"]


def test_the_simulators_reports_are_understood(house: House) -> None:
    account_id = mail_account(house)
    mail = ask(house, account_id)
    raw = f"Message-ID: {mail['message_id']}\r\n\r\nHello".encode()
    returned = SimulatedMail(ADA, mail["envelope_from"], raw)
    assert told(house, account_id, simulated_bounce(returned)) == "undeliverable"


def test_unsubscribed_nobody_is_asked_any_more(house: House) -> None:
    account_id = mail_account(house, channels=BY_MAIL_THEN_TEXT, cooldown_seconds=0)
    mail = ask(house, account_id)
    token = mail["headers"]["List-Unsubscribe"].rstrip(">").rpartition("/")[2]
    for _ in range(2):
        with house.sessions.begin() as session:
            page = unsubscribe(session, token)
        assert page is not None
    assert opted_out(house, account_id) == {"phone": True, "email": True}
    assert states(house, account_id) == [("ask", "accepted"), ("reminder", "cancelled")]
    house.hang_up(account_id, email=ADA)
    house.hang_up(account_id, email=None)
    assert {one.skip_reason for one in house.invitations(account_id)[1:]} == {"opted_out"}
    house.pass_time(days=3)
    house.send()
    assert len(inbox(house)) == 1
    with house.sessions.begin() as session:
        assert unsubscribe(session, token[::-1]) is None
