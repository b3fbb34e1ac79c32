"""A preview is what goes out: held against what a customer then gets."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.domain.channel import Channel
from app.store.messages import Message
from tests.web.conftest import Api

LANGUAGES = ("en", "zh", "zh-TW", "es", "fr", "de")


def preview(api: Api, **query: Any) -> TestResponse:
    return api("GET", "/v1/surveys/default/preview", query_string=query)


def shown(api: Api, **query: Any) -> dict[str, Any]:
    response = preview(api, **query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json  # type: ignore[assignment]
    return found


@pytest.fixture(autouse=True)
def _without_link(api: Api) -> None:
    api("PUT", "/v1/surveys/default", {"link": False})


def test_the_first_text_is_the_one_that_is_written(api: Api) -> None:
    first = shown(api, channel="sms", language="zh-CN", region="CN")
    assert first["questions"] == ["csat", "ownership"]
    api("POST", "/v1/calls", api.call_end(customer={"phone": "+8613800138000", "language": "zh-CN"}))
    with api.sessions() as session:
        written = session.scalars(select(Message.body).where(Message.account_id == api.account_id)).all()
    assert [part["text"] for part in first["parts"] if part["purpose"] == "ask"] == written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_can_be_looked_at_in_every_language(api: Api, channel: str, language: str) -> None:
    content = shown(api, channel=channel, language=language)
    assert all(part["text"] for part in content["parts"])
    asked = [part["question"] for part in content["parts"] if part["purpose"] in ("ask", "question")]
    assert list(dict.fromkeys(asked)) == content["questions"]


def test_a_mail_is_shown_as_it_is_sent(api: Api) -> None:
    content = shown(api, channel="email", language="en")
    assert "satisfied" in content["mail_text"]
    assert content["mail_html"].count("?csat=") == 5


def test_a_mail_that_reminds_is_shown_where_there_is_one(api: Api) -> None:
    content = shown(api, channel="email", language="en")
    assert content["reminder_subject"] != content["subject"]
    assert content["reminder_mail_text"] != content["mail_text"]
    assert content["reminder_mail_html"].count("?csat=") == 5
    api("PUT", "/v1/surveys/default", {"reminder_after_seconds": 0})
    assert "reminder_subject" not in shown(api, channel="email", language="en")
    assert "reminder_subject" not in shown(api, channel="sms", language="en")


def test_a_telephone_that_reads_chinese_has_one_for_the_best(api: Api) -> None:
    parts = shown(api, channel="callback", language="zh")["parts"]
    keys = {part["question"]: part["keys"] for part in parts if "keys" in part}
    assert keys["csat"] == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}


def test_a_text_says_what_it_costs(api: Api) -> None:
    texts = shown(api, channel="sms", language="en")["parts"]
    assert {part["segments"] for part in texts} == {1}
    assert {part["encoding"] for part in texts} == {"GSM-7"}


def test_a_link_is_counted_with_the_text_that_carries_it(api: Api) -> None:
    api("PUT", "/v1/surveys/default", {"link": True})
    (ask,) = (part for part in shown(api, language="en")["parts"] if part["purpose"] == "ask")
    assert "/s/" in ask["text"]
    assert ask["segments"] == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"channel": "pigeon"}, 422),
        ({"language": "??"}, 422),
        ({"region": "china"}, 422),
        ({"surprise": "1"}, 422),
    ],
    ids=str,
)
def test_what_cannot_be_shown_is_refused(api: Api, query: dict[str, str], status: int) -> None:
    assert preview(api, **query).status_code == status


def test_there_is_nothing_to_see_of_a_survey_that_is_not_there(api: Api) -> None:
    assert api("GET", "/v1/surveys/other/preview").status_code == 404


@pytest.mark.parametrize("channel", ["sms", "callback", "link"])
def test_a_question_says_after_which_answers_it_comes(api: Api, channel: str) -> None:
    asked = ["csat", "ownership", "comment"]
    orders = {f"order_{name}": asked for name in ("sms", "ivr", "page")}
    api("PUT", "/v1/surveys/default", {**orders, "only_if": {"ownership": {"csat": [1, 2]}}})
    parts = [part for part in shown(api, channel=channel)["parts"] if part["purpose"] in ("ask", "question")]
    assert [(part["question"], part["when"]) for part in parts] == [
        ("csat", None),
        ("ownership", "csat is 1 or 2"),
        ("comment", None),
        ("comment", "after a low csat"),
    ]
