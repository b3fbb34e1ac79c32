"""The words of the web form and of the mails that lead to it."""

import re
from dataclasses import fields

import pytest

from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import LANGUAGES, mail_texts, page_texts


@pytest.mark.parametrize("language", LANGUAGES)
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
            assert prompt.endswith(("?", "？"))
            assert not re.search("reply|回复|回覆|respond|antworten|répondez", prompt, re.IGNORECASE)
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_form_and_of_the_mail_is_there(language):
    for words in (page_texts(language), mail_texts(language)):
        for field in fields(words):
            assert getattr(words, field.name), field.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_names_the_call_and_no_placeholder_is_left(language):
    mail = mail_texts(language)
    brand, when = "Acme {x}", "2 March, 10:00"
    for text in (mail.greeting(brand, when), mail.reminder(brand, when)):
        assert brand in text
        assert when in text
    for text in (mail.unsubscribe_question(brand), mail.unsubscribed(brand), mail.preheader(brand)):
        assert brand in text
    assert mail.help("0800 1").endswith("0800 1")
    assert mail.help(None) == ""
    assert "{" not in mail.subject("2 March") + mail.reminder_subject("2 March")
    assert mail.subject("2 March") != mail.reminder_subject("2 March")


def test_the_mails_words():
    english, chinese = mail_texts("en"), mail_texts("zh")
    assert english.subject("2 March") == "How did we do on your call?"
    assert english.greeting("Acme", "2 March, 10:00") == "Hello, you called Acme on 2 March, 10:00."
    assert english.note == "It takes under a minute. The person who helped you won't see your name."
    assert chinese.subject("3月2日") == "请评价您3月2日的来电服务"
    assert chinese.greeting("安心", "3月2日10:00") == "您好!您于3月2日10:00致电安心。"
    assert chinese.note == "约需1分钟。客服人员不会看到您的姓名。"
