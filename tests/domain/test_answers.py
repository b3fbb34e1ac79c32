"""What customers write, and what it is taken for."""

import pytest

from app.domain.answers import CONTRADICTION, Kind, Position, Understood, understand
from app.wording.catalogue import keywords
from tests.domain.conversation import after_comment_prompt, waiting_for

ENGLISH, CHINESE = keywords("en"), keywords("zh")
BOTH = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])


def answers(*pairs: tuple[str, int]) -> Understood:
    return Understood(Kind.ANSWERS, pairs)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("5", " 5 ", "5.", "5!", "5。", "5！", "5+", "“5”", "(5)", "【5】", "5\n", "5 stars"),
        *("5stars", "5 points", "5分", "5 分", "5星", "5颗星", "5/5", "5 / 5", "5/5!", "5 out of 5"),
        *("５", "５分", "5️⃣", "⑤", "❺", "➄", "five", "Five!", "five stars", "五", "五分", "五星"),
        *("\u200b5", "\ufeff5", "I'd say 5", "I’d say 5, thanks", "Reply 5", "回复5", "我给5分"),
        *("打5分", "sorry 5"),
    ],
)
def test_a_five_is_a_five_however_it_is_typed(text, words):
    assert understand(text, waiting_for("csat"), words) == answers(("csat", 5))


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("²", "٥", "५", "5²", "5٥", "-1", "- 1", "0", "6", "100", "100分", "05", "5.5", "4.5", "4,5,"),
        *("4-5", "4–5", "4~5", "4 or 5", "4或5", "4到5", "4 to 5", "½", "5½", "5%", "5 %", "50%", "$5"),
        *("5$", "5￥", "1st", "2nd time", "5G", "5G信号不好", "4/10", "4/5/6", "559", "55", "5" * 5000),
        *("Ⅴ", "十", "ten", "", " ", "!", "😡", "👍", "1e0", "0x5", "5_5", "+", "#"),
    ],
)
def test_what_is_no_value_of_the_scale_is_unclear(text, words):
    assert understand(text, waiting_for("csat"), words) == Understood(Kind.UNCLEAR)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("5 minutes on hold", "5 mins", "2 hours!", "3 times I called", "2 more calls"),
        *("2 of the agents", "5分钟才接", "5 分钟才接", "2次都没解决", "3个人", "5点打的"),
        *("1小时没人接", "5, 10 minutes wait", "2 2 agents"),
    ],
)
def test_a_number_that_counts_something_is_no_rating(text, words):
    assert understand(text, waiting_for("csat"), words).kind is Kind.UNCLEAR


@BOTH
@pytest.mark.parametrize(
    "text", ["it was great", "服务很好", "I am not sure what you mean", "no", "yes", "是的"]
)
def test_free_text_in_answer_to_a_scored_question_is_unclear(text, words):
    assert understand(text, waiting_for("csat"), words).kind is Kind.UNCLEAR


@BOTH
@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("csat", "非常满意", 5),
        ("csat", "满意", 4),
        ("csat", "一般", 3),
        ("csat", "不满意", 2),
        ("csat", "非常不满意", 1),
        ("csat", "满分", 5),
        ("csat", "不满意。", 2),
        ("csat", "我很满意", 5),
        ("csat", "非常满意,谢谢", 5),
        ("csat", "非常满意5", 5),
        ("csat", "5非常满意", 5),
        ("csat", "5:非常满意", 5),
        ("csat", "2不满意", 2),
        ("csat", "very satisfied", 5),
        ("csat", "Very   Satisfied!!!", 5),
        ("csat", "satisfied", 4),
        ("csat", "Dissatisfied", 2),
        ("csat", "very dissatisfied", 1),
        ("csat", "I'm satisfied, thank you", 4),
        ("csat", "5 = very satisfied", 5),
        ("csat", "very satisfied: 5", 5),
        ("ownership", "非常愿意", 5),
        ("ownership", "不太愿意", 2),
        ("ownership", "满分", 5),
        ("ownership", "not at all willing", 1),
        ("nps", "extremely likely", 10),
        ("nps", "完全不可能", 0),
        ("nps", "10/10", 10),
        ("nps", "8 out of 10", 8),
        ("nps", "十", 10),
        ("nps", "⑩", 10),
        ("nps", "零", 0),
        ("nps", "0", 0),
        ("nps", "１０", 10),
        ("fcr", "yes", 1),
        ("fcr", "No.", 2),
        ("fcr", "not sure yet", 3),
        ("fcr", "已解决", 1),
        ("fcr", "没有", 2),
        ("fcr", "还不确定", 3),
    ],
)
def test_words_are_matched_as_a_whole(question, text, value, words):
    position = waiting_for(question, order=("csat", "ownership", "fcr", "nps", "comment"))
    assert understand(text, position, words) == answers((question, value))


@BOTH
@pytest.mark.parametrize("text", ["100", "100分", "满分", "11", "-1", "10/100", "9 or 10", "very satisfied"])
def test_full_marks_and_numbers_beyond_ten_are_asked_again_for_nps(text, words):
    assert understand(text, waiting_for("nps"), words).kind is Kind.UNCLEAR


@BOTH
@pytest.mark.parametrize(
    "text", ["满意?才怪", "not very satisfied at all", "我不是很满意", "满意 5 不满意", "满意 2"]
)
def test_a_label_inside_a_longer_text_is_not_taken_for_a_score(text, words):
    assert understand(text, waiting_for("csat"), words).kind is Kind.UNCLEAR


@BOTH
@pytest.mark.parametrize(
    ("text", "value", "comment"),
    [
        ("2 态度差", 2, "态度差"),
        ("2态度差", 2, "态度差"),
        ("2，态度差。", 2, "态度差。"),
        ("①态度差", 1, "态度差"),
        ("2️⃣ 态度差", 2, "态度差"),
        ("5 thanks", 5, "thanks"),
        ("5 - he was lovely", 5, "he was lovely"),
        ("4/5 could be quicker", 4, "could be quicker"),
        ("4 stars. Could be quicker", 4, "Could be quicker"),
        ("5 to be honest", 5, "to be honest"),
        ("5分,人很好", 5, "人很好"),
        ("3 人工客服太难找", 3, "人工客服太难找"),
        ("5 😊", 5, "😊"),
        ("5😊", 5, "😊"),
        ("2\nThe “agent”\nhung up", 2, "The “agent”\nhung up"),
    ],
)
def test_a_score_may_bring_a_comment_in_the_customers_own_characters(text, value, comment, words):
    understood = understand(text, waiting_for("csat"), words)
    assert (understood.kind, understood.answers) == (Kind.ANSWERS, (("csat", value),))
    assert understood.comment == comment
    assert understood.flags == ()


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("5 5 9", "5,5,9", "5, 5, 9.", "5;5;9", "5\n5\n9", "5、5、9", "５ ５ ９", "5️⃣5️⃣9️⃣"),
        *("5分 5分 9分", "五 五 九", "five five nine", "5/5 5/5 9/10"),
    ],
)
def test_as_many_values_as_questions_remain_fill_them_in_order(text, words):
    expected = answers(("csat", 5), ("ownership", 5), ("nps", 9))
    assert understand(text, waiting_for("csat"), words) == expected


@BOTH
@pytest.mark.parametrize(
    "text", ["5 5", "5 5 9 9", "5 5 11", "0 5 9", "5 5 9 great", "5 9 6", "559", "5-5-9"]
)
def test_a_list_that_does_not_fit_exactly_is_unclear(text, words):
    assert understand(text, waiting_for("csat"), words).kind is Kind.UNCLEAR


def test_a_list_leaves_out_the_questions_that_are_skipped_or_answered():
    without_nps = waiting_for("csat", skipped=("nps",))
    assert understand("4 3", without_nps, ENGLISH) == answers(("csat", 4), ("ownership", 3))
    last_two = waiting_for("ownership")
    assert understand("4 10", last_two, ENGLISH) == answers(("ownership", 4), ("nps", 10))


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("I meant 4", "i meant 4.", "Sorry, I meant 4", "change to 4", "Change it to 4 please"),
        *("oops 4 sorry", "*4", "改4", "改为4分", "改成 4", "更正4", "按错了,改4", "应该是四", "改４"),
        *("Correction: 4",),
    ],
)
@pytest.mark.parametrize("current", ["nps", "comment"])
def test_a_correction_replaces_the_answer_before(text, current, words):
    position = waiting_for(current)
    expected = Understood(Kind.CORRECTION, ((position.last_scored or "", 4),))
    assert understand(text, position, words) == expected


def test_a_correction_in_words_is_read_by_the_labels_of_the_question_before():
    assert understand("改非常满意", waiting_for("ownership"), CHINESE) == Understood(
        Kind.CORRECTION, (("csat", 5),)
    )


@pytest.mark.parametrize("text", ["I meant 4", "改4", "*4"])
def test_a_correction_with_nothing_to_correct_answers_the_question_that_waits(text):
    assert understand(text, waiting_for("csat"), CHINESE) == answers(("csat", 4))


@pytest.mark.parametrize(
    ("text", "position", "kind"),
    [
        ("改9", waiting_for("nps"), Kind.UNCLEAR),
        ("改-1", waiting_for("nps"), Kind.UNCLEAR),
        ("I meant 4 weeks", waiting_for("comment"), Kind.COMMENT),
        ("change to 2 step login", waiting_for("comment"), Kind.COMMENT),
        ("改善一下服务", waiting_for("comment"), Kind.COMMENT),
    ],
)
def test_what_only_begins_like_a_correction_changes_nothing(text, position, kind):
    understood = understand(text, position, CHINESE)
    assert (understood.kind, understood.answers) == (kind, ())


@BOTH
@pytest.mark.parametrize("current", ["comment", None])
def test_a_lone_number_soon_after_the_comment_prompt_changes_the_answer_before(current, words):
    assert understand("4", after_comment_prompt(120, current=current), words) == Understood(
        Kind.CORRECTION, (("nps", 4),)
    )
    late = understand("4", after_comment_prompt(121, current=current), words)
    assert late == Understood(Kind.COMMENT, comment="4")


@pytest.mark.parametrize("text", ["11", "4 great", "满意", "4 5"])
def test_only_a_lone_number_of_the_scale_before_is_a_second_thought(text):
    assert understand(text, after_comment_prompt(10), CHINESE) == Understood(Kind.COMMENT, comment=text)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("They should stop transferring me", "服务很好,谢谢", "2 态度差", "Спасибо 🙏", "شكرا", "100"),
        *("yes", "5 minutes", "我要退订宽带,一直没人处理", "I cancelled because of the wait"),
        *("end of story", "Stop? No, go on", "R u ok"),
    ],
)
@pytest.mark.parametrize("position", [waiting_for("comment"), after_comment_prompt(600, current=None)])
def test_anything_else_after_the_scores_is_a_comment(text, position, words):
    assert understand(f" {text}\n", position, words) == Understood(Kind.COMMENT, comment=text)


def test_a_text_without_words_is_an_empty_comment():
    assert understand(" \x00", waiting_for("comment"), ENGLISH) == Understood(Kind.COMMENT)


@BOTH
@pytest.mark.parametrize(
    ("text", "value", "flagged"),
    [
        ("1 很好", 1, True),
        ("1 Excellent service", 1, True),
        ("1 不是很好", 1, False),
        ("1 not great", 1, False),
        ("2 很好", 2, False),
        ("5 太差了", 5, True),
        ("5 terrible!!", 5, True),
        ("5 不满意", 5, True),
        ("5 not rude at all", 5, False),
        ("5 greatest", 5, False),
        ("4 terrible", 4, False),
    ],
)
def test_a_contradiction_is_flagged_and_the_score_is_left_alone(text, value, flagged, words):
    understood = understand(text, waiting_for("csat"), words)
    assert understood.answers == (("csat", value),)
    assert understood.flags == ((CONTRADICTION,) if flagged else ())


def test_a_comment_is_compared_with_the_csat_given_before():
    assert understand("very good", after_comment_prompt(60, csat=1), ENGLISH).flags == (CONTRADICTION,)
    assert understand("气死我了", after_comment_prompt(60, csat=5), CHINESE).flags == (CONTRADICTION,)
    assert understand("气死我了", after_comment_prompt(60, csat=1), CHINESE).flags == ()


def test_a_question_unknown_to_this_release_is_answered_in_words():
    position = Position(("effort",), {}, frozenset(), "effort", None, None, waiting_for("csat").now)
    assert understand("3", position, ENGLISH) == Understood(Kind.COMMENT, comment="3")
