import smtplib
import threading

import pytest

from tests.simulator.post import ADA, BEN, SENDER, conversation, inbox, letter, post, subjects
from tests.simulator.world import World, eventually


def test_a_connection_that_is_refused_ends_before_the_greeting(world: World) -> None:
    world.fault(smtp_refuse_connection={"count": 1})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        post(world)
    post(world)
    assert len(inbox(world)) == 1


def test_a_busy_server_says_421_and_nothing_else(world: World) -> None:
    world.fault(smtp_busy={"count": 1})
    with pytest.raises(smtplib.SMTPConnectError) as refusal:
        post(world)
    assert refusal.value.smtp_code == 421
    post(world)


def test_a_password_can_be_refused(world: World) -> None:
    world.fault(smtp_auth_refused=True)
    with conversation(world) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        smtp.login("somebody", "a password")
    assert refusal.value.smtp_code == 535


@pytest.mark.parametrize("code", [450, 452, 550, 552, 599])
def test_an_address_is_refused_with_its_code_and_no_other(world: World, code: int) -> None:
    world.fault(smtp_codes={"Ada@example.com": code})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        post(world, letter(), ADA)
    status, words = refusal.value.recipients[ADA]
    assert status == code
    assert words.startswith(b"%d." % (code // 100))
    post(world, letter(), BEN)
    assert [mail["to"] for mail in world.get("/mails.json")] == [BEN]


@pytest.mark.parametrize("codes", [{"ada": 550}, {ADA: 250}, {ADA: "550"}, {ADA: 600}, []])
def test_a_code_that_cannot_be_is_refused(world: World, codes: object) -> None:
    assert world.request("PUT", "/faults", {"smtp_codes": codes}).status == 400


def test_a_greylisted_sender_gets_through_the_second_time(world: World) -> None:
    world.fault(smtp_greylist=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        post(world)
    assert refusal.value.recipients[ADA][0] == 451
    post(world)
    assert len(inbox(world)) == 1
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        post(world, letter(), BEN)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        post(world, letter(), ADA, sender="return+m2@postcall.test")


@pytest.mark.parametrize(
    ("fault", "kept"), [("smtp_cut_in_data", 0), ("smtp_cut_lost", 0), ("smtp_cut_kept", 1)]
)
def test_a_connection_is_cut_and_the_sender_cannot_tell_what_became_of_the_mail(
    world: World, fault: str, kept: int
) -> None:
    world.fault(**{fault: {"count": 1}})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        post(world, letter("cut"))
    assert subjects(world) == ["cut"] * kept
    post(world, letter("the next one passes"))
    assert subjects(world) == ["cut"] * kept + ["the next one passes"]


@pytest.mark.parametrize(("fault", "code"), [("smtp_error_after_data", 451), ("smtp_reject_after_data", 554)])
def test_a_mail_that_is_refused_at_its_end_is_not_kept(world: World, fault: str, code: int) -> None:
    world.fault(**{fault: {"count": 1}})
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        post(world)
    assert refusal.value.smtp_code == code
    assert inbox(world) == []
    post(world)


def test_latency_holds_the_answer_and_not_the_mail(world: World) -> None:
    world.fault(smtp_latency=0.3)
    waiting = threading.Thread(target=post, args=(world,))
    waiting.start()
    eventually(lambda: len(inbox(world)) == 1)
    assert waiting.is_alive()
    waiting.join()


def test_a_sender_that_hangs_up_while_it_waits_leaves_its_mail_behind(world: World) -> None:
    world.fault(smtp_latency=60)
    with conversation(world) as smtp:
        smtp.ehlo()
        smtp.mail(SENDER)
        smtp.rcpt(ADA)
        assert smtp.docmd("DATA")[0] == 354
        smtp.send(b"Subject: left\r\n\r\n.\r\n")
        eventually(lambda: len(inbox(world)) == 1)
    world.fault()
    post(world)
    assert len(inbox(world)) == 2
