"""The texts, word for word, and what they cost."""

import re

import pytest

from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import (
    choose_language,
    first_text,
    page_texts,
    question_text,
    render,
    repeat_text,
    wording_version,
)
from app.wording.chinese import CHINESE
from app.wording.english import ENGLISH
from app.wording.segments import GSM_7, sms_segments
from app.wording.texts import TextKey

BRANDS = {"en": "Acme Telecom", "zh": "安心电信"}
HOTLINES = {"en": "+44 20 7946 0018", "zh": "400-820-8820"}
VARIANTS = [(first, transferred) for first in (False, True) for transferred in (False, True)]


def texts(language: str) -> list[str]:
    """Every text that can be sent in `language`, in every variant."""
    rendered = [
        render(
            key,
            language,
            brand=BRANDS[language],
            hotline=hotline,
            first=first,
            transferred=transferred,
            question="csat",
            value=value,
        )
        for key in TextKey
        for hotline in (None, HOTLINES[language])
        for first, transferred in VARIANTS
        for value in range(1, 6)
    ]
    assert len(set(rendered)) > len(TextKey)
    return rendered


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(("zh", "zh"), ("zh-CN", "zh"), ("zh-Hans-CN", "zh"), ("ZH_cn", "zh"), ("cmn", "zh")),
        *(("cmn-Hans-CN", "zh"), ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("fr", "en")),
        *(("zhx", "en"), ("", "en"), (None, "en"), ("-", "en")),
    ],
)
def test_the_calls_language_decides(tag, language):
    assert choose_language(tag) == language


def test_the_accounts_language_stands_in_for_one_that_we_do_not_speak():
    assert choose_language(None, "zh-CN") == "zh"
    assert choose_language("fr-FR", "zh") == "zh"
    assert choose_language("en-US", "zh") == "en"
    assert choose_language("fr", "de") == "en"


def test_both_languages_have_the_same_questions_texts_and_labels():
    assert ENGLISH.texts.keys() == CHINESE.texts.keys()
    assert ENGLISH.page.prompts.keys() == CHINESE.page.prompts.keys()
    assert {key: set(labels) for key, labels in ENGLISH.labels.items()} == {
        key: set(labels) for key, labels in CHINESE.labels.items()
    }
    for catalogue in (ENGLISH, CHINESE):
        assert set(TextKey) <= catalogue.texts.keys()
        asks = [key for key in TextKey if key.startswith("ask_")]
        assert all("{opt_out}" in catalogue.texts[f"{key}.first"] for key in asks)
        assert all("{brand}" in catalogue.texts[f"{key}.first"] for key in asks)
        assert {f"ask_{question}" for question in QUESTIONS} <= set(asks)
        assert {f"repeat_{question}" for question in QUESTIONS if QUESTIONS[question].scale} <= set(TextKey)


def test_every_english_text_is_one_segment_of_gsm_7():
    for text in texts("en"):
        assert sms_segments(text) == (GSM_7, 1), text


def test_every_chinese_text_is_one_segment_with_each_usual_way_to_opt_out():
    for text in texts("zh"):
        assert sms_segments(text)[1] == 1, text
        assert text.startswith("【安心电信】")
    for question in QUESTIONS:
        for suffix in ("拒收请回复R", "回T退订", "退订回TD"):
            text = first_text(question, "zh", brand="安心电信", opt_out_suffix=suffix, transferred=True)
            assert text.endswith(f"。{suffix}")
            assert sms_segments(text)[1] == 1, text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_placeholder_is_left_and_no_space_is_doubled(language):
    for text in texts(language):
        assert not re.search(r"[{}]|  |\s$", text), text


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
@pytest.mark.parametrize("language", ["en", "zh"])
def test_whichever_question_comes_first_says_who_writes_and_how_to_opt_out(language, question):
    text = first_text(
        question, language, brand="Acme", opt_out_suffix="END to leave", link="https://s.example/s/x"
    )
    assert "Acme" in text.split(":")[0].split("】")[0]
    assert text.endswith("END to leave https://s.example/s/x")


def test_a_sender_may_have_no_opt_out_suffix():
    assert first_text("csat", "zh", brand="安心", opt_out_suffix="").endswith("1非常不满意。")
    assert first_text("csat", "en", brand="Acme", opt_out_suffix="").endswith("1 very dissatisfied.")


def test_an_english_survey_never_promises_a_letter_that_it_does_not_take():
    assert first_text("csat", "en", brand="Acme", opt_out_suffix="回T退订").endswith("STOP to opt out")


@pytest.mark.parametrize("brand", ["100% {x}", "{hotline}", "{0}", "}{", "%s %(a)s", "$brand", "\\1"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_brand_may_hold_any_characters(language, brand):
    assert brand in first_text("csat", language, brand=brand)
    assert brand in render(TextKey.LATE, language, brand=brand, hotline="{brand}")


def test_an_english_brand_with_typographic_quotes_costs_no_more():
    text = first_text("csat", "en", brand="Joe\u2019s\u00a0Cafe\n")
    assert text.startswith("Joe's Cafe: ")
    assert sms_segments(text) == (GSM_7, 1)


def test_what_was_noted_is_shown_with_its_label():
    def noted(question: str, value: int, language: str) -> str:
        return render(TextKey.CORRECTED, language, brand="Acme", question=question, value=value)

    assert noted("csat", 4, "en") == "Acme: We noted: 4 satisfied. Thank you!"
    assert noted("nps", 2, "zh") == "【Acme】已记录:2。谢谢!"
    assert noted("fcr", 1, "en") == "Acme: We noted: 1 yes. Thank you!"
    assert "change to 5" in noted("ownership", 2, "en")
    with pytest.raises(ValueError, match="its value"):
        render(TextKey.CORRECTED, "en", brand="Acme")


def test_after_a_transfer_the_last_person_is_meant():
    assert "last person you spoke to" in question_text("ownership", "en", brand="Acme", transferred=True)
    assert "最后一位客服" in first_text("csat", "zh", brand="安心", transferred=True)
    assert question_text("nps", "en", brand="A", transferred=True) == question_text("nps", "en", brand="A")


def test_a_comment_is_never_repeated():
    with pytest.raises(ValueError, match="repeat_comment"):
        repeat_text("comment", "en", brand="Acme")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_web_form_asks_in_full_and_shows_the_best_first(language):
    page = page_texts(language)
    assert [value for value, _ in page.options("csat")] == [5, 4, 3, 2, 1]
    assert [value for value, _ in page.options("nps")] == list(range(10, -1, -1))
    assert [value for value, _ in page.options("fcr")] == [1, 2, 3]
    assert page.options("comment") == []
    assert all(label for question in ("csat", "ownership", "fcr") for _, label in page.options(question))
    for question in QUESTIONS:
        for transferred in (False, True):
            prompt = page.prompt(question, "Acme {x}", transferred=transferred)
            assert prompt.endswith("?")
            assert not re.search("reply|回复", prompt, re.IGNORECASE)
    assert "Acme" in page.prompt("nps", "Acme")
    assert page.prompt("comment", "Acme", low=True) != page.prompt("comment", "Acme")


def test_the_web_forms_other_words():
    english, chinese = page_texts("en"), page_texts("zh-CN")
    assert english.title("Acme", "2 March, 10:00") == "Your call to Acme, 2 March, 10:00"
    assert english.change_until("10:00") == "You can change your answers until 10:00."
    assert english.help("0800 1") == "Need help? 0800 1"
    assert english.help(None) == ""
    assert chinese.title("安心", "3月2日10:00") == "您3月2日10:00致电安心"
    assert chinese.change_until("10:00") == "10:00前可以修改。"
    assert (english.language, chinese.language) == ("en", "zh-Hans")


def test_each_language_has_its_own_version():
    assert (wording_version("en"), wording_version("zh")) == ("en-1", "zh-1")
