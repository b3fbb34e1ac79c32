"""The texts, word for word, and what they cost."""

import re

import pytest

from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import (
    LANGUAGES,
    catalogue,
    first_text,
    question_text,
    render,
    repeat_text,
    wording_version,
)
from app.wording.segments import GSM_7, sms_segments
from app.wording.texts import TextKey
from tests.wording.samples import brand, texts

EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
# each of these makes an English text cost double, or breaks a line where nobody meant to
TYPOGRAPHY = (
    "\u2018\u2019\u201a\u201b\u2013\u2014\u2015\u2026\u00a0\u202f\u2007\u2060\u200b\u00ad\ufeff\u00ab\u00bb"
)


@EVERY_LANGUAGE
def test_every_language_has_the_same_texts_prompts_and_labels(language):
    own, english = catalogue(language), catalogue("en")
    assert own.texts.keys() == english.texts.keys()
    assert own.page.prompts.keys() == english.page.prompts.keys()
    assert own.spoken.prompts.keys() == english.spoken.prompts.keys()
    assert {key: set(labels) for key, labels in own.labels.items()} == {
        key: set(labels) for key, labels in english.labels.items()
    }
    assert own.page.labels is own.labels
    assert own.language == language


@EVERY_LANGUAGE
def test_every_question_is_asked_and_asked_again(language):
    own = catalogue(language)
    assert set(TextKey) <= own.texts.keys()
    asks = [key for key in TextKey if key.startswith("ask_")]
    assert {f"ask_{question}" for question in QUESTIONS} <= set(asks)
    assert {f"repeat_{question}" for question in QUESTIONS if QUESTIONS[question].scale} <= set(TextKey)
    for key in asks:
        assert "{opt_out}" in own.texts[f"{key}.first"]
        assert "{brand}" in own.texts[f"{key}.first"]


@EVERY_LANGUAGE
def test_every_text_is_one_segment_of_the_encoding_that_its_language_declares(language):
    for text in texts(language):
        assert sms_segments(text) == (catalogue(language).encoding, 1), text


@pytest.mark.parametrize("suffix", ["拒收请回复R", "回T退订", "退订回TD", "退訂請回STOP", ""])
@pytest.mark.parametrize("language", ["zh", "zh-Hant"])
def test_every_chinese_text_is_one_segment_with_each_usual_way_to_opt_out(language, suffix):
    for text in texts(language, suffix):
        assert sms_segments(text)[1] == 1, text
        assert text.startswith(f"【{brand(language)}】")
    assert first_text("csat", language, brand="安心", opt_out_suffix=suffix).endswith(f"。{suffix}")


@EVERY_LANGUAGE
def test_no_placeholder_is_left_and_no_space_is_doubled(language):
    for text in texts(language):
        assert not re.search(r"[{}]|  |\s$", text), text


@EVERY_LANGUAGE
def test_no_smart_quote_and_no_space_that_cannot_break_ever_leaves(language):
    for text in texts(language):
        assert not set(text) & set(TYPOGRAPHY), text


def test_the_english_texts_word_for_word():
    brand = "Acme"
    assert first_text("csat", "en", brand=brand) == (
        "Acme: Thanks for calling. How satisfied are you with the help you got? "
        "Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied. STOP to opt out"
    )
    assert question_text("ownership", "en", brand=brand) == (
        "How willing was the agent to help you? Reply 1-5 (5=very willing, 1=not at all willing)"
    )
    assert question_text("nps", "en", brand=brand) == (
        "How likely are you to recommend Acme to a friend or colleague? "
        "Reply 0-10 (0=not at all likely, 10=extremely likely)"
    )
    assert question_text("fcr", "en", brand=brand) == (
        "Is your issue resolved? Reply 1=yes, 2=no, 3=not sure yet"
    )
    assert question_text("comment", "en", brand=brand, csat=4) == (
        "Last one: anything you'd like to tell us? "
        "Just reply in your own words, or ignore this text. Thank you!"
    )
    assert question_text("comment", "en", brand=brand, csat=3) == (
        "Sorry we let you down. What went wrong? Just reply in your own words, or ignore this text."
    )
    assert repeat_text("csat", "en", brand=brand) == (
        "Sorry, we didn't get that. Please reply with one number from 1 to 5 "
        "(5=very satisfied, 1=very dissatisfied)."
    )
    assert render(TextKey.STOPPED, "en", brand=brand) == (
        "Acme: You won't get any more feedback texts from us. Reply START to undo."
    )
    assert render(TextKey.LATE, "en", brand=brand, hotline="0800 1") == (
        "Acme: This survey has closed but we've kept your message. For help call 0800 1."
    )


def test_the_chinese_texts_word_for_word():
    brand = "安心"
    assert first_text("csat", "zh", brand=brand) == (
        "【安心】您刚才来电,对客服的服务满意吗?回复5非常满意 4满意 3一般 2不满意 1非常不满意。拒收请回复R"
    )
    assert question_text("ownership", "zh", brand=brand) == (
        "【安心】这位客服是否愿意尽力帮您?回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意"
    )
    assert question_text("nps", "zh", brand=brand) == (
        "【安心】您有多大可能向朋友或同事推荐我们?请回复0到10:0完全不可能,10非常可能"
    )
    assert question_text("fcr", "zh", brand=brand) == "【安心】您的问题解决了吗?回复1已解决 2未解决 3还不确定"
    assert question_text("comment", "zh", brand=brand) == (
        "【安心】最后,有什么想对我们说的?直接回复即可,不填也没关系。谢谢!"
    )
    assert question_text("comment", "zh", brand=brand, csat=1) == (
        "【安心】抱歉没让您满意。哪里做得不好?请直接回复告诉我们,不填也没关系。"
    )
    assert repeat_text("csat", "zh", brand=brand) == (
        "【安心】没能识别您的回复。请只回复一个数字:5非常满意 4满意 3一般 2不满意 1非常不满意"
    )
    assert render(TextKey.CORRECTED, "zh", brand=brand, question="csat", value=1) == (
        "【安心】已记录:1非常不满意。如按错,请回复“改5”等更正。"
    )
    assert render(TextKey.THANKS, "zh", brand=brand) == "【安心】已记录,谢谢您的评价!"
    assert render(TextKey.STOPPED, "zh", brand=brand) == (
        "【安心】已停止向您发送评价短信。如需恢复请回复“开通”。"
    )


@pytest.mark.parametrize("question", list(QUESTIONS))
@EVERY_LANGUAGE
def test_whichever_question_comes_first_says_who_writes_and_how_to_opt_out(language, question):
    text = first_text(
        question, language, brand="Acme", opt_out_suffix="END to leave", link="https://s.example/s/x"
    )
    assert "Acme" in text.split(":")[0].split("】")[0]
    assert text.endswith("END to leave https://s.example/s/x")


def test_a_sender_may_have_no_opt_out_suffix():
    assert first_text("csat", "zh", brand="安心", opt_out_suffix="").endswith("1非常不满意。")
    assert first_text("csat", "en", brand="Acme", opt_out_suffix="").endswith("1 very dissatisfied.")


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
def test_only_a_chinese_survey_promises_a_letter(language):
    text = first_text("csat", language, brand="Acme", opt_out_suffix="回T退订")
    assert text.endswith(catalogue(language).opt_out_suffix)


@pytest.mark.parametrize("brand", ["100% {x}", "{hotline}", "{0}", "}{", "%s %(a)s", "$brand", "\\1"])
@EVERY_LANGUAGE
def test_a_brand_may_hold_any_characters(language, brand):
    assert brand in first_text("csat", language, brand=brand)
    assert brand in render(TextKey.LATE, language, brand=brand, hotline="{brand}")


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
def test_a_brand_with_typographic_quotes_costs_no_more(language):
    text = first_text("csat", language, brand="Joe\u2019s\u00a0Cafe\n")
    assert text.startswith("Joe's Cafe: ")
    assert sms_segments(text) == (GSM_7, 1)


def test_what_was_noted_is_shown_with_its_label():
    def noted(question: str, value: int, language: str) -> str:
        return render(TextKey.CORRECTED, language, brand="Acme", question=question, value=value)

    assert noted("csat", 4, "en") == "Acme: We noted: 4 satisfied. Thank you!"
    assert noted("nps", 2, "zh") == "【Acme】已记录:2。谢谢!"
    assert noted("fcr", 1, "en") == "Acme: We noted: 1 yes. Thank you!"
    assert "change to 5" in noted("ownership", 2, "en")
    assert noted("fcr", 3, "de") == "Acme: Notiert: 3 Noch unklar. Vielen Dank!"
    with pytest.raises(ValueError, match="its value"):
        render(TextKey.CORRECTED, "en", brand="Acme")


def test_after_a_transfer_the_last_person_is_meant():
    assert "last person you spoke to" in question_text("ownership", "en", brand="Acme", transferred=True)
    assert "最后一位客服" in first_text("csat", "zh", brand="安心", transferred=True)
    assert question_text("nps", "en", brand="A", transferred=True) == question_text("nps", "en", brand="A")


def test_a_comment_is_never_repeated():
    with pytest.raises(ValueError, match="repeat_comment"):
        repeat_text("comment", "en", brand="Acme")


@EVERY_LANGUAGE
def test_each_language_has_its_own_version(language):
    assert wording_version(language) == f"{language}-1"
