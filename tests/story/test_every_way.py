"""One story for each way of answering, from the hang-up to the result, all held to the same things."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.story.running import System, eventually, fresh_phone

# one system serves them all: they stay on one of xdist's workers
pytestmark = pytest.mark.xdist_group("story")


def report(system: System, agent: str, customer: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """A call has ended; what the service says to it."""
    now = datetime.now(UTC).replace(microsecond=0)
    answer = system.service(
        "POST",
        "/v1/calls",
        {
            "call_id": f"{agent}-{time.monotonic_ns()}",
            "direction": "inbound",
            "agent": {"id": agent, "team": "ways"},
            "customer": customer,
            "started_at": (now - timedelta(seconds=90)).isoformat(),
            "answered_at": (now - timedelta(seconds=80)).isoformat(),
            "ended_at": now.isoformat(),
            "talk_seconds": 80,
        },
        key,
    )
    assert answer.status == 202, answer.data
    received: dict[str, Any] = answer.json()
    return received


def it_counts_once(
    system: System,
    agent: str,
    *,
    channel: str,
    answered_on: str,
    scores: dict[str, int],
    comment: str | None = None,
    key: str | None = None,
) -> None:
    """The oracle: one survey by one channel, one current answer to each question, and the figures made of them."""

    def response() -> dict[str, Any] | None:
        items = system.service("GET", "/v1/responses", key=key).json()["items"]
        return next((one for one in items if one["agent"]["id"] == agent), None)

    def row() -> dict[str, Any]:
        rows = system.service("GET", "/v1/results?group_by=agent", key=key).json()["rows"]
        return next((one for one in rows if one["agent"]["id"] == agent), {"responded": 0})

    found = eventually(response, lambda one: one is not None and scores.keys() <= one["answers"].keys())
    assert {question: found["answers"][question]["value"] for question in scores} == scores
    invitation = system.service("GET", f"/v1/invitations/{found['id']}", key=key).json()
    assert invitation["channel"] == channel
    current = [one for one in invitation["timeline"] if one["event"] == "answer" and one["current"]]
    assert {one["channel"] for one in current} == {answered_on}
    assert len({one["question"] for one in current}) == len(current) == len(scores) + (comment is not None)
    figures = eventually(row, lambda one: one["responded"] == 1 and one["csat"]["n"] == 1)
    assert (figures["calls"], figures["invited"], figures["delivered"]) == (1, 1, 1)
    assert figures["csat"]["histogram"][str(scores["csat"])] == 1
    if comment is not None:
        path = f"/v1/agents/{agent}/verbatims"
        said = eventually(lambda: system.service("GET", path, key=key).json()["items"], bool)
        assert [one["text"] for one in said] == [comment]


def fill_in(system: System, path: str, **answers: Any) -> None:
    """The customer opens the page and presses its button."""
    base = system.run["base_url"]
    assert system.http.request("GET", base + path).status == 200
    sent = system.http.request("POST", base + path, fields=answers, encode_multipart=False, redirect=False)
    assert sent.status in (200, 303), sent.data


def test_by_text(system: System) -> None:
    phone = fresh_phone()
    report(system, "by-text", {"phone": phone, "language": "en"})
    system.wait_for_texts(phone, 1)
    system.reply(phone, "5 4 9")
    system.wait_for_texts(phone, 2)
    system.reply(phone, "Quick and kind")
    scores = {"csat": 5, "ownership": 4, "nps": 9}
    it_counts_once(
        system, "by-text", channel="sms", answered_on="sms", scores=scores, comment="Quick and kind"
    )
    assert len([one for one in system.ledger(phone) if "STOP" in one["body"]]) == 1


def test_by_mail(system: System) -> None:
    address = "ann@customers.example"
    report(system, "by-mail", {"email": address, "language": "en"})
    mails = eventually(lambda: system.world("GET", f"/mailboxes/{address}/messages.json"), bool)
    assert len(mails) == 1
    link = re.search(r"https?://\S+/s/\S+\?csat=4", mails[0]["text"])
    assert link is not None, mails[0]["text"]
    path = urlsplit(link[0]).path
    fill_in(system, f"{path}?csat=4", csat=4, ownership=5, fcr=1, nps=8, comment="Waited a while")
    scores = {"csat": 4, "ownership": 5, "fcr": 1, "nps": 8}
    it_counts_once(
        system, "by-mail", channel="email", answered_on="page", scores=scores, comment="Waited a while"
    )
    assert len(system.world("GET", f"/mailboxes/{address}/messages.json")) == 1


def test_by_a_call_back_where_no_text_can_come(system: System) -> None:
    landline = fresh_phone("+4420794")
    system.world("PUT", "/faults", {"delivery_codes": {landline: 30006}})
    try:
        report(system, "by-call-back", {"phone": landline, "language": "en"})
        (call,) = eventually(lambda: system.world("GET", f"/phones/{landline}/calls.json"), bool)
    finally:
        system.world("DELETE", "/faults")
    door = f"/phones/{landline}/calls/{call['sid']}"
    system.world("POST", f"{door}/answer")
    for digit in ("1", "5", "4", "2"):  # start; csat, ownership, fcr
        call = system.world("POST", f"{door}/press", {"digits": digit})
    system.world("POST", f"{door}/hangup")
    scores = {"csat": 5, "ownership": 4, "fcr": 2}
    it_counts_once(system, "by-call-back", channel="callback", answered_on="ivr", scores=scores)
    assert len(system.world("GET", f"/phones/{landline}/calls.json")) == 1


def test_in_the_same_call_in_chinese(system: System) -> None:
    phone = fresh_phone("+86138001")
    system.hang_up(phone=phone, language="zh-CN", agent={"id": "in-call", "team": "ways"}, stay=True)
    (call,) = eventually(
        lambda: [
            one
            for one in system.world("GET", f"/phones/{phone}/calls.json")
            if one["status"] == "in-progress" and one["heard"]
        ],
        bool,
    )
    assert "非常满意请按1" in "".join(call["heard"])
    door = f"/phones/{phone}/calls/{call['sid']}"
    for digit in ("1", "2", "1"):  # 1 is the best: csat 5, ownership 4; resolved
        system.world("POST", f"{door}/press", {"digits": digit})
    system.world("POST", f"{door}/hangup")
    scores = {"csat": 5, "ownership": 4, "fcr": 1}
    it_counts_once(system, "in-call", channel="ivr", answered_on="ivr", scores=scores)
    assert system.texts_to(phone) == []


def test_by_a_link_that_the_client_delivers(system: System) -> None:
    system.command("accounts", "create", "linked", "--brand", "Linked", "--timezone", "UTC")
    scopes = ("calls:write", "calls:read", "results:read", "verbatims:read", "surveys:write")
    words = [word for scope in scopes for word in ("--scope", scope)]
    key = system.command("keys", "create", "--account", "linked", "--name", "client", *words).split()[-1]
    changed = system.service(
        "PUT", "/v1/surveys/default", {"channels": [{"channel": "link"}], "delay_seconds": 0}, key
    )
    assert changed.status == 200, changed.data
    received = report(system, "by-link", {"phone": fresh_phone("+86138001"), "language": "zh"}, key)
    invitation = received["invitation"]
    told = system.service("POST", f"/v1/invitations/{invitation['id']}/link", {"status": "delivered"}, key)
    assert told.status == 200, told.data
    fill_in(system, urlsplit(invitation["link"]).path, csat=3, ownership=3, comment="等得久")
    scores = {"csat": 3, "ownership": 3}
    it_counts_once(
        system, "by-link", channel="link", answered_on="page", scores=scores, comment="等得久", key=key
    )


def test_by_the_platforms_own_questions(system: System) -> None:
    phone = fresh_phone()
    received = report(system, "own-ivr", {"phone": phone, "language": "en"})
    answers = {"scale": "zh_ivr_1best", "csat": 2, "ownership": 1}
    taken = system.service("POST", f"/v1/calls/{received['call']['id']}/answers", answers)
    assert taken.status == 200, taken.data
    scores = {"csat": 4, "ownership": 5}
    it_counts_once(system, "own-ivr", channel="sms", answered_on="ivr", scores=scores)
    assert system.texts_to(phone) == []
