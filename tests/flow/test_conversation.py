"""The customer answers by text, question by question."""

from datetime import timedelta

from app.flow.read_results import read_results
from app.store.answers import Answer
from tests.flow.customer import Customer, asked
from tests.house import House

MAINLAND, SINGAPORE = "+8613800138000", "+6591234567"


def test_a_whole_survey_in_english_becomes_a_result(house: House) -> None:
    customer = asked(house, comment_quiet_seconds=0)
    customer.says("5", "4", "10", "Very kind, thanks \N{PERSON RAISING BOTH HANDS IN CELEBRATION} שלום مرحبا")
    assert [body.split("?")[0].split(":")[0] for body in customer.phone_shows] == [
        "Acme",
        "How willing was the agent to help you",
        "How likely are you to recommend Acme to a friend or colleague",
        "Last one",
        "Acme",
    ]
    assert customer.state == "finished"
    assert (
        customer.words("comment")
        == "Very kind, thanks \N{PERSON RAISING BOTH HANDS IN CELEBRATION} שלום مرحبا"
    )
    house.roll_up()
    with house.sessions() as session:
        results = read_results(
            session, account_id=customer.account_id, group_by="agent", start=None, end=None, bucket="all"
        )
    (row,) = results["rows"]
    assert row["agent"] == {"id": "a1", "name": "Agent One", "team": "blue", "vendor": "north"}
    assert (row["calls"], row["invited"], row["responded"], row["completed"]) == (1, 1, 1, 1)
    assert (row["csat"]["n"], row["csat"]["score"], row["csat"]["evidence"]) == (1, 100, "insufficient")
    assert row["nps"]["score"] == 100
    assert row["ownership"]["mean"] == 4


def test_a_whole_survey_in_chinese_outside_the_mainland_asks_all_four_questions(house: House) -> None:
    customer = asked(house, phone=SINGAPORE, call={"language": "zh-CN"}, comment_quiet_seconds=0)
    customer.says("非常满意", "４", "十分", "很耐心,谢谢您!")
    assert customer.phone_shows == [
        "【Acme】您刚才来电,对客服的服务满意吗?回复5非常满意 4满意 3一般 2不满意 1非常不满意。拒收请回复R",
        "【Acme】这位客服是否愿意尽力帮您?回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意",
        "【Acme】您有多大可能向朋友或同事推荐我们?请回复0到10:0完全不可能,10非常可能",
        "【Acme】最后,有什么想对我们说的?直接回复即可,不填也没关系。谢谢!",
        "【Acme】已记录,谢谢您的评价!",
    ]
    assert customer.scores == {"csat": 5, "ownership": 4, "nps": 10}
    assert customer.words("comment") == "很耐心,谢谢您!"
    assert customer.state == "finished"


def test_a_number_of_mainland_china_is_asked_twice_and_thanked(house: House) -> None:
    customer = asked(house, phone=MAINLAND, call={"language": "zh-CN"})
    customer.says("5", "非常愿意")
    assert len(customer.phone_shows) == 3
    assert customer.newest == "【Acme】已记录,谢谢您的评价!"
    assert customer.invitation.completed_at is not None


def test_a_low_score_there_is_confirmed_with_the_way_to_correct_it(house: House) -> None:
    customer = asked(house, phone=MAINLAND, call={"language": "zh-CN"})
    customer.says("1", "5")
    assert customer.newest == "【Acme】已记录:1非常不满意。如按错,请回复“改5”等更正。"
    customer.says("改5")
    assert customer.history("csat") == [1, 5]
    assert customer.newest == "【Acme】已记录:5非常满意。谢谢!"


def test_a_comment_there_is_kept_though_none_was_asked_for(house: House) -> None:
    customer = asked(house, phone=MAINLAND, call={"language": "zh-CN"})
    customer.says("5", "5", "服务很好")
    assert customer.words("comment") == "服务很好"
    assert len(customer.phone_shows) == 3


def test_all_scores_in_one_text_leave_only_the_comment_to_ask(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9")
    assert customer.scores == {"csat": 5, "ownership": 5, "nps": 9}
    assert len(customer.phone_shows) == 2
    assert customer.newest.startswith("Last one")
    assert customer.state == "started"
    assert customer.invitation.completed_at is not None
    assert customer.contact.nps_asked_at is not None, "who answered it need not be asked again for 90 days"


def test_an_answer_to_nps_counts_as_asked_however_it_came(house: House) -> None:
    account_id = house.account(cooldown_seconds=0)
    customer = asked(house, account_id)
    customer.says("5 5 9", "fine, thank you")
    customer.calls()
    assert customer.invitation.questions == ["csat", "ownership", "comment"]


def test_too_many_scores_in_one_text_are_no_answer(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9 1")
    assert customer.scores == {}
    assert customer.words("unclear") == "5 5 9 1"


def test_a_score_with_words_keeps_both_and_asks_for_no_comment_again(house: House) -> None:
    customer = asked(house, phone=SINGAPORE, call={"language": "zh"}, comment_quiet_seconds=0)
    customer.says("2 态度差")
    assert customer.scores == {"csat": 2}
    assert (customer.words("csat"), customer.words("comment")) == ("2 态度差", "态度差")
    assert "这位客服是否愿意尽力帮您" in customer.newest
    customer.says("1", "0")
    assert customer.scores == {"csat": 2, "ownership": 1, "nps": 0}
    assert customer.newest == "【Acme】已记录,谢谢您的评价!"
    assert len(customer.phone_shows) == 4
    assert customer.state == "finished"


def test_a_low_score_is_asked_what_went_wrong(house: House) -> None:
    customer = asked(house)
    customer.says("3 3 5")
    assert customer.newest.startswith("Sorry we let you down. What went wrong?")


def test_praise_beside_the_worst_score_is_flagged_and_left_as_it_is(house: House) -> None:
    customer = asked(house)
    customer.says("1 very good")
    (answer,) = customer.answers("csat")
    assert (answer.value, answer.flags) == (1, ["contradiction"])


def test_several_texts_make_one_comment_and_thanks_wait_for_quiet(house: House) -> None:
    customer = asked(house)
    customer.says("2 3 1", "nobody called back")
    house.shift(timedelta(minutes=4))
    customer.says("and the line was bad")
    house.shift(timedelta(minutes=8))
    house.send()
    assert len(customer.phone_shows) == 2, "four minutes after the last words is not quiet yet"
    house.shift(timedelta(minutes=9, seconds=30))
    house.send()
    assert customer.newest == "Acme: Thank you, that's recorded."
    customer.says("one more thing")
    house.shift(timedelta(minutes=20))
    house.send()
    assert len(customer.messages("thanks")) == 1
    assert len(customer.phone_shows) == 3
    assert customer.words("comment") == "nobody called back\nand the line was bad\none more thing"
    assert [answer.revision for answer in customer.answers("comment")] == [1, 2, 3]


def test_the_customers_words_are_sealed(house: House) -> None:
    customer = asked(house)
    customer.says("2 so slow", "mumble")
    rows = customer.answers()
    assert {answer.question_key for answer in rows} == {"csat", "comment", "unclear"}
    for answer in rows:
        assert answer.words is not None
        assert b"slow" not in answer.words
        assert b"mumble" not in answer.words
    assert customer.words("csat") == "2 so slow"


def test_value_scale_and_wording_of_an_answer_are_kept(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9")
    shown = {(a.question_key, a.metric, a.scale, a.wording_version, a.channel) for a in customer.answers()}
    assert shown == {
        ("csat", "csat", "1_5", "en-1", "sms"),
        ("ownership", "ownership", "1_5", "en-1", "sms"),
        ("nps", "nps", "0_10", "en-1", "sms"),
    }


def test_responded_needs_one_score_and_completed_all_of_them(house: House) -> None:
    customer = asked(house)
    customer.says("hm")
    unclear = customer.invitation
    assert (unclear.state, unclear.responded_at, unclear.delivered_basis) == ("asked", None, "assumed")
    customer.says("5")
    begun = customer.invitation
    assert (begun.state, begun.responded_at is None, begun.completed_at) == ("started", False, None)
    customer.says("4", "9")
    done = customer.invitation
    assert (done.state, done.completed_at is None) == ("started", False)
    customer.says("bye now")
    assert customer.state == "finished"
    assert customer.invitation.completed_at == done.completed_at


def test_the_last_person_is_meant_when_the_call_was_transferred(house: House) -> None:
    customer = asked(house, call={"transferred_from": "q2"})
    customer.says("5")
    assert "last person you spoke to" in customer.newest


def test_every_text_that_arrived_is_kept_with_what_it_was_taken_for(house: House) -> None:
    customer = asked(house)
    customer.says("hm", "5 5 9", "change to 4", "all good", "please unsubscribe me")
    assert customer.understood() == ["unclear", "answers", "correction", "comment", "opt_out"]


def test_answer_rows_name_the_text_that_brought_them(house: House) -> None:
    customer = asked(house)
    customer.says("5")
    answers: list[Answer] = customer.answers("csat")
    assert [answer.provider_event_id is not None for answer in answers] == [True]


def test_somebody_who_was_never_asked_is_kept_and_not_answered(house: House) -> None:
    account_id = house.account()
    stranger = Customer(house, account_id, "+447700900999")
    stranger.says("5", "hello")
    assert stranger.phone_shows == []
    assert stranger.understood() == ["unmatched", "unmatched"]
