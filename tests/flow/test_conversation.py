"""The customer answers by text, question by question."""

from datetime import timedelta

from sqlalchemy import select

from app.flow.read_results import read_results
from app.store.answers import Answer, words_of
from tests.house import PHONE, House


def converse(house: House, *texts: str) -> None:
    for text in texts:
        house.text(text)
        house.send()


def test_a_whole_survey_in_english_becomes_a_result(house: House) -> None:
    account_id = house.account(comment_quiet_seconds=0)
    house.hang_up(account_id)
    house.send()
    converse(house, "5", "4", "10", "Very kind, thanks \N{PERSON RAISING BOTH HANDS IN CELEBRATION}")
    assert [body.split("?")[0].split(":")[0] for body in house.bodies()] == [
        "Acme",
        "How willing was the agent to help you",
        "How likely are you to recommend Acme to a friend or colleague",
        "Last one",
        "Acme",
    ]
    (invitation,) = house.invitations(account_id)
    assert invitation.state == "finished"
    house.roll_up()
    with house.sessions() as session:
        results = read_results(
            session, account_id=account_id, group_by="agent", start=None, end=None, bucket="all"
        )
    (row,) = results["rows"]
    assert row["agent"] == {"id": "a1", "name": "Agent One", "team": "blue", "vendor": "north"}
    assert (row["calls"], row["invited"], row["responded"], row["completed"]) == (1, 1, 1, 1)
    assert (row["csat"]["n"], row["csat"]["score"], row["csat"]["evidence"]) == (1, 100, "insufficient")
    assert row["nps"]["score"] == 100
    assert row["ownership"]["mean"] == 4


def test_a_chinese_number_is_asked_twice_and_thanked(house: House) -> None:
    account_id = house.account()
    phone = "+8613800138000"
    house.hang_up(account_id, phone=phone, language="zh-CN")
    house.send()
    for text in ("5", "非常愿意"):
        house.text(text, phone=phone)
        house.send()
    assert len(house.bodies(phone)) == 3
    assert house.bodies(phone)[2].endswith("已记录,谢谢您的评价!")


def test_several_texts_make_one_comment_and_thanks_wait_for_quiet(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    converse(house, "2", "3", "1", "nobody called back", "and the line was bad")
    assert len(house.bodies()) == 4
    house.shift(timedelta(minutes=6))
    house.send()
    assert len(house.bodies()) == 5
    with house.sessions() as session:
        comments = session.scalars(
            select(Answer).where(Answer.account_id == account_id, Answer.question_key == "comment")
        ).all()
        assert [words_of(session, one) for one in comments if one.is_current] == [
            "nobody called back\nand the line was bad"
        ]
        assert len(comments) == 2


def test_stop_ends_everything_and_our_own_word_is_confirmed_once(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    converse(house, "please unsubscribe me", "please unsubscribe me")
    assert len(house.bodies()) == 2
    assert "won't get any more" in house.bodies()[1]
    assert house.hang_up(account_id).skipped == {"reason": "opted_out"}
    (first, _) = house.invitations(account_id)
    assert first.state == "opted_out"


def test_an_unclear_reply_is_asked_again_once(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    converse(house, "well you know", "dunno", "5")
    assert len(house.bodies()) == 3
    assert house.bodies()[1].startswith("Sorry, we didn't get that")
    assert house.bodies(PHONE)[2].startswith("How willing")
