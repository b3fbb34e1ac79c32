"""Calls and answers of another system's past: they count like our own, and nobody is asked or thanked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.channels.twilio_hooks import InboundText
from app.domain.elsewhere import ONE_IS_BEST, PastCall, PastResponse
from app.domain.invitation import MOVES, InvitationState, can_learn
from app.errors import Conflict, Invalid, NotFound
from app.flow.asking import read_asking
from app.flow.import_history import import_call
from app.flow.read_call import read_invitation
from app.flow.read_responses import read_responses
from app.flow.record_answer import record_text
from app.flow.record_elsewhere import record_answers, record_asked
from app.store.answers import Answer, answers_of, words_of
from app.store.calls import find_call
from app.store.invitations import Invitation, invitation_of_call
from tests.desk import Desk, noon, only
from tests.story.running import eventually

DAY = date(2024, 6, 3)
CALLED = noon(DAY)
ANSWERED = CALLED + timedelta(hours=2)
PHONE = "+447700900123"


class History:
    """An account into which the past of an old system is moved."""

    def __init__(self, desk: Desk, **terms: Any) -> None:
        self.desk = desk
        self.account_id = desk.account(**terms)

    def call(self, call_id: str, asked_at: datetime | None = None, **changes: Any) -> bool:
        end = self.desk.call_end(
            **{"call_id": call_id, "source": "old", "ended_at": CALLED, "phone": PHONE, **changes}
        )
        with self.desk.sessions.begin() as session:
            asking = read_asking(session, self.account_id)
            past = PastCall(end, asked_at)
            return import_call(session, asking=asking, past=past, body_hash=repr(past).encode())

    def response(
        self,
        call_id: str,
        *,
        asked: str = "csat nps",
        at: datetime = ANSWERED,
        comment: str | None = None,
        channel: str = "email",
        scale: str = "1_5",
        **keys: int,
    ) -> bool:
        questions = tuple(dict.fromkeys([*asked.split(), *keys]))
        response = PastResponse(
            "old", call_id, at, channel, questions, keys, comment=comment, language="zh-CN", scale=scale
        )
        with self.desk.sessions.begin() as session:
            return record_answers(session, account_id=self.account_id, response=response)

    def invitation(self, call_id: str) -> Invitation:
        with self.desk.sessions() as session:
            call = find_call(session, self.account_id, "old", call_id)
            assert call is not None
            return invitation_of_call(session, self.account_id, call.id)

    def answers(self, call_id: str) -> list[Answer]:
        with self.desk.sessions() as session:
            return answers_of(session, self.account_id, self.invitation(call_id).id)

    def row(self) -> dict[str, Any]:
        self.desk.roll_up()
        return only(self.desk.results(self.account_id, start=DAY, end=DAY))


@pytest.fixture
def history(desk: Desk) -> History:
    return History(desk)


def test_a_call_of_years_ago_is_taken_asks_nobody_and_leaves_the_cooldown_alone(history: History) -> None:
    assert history.call("c1")
    invitation = history.invitation("c1")
    assert (invitation.state, invitation.skip_reason, invitation.asked_at) == ("skipped", "ask_false", None)
    contact = history.desk.contact(history.account_id, "phone", PHONE)
    assert contact is not None
    assert (contact.last_asked_at, contact.open_invitation, contact.nps_asked_at) == (None, None, None)
    # and the next call of today is asked
    assert history.desk.hang_up(history.account_id, phone=PHONE).invitation is not None


def test_the_same_call_again_changes_nothing_and_another_one_of_its_name_is_refused(history: History) -> None:
    assert history.call("c1", talk_seconds=60)
    assert not history.call("c1", talk_seconds=60)
    with pytest.raises(Conflict, match="nothing was changed"):
        history.call("c1", talk_seconds=61)


def test_what_was_answered_elsewhere_counts_on_the_day_of_the_call(history: History) -> None:
    for call_id in ("c1", "c2", "c3"):
        history.call(call_id, ANSWERED - timedelta(hours=1))
    history.call("c4")
    assert history.response("c1", csat=5, nps=9)
    assert history.response("c2", csat=2)
    row = history.row()
    # four calls; three were asked of whom two answered, one of them both questions
    counted = ("calls", "answered", "invited", "delivered", "responded", "completed")
    assert [row[name] for name in counted] == [4, 4, 3, 3, 2, 1]
    assert row["skipped"] == {"ask_false": 1}
    rates = {name: rate["value"] for name, rate in row["rates"].items()}
    assert rates == {"offer": 75.0, "response": 66.6667, "completion": 50.0}
    assert row["rates"]["response"]["basis"] == {"receipt": 0, "assumed": 3}
    assert (row["csat"]["n"], row["csat"]["score"], row["nps"]["score"]) == (2, 50.0, 100.0)


def test_the_states_tell_what_became_of_each(desk: Desk) -> None:
    history = History(desk, probability=0.5)
    for call_id in ("finished", "partial", "worded"):
        history.call(call_id)
    history.call("unanswered", ANSWERED)
    history.response("finished", csat=5, nps=9)
    history.response("partial", csat=5)
    history.response("worded", comment="quick")
    assert {name: history.invitation(name).state for name in ("finished", "partial", "worded", "unanswered")} == {
        "finished": "finished", "partial": "partial", "worded": "partial", "unanswered": "unanswered",
    }  # fmt: skip
    one = history.invitation("finished")
    assert (one.channel, one.language, one.survey_key) == ("email", "zh-CN", "imported")
    assert (one.asked_at, one.responded_at, one.completed_at, one.ended_at) == (ANSWERED,) * 4
    # our own sampling of one half had no part in it
    assert (one.questions, one.probability, one.sender_id) == (["csat", "nps"], 1.0, None)
    assert history.invitation("worded").responded_at is None
    # what was left open is answered in a later file
    assert history.response("partial", nps=10, at=ANSWERED + timedelta(hours=1))
    assert history.invitation("partial").state == "finished"


def test_a_customer_who_did_not_answer_may_turn_out_to_have(history: History) -> None:
    history.call("c1", CALLED + timedelta(minutes=5))
    assert history.response("c1", csat=4)
    invitation = history.invitation("c1")
    assert (invitation.state, invitation.asked_at) == ("partial", CALLED + timedelta(minutes=5))


def test_responses_show_them_with_the_key_its_scale_and_the_words(history: History) -> None:
    history.call("c1")
    history.response("c1", csat=1, nps=3, fcr=2, comment="不错", channel="ivr", scale=ONE_IS_BEST)

    def read() -> list[dict[str, Any]]:
        with history.desk.sessions() as session:
            return read_responses(
                session, account_id=history.account_id, updated_since=None, cursor=None, limit=10,
                verbatims=True, agent_id=None,
            ).items  # fmt: skip

    # readers stop before the oldest transaction that runs on this server, be it another test's
    (item,) = eventually(read, bool)
    with history.desk.sessions() as session:
        answers = answers_of(session, history.account_id, UUID(item["id"]))
        keys = {answer.question_key: words_of(session, answer) for answer in answers}
    assert (item["status"], item["channel"], item["survey"]) == (
        "finished",
        "ivr",
        {"key": "imported", "version": 1},
    )
    assert {key: (answer["value"], answer["scale"]) for key, answer in item["answers"].items()} == {
        "csat": (5, "zh_ivr_1best"),
        "nps": (3, "0_10"),
        "fcr": (2, "1_yes_2_no_3_unsure"),
    }
    assert keys == {"csat": "1", "nps": "3", "fcr": "2", "comment": "不错"}
    assert item["verbatims"] == {"comment": "不错"}
    assert {answer["wording_version"] for answer in item["answers"].values()} == {"imported"}


def test_the_same_response_again_changes_nothing_another_is_a_revision_an_earlier_one_is_overtaken(
    history: History,
) -> None:
    history.call("c1")
    assert history.response("c1", csat=3, comment="slow")
    change = history.invitation("c1").change
    assert not history.response("c1", csat=3, comment="slow")
    assert history.invitation("c1").change == change
    assert history.response("c1", csat=4, at=ANSWERED + timedelta(minutes=1))
    assert not history.response("c1", csat=3)
    revisions = [(one.value, one.revision, one.is_current) for one in history.answers("c1") if one.metric]
    assert revisions == [(3, 1, False), (4, 2, True)]
    assert history.invitation("c1").change > change
    assert history.row()["csat"]["histogram"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}


def test_an_nps_of_long_ago_is_no_reason_to_ask_again_sooner(history: History, desk: Desk) -> None:
    history.call("old")
    history.call("older", ended_at=CALLED - timedelta(days=30))
    history.response("old", nps=9)
    history.response("older", nps=9, at=ANSWERED - timedelta(days=30))
    contact = desk.contact(history.account_id, "phone", PHONE)
    assert contact is not None
    assert (contact.nps_asked_at, contact.last_asked_at) == (ANSWERED, None)


def test_no_text_is_written_for_it_and_none_is_taken_for_an_answer(history: History) -> None:
    history.call("c1")
    history.response("c1", csat=5)
    with history.desk.sessions() as session:
        view = read_invitation(
            session, account_id=history.account_id, invitation_id=history.invitation("c1").id
        )
    events = [happening["event"] for happening in view["timeline"]]
    assert not [event for event in events if event.startswith("message")]
    assert "invitation.asked" in events
    assert "invitation.scheduled" not in events
    # the customer texts our number about something else
    said = InboundText("SM1", PHONE, "+15005550006", "1", "AC1", None, None, 0)
    with history.desk.sessions.begin() as session:
        record_text(session, said)
    assert [answer.value for answer in history.answers("c1")] == [5]


def test_a_survey_of_our_own_takes_no_answers_from_elsewhere(history: History, desk: Desk) -> None:
    account_id = history.account_id = desk.account()
    received = desk.hang_up(account_id, source="old", call_id="ours")
    assert received.invitation is not None
    with pytest.raises(Conflict, match="asked this call's customer ourselves"):
        history.response("ours", csat=5, at=datetime.now(UTC))
    call_id = UUID(received.call["id"])
    with desk.sessions() as session, pytest.raises(Conflict):
        record_asked(session, account_id=account_id, call_id=call_id, asked_at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("at", "complaint"),
    [
        (CALLED - timedelta(hours=1), "lies before the call"),
        (datetime(2090, 1, 1, tzinfo=UTC), "lies more than 10 minutes ahead"),
    ],
)
def test_times_that_can_not_be_true_are_refused(history: History, at: datetime, complaint: str) -> None:
    with pytest.raises(Invalid) as refused:
        history.call("asked", at)
    assert refused.value.fields == {"asked_at": complaint}
    history.call("c1")
    with pytest.raises(Invalid) as refused:
        history.response("c1", at=at, csat=5)
    assert refused.value.fields == {"answered_at": complaint}


def test_a_response_needs_a_call_that_is_known_and_an_answer(history: History) -> None:
    with pytest.raises(NotFound, match="import the calls first"):
        history.response("nowhere", csat=5)
    history.call("c1")
    with pytest.raises(Invalid, match="Nothing was answered"):
        history.response("c1")
    assert history.invitation("c1").state == "skipped"


def test_a_test_call_stays_out_of_the_figures_whoever_answers(history: History) -> None:
    history.call("c1", is_test=True)
    history.response("c1", csat=5)
    history.desk.roll_up()
    assert history.desk.results(history.account_id, start=DAY, end=DAY)["rows"] == []


def test_what_is_learned_later_opens_no_way_that_leads_back_or_to_a_text() -> None:
    ways = {(old, new) for old in InvitationState for new in InvitationState if can_learn(old, new)}
    assert {new for _, new in ways} == {
        InvitationState.UNANSWERED, InvitationState.PARTIAL, InvitationState.FINISHED
    }  # fmt: skip
    assert not [way for way in ways if way[::-1] in ways]
    assert not [(old, new) for old, new in ways if new in MOVES[old]]
