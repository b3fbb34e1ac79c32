"""What happens to a mail beside its being answered: scanners, bounces, complaints and the unsubscribe button."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.story.running import System, eventually
from tests.story.test_every_way import fill_in, it_counts_once, report

# one system serves them all: they stay on one of xdist's workers
pytestmark = pytest.mark.xdist_group("story")


def mail_to(system: System, agent: str, address: str) -> dict[str, Any]:
    """A customer without a telephone calls and is asked by mail."""
    report(system, agent, {"email": address, "language": "en"})
    box = f"/mailboxes/{address}/messages.json"
    mail: dict[str, Any] = eventually(lambda: system.world("GET", box), bool)[0]
    return mail


def invitation_of(system: System, received: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = system.read(f"/v1/invitations/{received['invitation']['id']}")
    return found


def test_a_scanner_opens_every_link_and_then_a_person_answers(system: System) -> None:
    address = "scanned@customers.example"
    mail = mail_to(system, "scanned", address)
    scanned = system.world("POST", f"/mailboxes/{address}/messages/{mail['id']}/scan")
    assert len(scanned) >= 7  # five answers, the page, unsubscribing
    assert {status for link in scanned for method in ("GET", "HEAD") for status in link[method]} == {200}
    assert [one for one in system.read("/v1/responses")["items"] if one["agent"]["id"] == "scanned"] == []
    link = re.search(r"https?://\S+/s/\S+\?csat=5", mail["text"])
    assert link is not None
    fill_in(system, urlsplit(link[0]).path, csat=5)
    it_counts_once(system, "scanned", channel="email", answered_on="page", scores={"csat": 5})


@pytest.mark.parametrize(
    ("what", "understood", "status", "then"),
    [
        ("bounce", "undeliverable", "failed", "no_contact"),
        ("complain", "complaint", "opted_out", "opted_out"),
        ("unsubscribe", "ask about your calls any more", "opted_out", "opted_out"),
    ],
)
def test_what_a_mail_provider_and_a_mail_client_do_is_heard(
    system: System, what: str, understood: str, status: str, then: str
) -> None:
    address, agent = f"{what}@customers.example", f"mail-{what}"
    received = report(system, agent, {"email": address, "language": "en"})
    mail = eventually(lambda: system.world("GET", f"/mailboxes/{address}/messages.json"), bool)[0]
    told = system.world("POST", f"/mailboxes/{address}/messages/{mail['id']}/{what}")
    assert told["status"] == 200, told
    assert understood in told["body"]
    assert invitation_of(system, received)["status"] == status
    again = report(system, agent, {"email": address, "language": "en"})
    assert again["skipped"] == {"reason": then}


def test_the_doctor_asks_the_mail_server(system: System) -> None:
    assert "ok        mail sender survey@postcall.example: 127.0.0.1 lets us in" in system.command("doctor")
