"""The signed link: opened by whoever has it, answered as often as the customer likes while it is open."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy import text

from app.errors import Invalid
from app.flow.read_responses import read_verbatims
from app.flow.survey_page import open_page, record_page
from app.store.messages import Message
from tests.flow.customer import Customer, asked
from tests.house import House

# all that a satisfied customer is asked, in numbers
WHOLE = {"csat": 5, "ownership": 4, "fcr": 1, "nps": 0}
TABLES = ("invitation", "message", "answer", "contact", "event", "stale_cell", "provider_event", "attempt")


def rows(house: House) -> list[tuple[str, str, str]]:
    """(table, place of the row, transaction that wrote it) of everything: any write at all shows."""
    with house.sessions() as session:
        return [
            (table, row.ctid, row.xmin)
            for table in TABLES
            for row in session.execute(text(f"select ctid::text, xmin::text from {table} order by 1"))  # noqa: S608
        ]


def test_the_link_stands_in_the_first_text_and_opens_the_survey(house: House) -> None:
    customer = asked(house, link=True)
    assert customer.phone_shows[0].endswith(f"/s/{customer.token}")
    page = customer.opens_link()
    assert page is not None
    assert (page.brand, page.language, page.questions) == (
        "Acme",
        "en",
        ("csat", "ownership", "fcr", "nps", "reason", "comment"),
    )
    assert (page.values, page.comment, page.transferred, page.finished) == ({}, None, False, False)


def test_opening_changes_nothing_at_all(house: House) -> None:
    customer = asked(house, link=True)
    before = rows(house)
    for _ in range(3):
        assert customer.opens_link() is not None
    assert rows(house) == before
    assert customer.invitation.delivered_at is None


def test_wrong_and_expired_links_look_alike_and_change_nothing(house: House) -> None:
    customer = asked(house, link=True)
    house.shift(timedelta(hours=49))
    house.settle()
    before = rows(house)
    for token in (
        customer.token,
        "0" * 22,
        "",
        "x" * 10_000,
        "\ufffd",
        customer.token[:-1],
        customer.token + "0",
    ):
        with house.sessions.begin() as session:
            assert open_page(session, token) is None
            assert not record_page(session, token, {"csat": 5}, "hello")
    assert rows(house) == before


def test_only_the_hash_of_the_token_is_kept(house: House) -> None:
    customer = asked(house, link=True)
    (ask,) = customer.messages("ask")
    assert customer.token not in ask.body
    columns = {column.name: getattr(ask, column.name) for column in Message.__table__.columns}
    assert not [name for name, value in columns.items() if customer.token in str(value)]


def test_a_whole_form_finishes_the_survey(house: House) -> None:
    customer = asked(house, link=True)
    page = customer.submits("all good", **WHOLE)
    assert page is not None
    ended = customer.invitation
    assert (ended.state, ended.completed_at is None, customer.contact.open_invitation) == (
        "finished",
        False,
        None,
    )
    assert (page.finished, page.change_until) == (True, ended.edit_until)
    assert (page.values, page.comment) == (WHOLE, "all good")
    assert {(answer.question_key, answer.channel) for answer in customer.answers()} == {
        (question, "page") for question in (*WHOLE, "comment")
    }
    assert customer.contact.nps_asked_at is not None
    house.send()
    assert len(customer.phone_shows) == 1, "the page says thanks itself"


def test_the_page_speaks_the_calls_language_and_clock(house: House) -> None:
    account_id = house.account(link=True)
    customer = Customer(house, account_id, "+8613800138000")
    customer.calls(language="zh", timezone="Asia/Shanghai", transferred_from="q1")
    page = customer.opens_link()
    assert page is not None
    assert (page.language, page.transferred) == ("zh", True)
    assert page.called_at.utcoffset() == timedelta(hours=8)
    page = customer.submits(csat=5)
    assert page is not None
    assert page.change_until.utcoffset() == timedelta(hours=8)
    assert page.change_until.astimezone(UTC) == customer.invitation.close_at


def test_what_was_left_out_of_the_survey_is_left_out_of_the_page(house: House) -> None:
    customer = asked(house, link=True, cooldown_seconds=0)
    customer.submits(**WHOLE)
    customer.calls()
    page = customer.opens_link()
    assert page is not None
    assert page.questions == ("csat", "ownership", "fcr", "reason", "comment")
    with pytest.raises(Invalid):
        customer.submits(nps=9)


def test_a_survey_without_a_comment_still_takes_one(house: House) -> None:
    customer = asked(house, link=True, order_page=("csat",))
    page = customer.submits("and another thing", csat=5)
    assert page is not None
    assert (page.questions, page.comment) == (("csat", "comment"), "and another thing")


def test_what_the_survey_does_not_ask_is_refused_as_a_whole(house: House) -> None:
    customer = asked(house, link=True)
    before = rows(house)
    refused: list[tuple[dict[str, int], str | None, set[str]]] = [
        ({"csat": 6}, None, {"csat"}),
        ({"csat": 0, "nps": 11, "ownership": -1}, None, {"csat", "nps", "ownership"}),
        ({"csat": 5, "ces": 1}, None, {"ces"}),
        ({"csat": 2, "reason": 7}, None, {"reason"}),
        ({"csat": 5}, "x" * 2001, {"comment"}),
        ({"comment": 5}, None, {"comment"}),
        ({"status": 1, "csat": 5}, "words", {"status"}),
        ({"csat": 10**30}, None, {"csat"}),
        ({}, None, {"csat"}),
        ({}, " \x00\n ", {"csat"}),
    ]
    for values, comment, fields in refused:
        with pytest.raises(Invalid) as error:
            customer.submits(comment, **values)
        assert error.value.fields.keys() == fields
    assert rows(house) == before


def test_the_last_submission_counts_and_those_before_are_kept(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits("slow", csat=2, ownership=5)
    customer.submits("slow, but kind", csat=4, ownership=5)
    customer.submits(csat=4)
    assert customer.history("csat") == [2, 4]
    assert customer.history("ownership") == [5]
    assert customer.history("comment") == ["slow", "slow, but kind"]
    assert [answer.revision for answer in customer.answers("comment")] == [1, 2]
    page = customer.opens_link()
    assert page is not None
    assert (page.values, page.comment) == ({"csat": 4, "ownership": 5}, "slow, but kind")


def test_answers_may_be_changed_until_the_edit_window_ends(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits("x", **WHOLE)
    house.shift(timedelta(hours=23, minutes=59))
    assert customer.submits(nps=10) is not None
    house.shift(timedelta(hours=24, minutes=1))
    assert customer.submits(nps=5) is None
    assert customer.history("nps") == [0, 10]
    assert customer.state == "finished"


def test_page_and_texts_make_one_survey(house: House) -> None:
    customer = asked(house, link=True)
    customer.says("5")
    customer.submits(ownership=4)
    customer.says("9")
    assert customer.scores == {"csat": 5, "ownership": 4, "nps": 9}
    assert customer.newest.startswith("Last one")
    customer.submits("by page")
    assert customer.state == "finished"
    customer.says("and by text", "change to 8")
    assert customer.words("comment") == "by page\nand by text"
    assert customer.scores["nps"] == 8
    assert [answer.channel for answer in customer.answers("nps")] == ["sms", "sms"]


def test_finishing_on_the_page_takes_the_due_question_back(house: House) -> None:
    customer = asked(house, link=True)
    customer.types("5")
    customer.submits("done", csat=5, ownership=4, nps=9)
    house.send()
    assert len(customer.phone_shows) == 1
    assert [message.state for message in customer.messages("question")] == ["cancelled"]


def test_a_form_sent_twice_is_taken_once(house: House) -> None:
    customer = asked(house, link=True)
    for _ in range(2):
        customer.submits("same,\r\nword for word", **WHOLE)
    customer.submits("same,\nword for word", **WHOLE)
    assert all(answer.revision == 1 for answer in customer.answers())


def test_each_answer_is_kept_as_it_is_given_and_counts_as_a_part(house: House) -> None:
    customer = asked(house, link=True)
    customer.taps(csat=4)
    started = customer.invitation
    assert (started.state, started.responded_at is None, started.completed_at) == ("started", False, None)
    customer.taps(ownership=4)
    assert customer.scores == {"csat": 4, "ownership": 4}
    house.shift(timedelta(hours=49))
    house.settle()
    assert (customer.state, customer.invitation.completed_at) == ("partial", None)
    assert customer.opens_link() is None


def test_a_reason_alone_says_why_and_not_how_it_was(house: House) -> None:
    customer = asked(house, link=True)
    customer.taps(reason=2)
    assert (customer.state, customer.invitation.responded_at) == ("started", None)
    customer.taps(csat=2)
    assert customer.invitation.responded_at is not None


def test_all_that_had_to_be_answered_is_complete_before_it_is_sent(house: House) -> None:
    customer = asked(house, link=True)
    customer.taps(**WHOLE)
    tapped = customer.invitation
    assert (tapped.state, tapped.completed_at is None, tapped.ended_at) == ("started", False, None)
    page = customer.submits(**WHOLE)
    assert page is not None
    assert (page.finished, customer.invitation.completed_at) == (True, tapped.completed_at)


def test_sending_a_part_leaves_the_rest_open(house: House) -> None:
    customer = asked(house, link=True)
    page = customer.submits("that is all I say", csat=4)
    assert page is not None
    assert (page.finished, customer.state, customer.invitation.completed_at) == (False, "started", None)


def test_complete_is_what_the_invitation_was_sent_to_ask(house: House) -> None:
    """Else whoever answers on the page of a text would have more to do than whoever answers the text."""
    customer = asked(house, link=True)
    customer.taps(csat=4, ownership=4, nps=9)
    assert customer.invitation.completed_at is not None
    customer.submits(csat=4, ownership=4, nps=9)
    assert customer.state == "finished"


@pytest.mark.parametrize(("csat", "state"), [(3, "started"), (4, "finished")])
def test_what_a_satisfied_customer_is_not_asked_keeps_no_survey_open(
    house: House, csat: int, state: str
) -> None:
    customer = asked(house, link=True, order_page=("csat", "reason"))
    customer.taps(csat=csat)
    assert customer.state == state


def test_a_comment_is_taken_back_where_it_was_seen(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits("you will regret this", csat=1)
    customer.submits(None, csat=1)
    assert customer.words("comment") == "you will regret this"
    page = customer.submits("", csat=1)
    assert page is not None
    assert page.comment is None
    assert customer.history("comment") == ["you will regret this", None]


def test_a_comment_emptied_before_it_could_be_kept_is_no_mistake(house: House) -> None:
    customer = asked(house, link=True)
    with house.sessions.begin() as session:
        assert record_page(session, customer.token, {}, "", sent=False)
    assert customer.answers() == []
    assert customer.invitation.responded_at is None


def test_a_choice_and_a_comment_taken_back_are_no_verbatims(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits("too slow", csat=2, reason=3)

    def verbatims() -> list[tuple[str, str]]:
        with house.sessions() as session:
            page = read_verbatims(
                session, account_id=customer.account_id, agent_id="a1", cursor=None, limit=10
            )
        return [(item["question"], item["text"]) for item in page.items]

    assert verbatims() == [("comment", "too slow")]
    customer.submits("", csat=2)
    assert verbatims() == []


def test_an_answer_by_page_to_what_no_text_asks_can_be_corrected_by_text(house: House) -> None:
    customer = asked(house, link=True)
    customer.says("5")
    customer.taps(fcr=2)
    customer.says("change to 1")
    assert customer.scores == {"csat": 5, "fcr": 1}


def test_a_submitted_form_proves_the_arrival_of_its_link(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits(csat=5)
    assert (customer.state, customer.invitation.delivered_basis) == ("started", "assumed")
    assert customer.invitation.responded_at is not None
