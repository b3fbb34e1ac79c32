"""A second thought takes the place of the first, as long as the survey says, and the first is kept."""

from datetime import timedelta

from app.flow.read_results import read_results
from tests.flow.customer import asked
from tests.house import House


def test_a_correction_replaces_the_answer_before_and_is_confirmed(house: House) -> None:
    customer = asked(house)
    customer.says("1", "I meant 4")
    assert customer.history("csat") == [1, 4]
    assert [answer.is_current for answer in customer.answers("csat")] == [False, True]
    assert customer.words("csat") == "I meant 4"
    assert customer.newest == "Acme: We noted: 4 satisfied. Thank you!"
    # the question that waits still waits
    customer.says("5")
    assert customer.scores == {"csat": 4, "ownership": 5}


def test_a_correction_in_chinese_says_how_to_correct_it_again_where_it_is_low(house: House) -> None:
    customer = asked(house, phone="+6591234567", call={"language": "zh"})
    customer.says("5", "改2")
    assert customer.scores == {"csat": 2}
    assert customer.newest == "【Acme】已记录:2不满意。如按错,请回复“改5”等更正。"
    customer.says("改成4")
    assert customer.history("csat") == [5, 2, 4]
    assert customer.newest == "【Acme】已记录:4满意。谢谢!"


def test_a_correction_before_the_next_question_has_gone_out_leaves_it_due(house: House) -> None:
    customer = asked(house)
    customer.types("1", "I meant 5")
    house.send()
    assert sorted(body.split()[0] for body in customer.phone_shows[1:]) == ["Acme:", "How"]
    assert customer.scores == {"csat": 5}


def test_a_lone_number_right_after_the_comment_prompt_corrects_the_last_answer(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 1")
    house.shift(timedelta(seconds=110))
    customer.says("9")
    assert customer.history("nps") == [1, 9]
    assert (customer.words("comment"), customer.state) == (None, "started")
    house.shift(timedelta(seconds=130))
    customer.says("8")
    assert customer.scores["nps"] == 9
    assert customer.words("comment") == "8", "two minutes later it is what they have to say"


def test_the_two_minutes_run_from_the_prompts_departure(house: House) -> None:
    customer = asked(house)
    customer.types("5 5 1")
    house.shift(timedelta(minutes=10))
    customer.types("8")
    house.send()
    assert customer.newest.startswith(("Last one", "Acme: We noted: 8"))
    customer.types("9")
    assert customer.history("nps") == [1, 8, 9]
    house.shift(timedelta(minutes=13))
    customer.types("10")
    assert customer.words("comment") == "10"


def test_a_second_thought_counts_for_a_day_after_the_end(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 1", "bye")
    ended = customer.invitation
    assert ended.state == "finished"
    house.shift(timedelta(hours=23, minutes=59))
    customer.says("change to 9")
    assert customer.history("nps") == [1, 9]
    now = customer.invitation
    assert (now.state, now.completed_at, now.ended_at) == ("finished", ended.completed_at, ended.ended_at)


def test_after_the_edit_window_a_second_thought_is_late(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 1", "bye")
    house.shift(timedelta(hours=24, minutes=1))
    house.send()
    customer.says("change to 9", "hello?")
    assert customer.scores == {"csat": 5, "ownership": 5, "nps": 1}
    assert customer.words("late") == "change to 9\nhello?"
    assert customer.words("comment") == "bye"
    assert [body for body in customer.phone_shows if "has closed" in body] == [
        "Acme: This survey has closed but we've kept your message."
    ]


def test_the_same_answer_again_is_no_revision(house: House) -> None:
    customer = asked(house)
    customer.says("5", "I meant 5")
    assert customer.history("csat") == [5]
    assert customer.newest == "Acme: We noted: 5 very satisfied. Thank you!"


def test_a_correction_changes_the_results(house: House) -> None:
    customer = asked(house)
    customer.types("1", "I meant 5")
    first = house.invitations(customer.account_id)[0]
    customer.types("I meant 4")
    assert house.invitations(customer.account_id)[0].change > first.change, (
        "readers who page by it see it again"
    )
    house.roll_up()
    with house.sessions() as session:
        results = read_results(
            session, account_id=customer.account_id, group_by="agent", start=None, end=None, bucket="all"
        )
    (row,) = results["rows"]
    assert (row["csat"]["n"], row["csat"]["mean"]) == (1, 4)


def test_a_correction_beyond_the_scale_is_unclear(house: House) -> None:
    customer = asked(house)
    customer.types("5", "I meant 9", "改9", "change to 0")
    assert customer.scores == {"csat": 5}
    assert customer.words("unclear") == "I meant 9\n改9\nchange to 0"
