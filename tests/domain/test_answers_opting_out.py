"""Who wants no more texts, who wants them again, and who asks for help."""

import pytest

from app.domain.answers import CONTRADICTION, Kind, Understood, understand
from app.wording.catalogue import keywords
from tests.domain.conversation import ORDER, after_comment_prompt, waiting_for

ENGLISH, CHINESE = keywords("en"), keywords("zh")
BOTH = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])


@BOTH
@pytest.mark.parametrize(
    "position", [waiting_for(key) for key in ORDER] + [after_comment_prompt(5, current=None)]
)
@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", " Stop. ", "“STOP”", "ＳＴＯＰ", "STOP STOP", "stop all", "STOPALL"),
        *("Unsubscribe", "CANCEL", "END", "quit", "Revoke", "OPTOUT", "opt out", "please stop"),
        *("Stop, thanks", "TD", "td", "退订", "拒收", "退订。", "好的 退订"),
    ],
)
def test_a_stop_word_alone_opts_out_at_any_point(text, position, words):
    assert understand(text, position, words) == Understood(Kind.OPT_OUT)


@pytest.mark.parametrize("text", ["T", "t", "N", "R", "r", "Ｒ", "R。"])
def test_single_letters_opt_out_of_chinese_surveys_only(text):
    assert understand(text, waiting_for("csat"), CHINESE).kind is Kind.OPT_OUT
    assert understand(text, waiting_for("csat"), ENGLISH).kind is Kind.UNCLEAR


@BOTH
@pytest.mark.parametrize(
    ("text", "score", "comment"),
    [
        ("2 STOP", 2, None),
        ("2 退订", 2, None),
        ("2 rude. Stop texting me", 2, "rude. Stop texting me"),
        ("2,态度差,我要退订", 2, "态度差,我要退订"),
    ],
)
def test_a_score_beside_the_wish_to_stop_is_kept(text, score, comment, words):
    understood = understand(text, waiting_for("csat"), words)
    assert understood == Understood(Kind.OPT_OUT, (("csat", score),), comment)


@BOTH
@pytest.mark.parametrize("question", ORDER)
@pytest.mark.parametrize(
    "text",
    [
        *("我要退订", "服务太差,我要退订", "服务太差 我要退订", "我要退订了!", "别再给我发短信了"),
        *("烦死了,不要再发短信了", "Unsubscribe me", "rude agent, please unsubscribe me from this"),
        *("STOP TEXTING ME!!", "don’t text me again", "Take me off your list."),
        *("Useless. Unsubscribe.", "stop\u00a0texting me"),
    ],
)
def test_a_comment_that_asks_to_unsubscribe_is_honoured_and_kept(text, question, words):
    assert understand(text, waiting_for(question), words) == Understood(
        Kind.OPT_OUT, comment=text, flags=_flags(text, question)
    )


def _flags(text: str, question: str) -> tuple[str, ...]:
    angry = any(word in text.casefold() for word in ("useless", "rude", "太差"))
    return (CONTRADICTION,) if angry and question == "comment" else ()


@BOTH
@pytest.mark.parametrize("question", ORDER)
def test_opting_in_and_asking_for_help_are_heard_at_any_point(question, words):
    for text in ("START", "unstop", "开通", "开通。"):
        assert understand(text, waiting_for(question), words).kind is Kind.OPT_IN
    for text in ("HELP", "info", "帮助?"):
        assert understand(text, waiting_for(question), words).kind is Kind.HELP


@BOTH
def test_yes_is_an_answer_or_a_comment_and_never_an_opt_in(words):
    assert understand("YES", waiting_for("csat"), words).kind is Kind.UNCLEAR
    assert understand("YES", waiting_for("comment"), words).kind is Kind.COMMENT


def test_the_carriers_own_words_are_told_from_ours():
    assert all(ENGLISH.carrier_replied_to(text) for text in ("STOP", " stop\n", "OptOut", "CANCEL"))
    assert not any(CHINESE.carrier_replied_to(text) for text in ("退订", "T", "stop all", "STOP please", "0"))
