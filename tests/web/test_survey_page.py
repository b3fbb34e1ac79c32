"""The survey link shows a plain form, records only what a person submits, and tells nothing to others."""

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from app.store.answers import Answer
from tests.web.conftest import Api

FULL = {"csat": "5", "ownership": "4", "nps": "10", "comment": "Quick and friendly"}


def answers(api: Api) -> int:
    with api.sessions() as session:
        return session.scalar(select(func.count()).select_from(Answer)) or 0


def test_the_form_asks_every_question_with_the_best_answer_first(api: Api) -> None:
    page = api.client.get(f"/s/{api.invite()}")
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert re.findall(r'name="csat" value="(\d)"', page.text) == ["5", "4", "3", "2", "1"]
    assert re.findall(r'name="nps" value="(\d+)"', page.text) == [str(n) for n in range(10, -1, -1)]
    assert "checked" not in page.text
    assert "<textarea" in page.text


def test_the_form_speaks_the_calls_language(api: Api) -> None:
    token = api.invite(customer={"phone": "+447700900123", "language": "zh-CN"})
    page = api.client.get(f"/s/{token}").text
    assert '<html lang="zh' in page
    assert "非常满意" in page


def test_every_control_has_a_label(api: Api) -> None:
    page = api.client.get(f"/s/{api.invite()}").text
    assert page.count("<fieldset") == page.count("<legend") == 3
    assert len(re.findall(r"<label><input type=\"radio\"", page)) == page.count('type="radio"') == 5 + 5 + 11
    assert '<label for="comment">' in page


def test_looking_records_nothing(api: Api) -> None:
    token = api.invite()
    for _ in range(3):
        api.client.get(f"/s/{token}")
        api.client.head(f"/s/{token}")
    assert answers(api) == 0


def test_a_submitted_form_is_thanked_for(api: Api) -> None:
    token = api.invite()
    response = api.client.post(f"/s/{token}", data=FULL)
    assert response.status_code == 200
    assert "Thank you." in response.text
    assert re.search(r"You can change your answers until \d+ \w+, \d\d:\d\d\.", response.text)
    assert answers(api) == 4
    assert api.rung[-1] == ()


def test_coming_back_shows_what_was_answered_and_takes_a_change(api: Api) -> None:
    token = api.invite()
    api.client.post(f"/s/{token}", data=FULL)
    page = api.client.get(f"/s/{token}").text
    assert re.search(r'name="ownership" value="4" checked', page)
    assert "Quick and friendly</textarea>" in page
    assert api.client.post(f"/s/{token}", data={**FULL, "csat": "2"}).status_code == 200
    assert re.search(r'name="csat" value="2" checked', api.client.get(f"/s/{token}").text)


def test_a_part_of_the_form_is_taken(api: Api) -> None:
    token = api.invite()
    assert api.client.post(f"/s/{token}", data={"csat": "3"}).status_code == 200
    assert answers(api) == 1


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"csat": "6"},
        {"csat": "²"},
        {"csat": "-1", "comment": "kept on the page"},
        {"csat": "5" * 5000},
        {"fcr": "1"},
        {"comment": "   "},
    ],
    ids=lambda form: str(form)[:40],
)
def test_a_form_that_cannot_be_taken_is_shown_again(api: Api, form: dict[str, str]) -> None:
    token = api.invite()
    response = api.client.post(f"/s/{token}", data=form)
    assert response.status_code == 422
    assert "Please choose an answer." in response.text
    assert form.get("comment", "") in response.text
    assert answers(api) == 0


def test_what_customers_and_accounts_write_is_escaped(api: Api) -> None:
    token = api.invite()
    nasty = "</textarea><script>alert(1)</script>\x00"
    api.client.post(f"/s/{token}", data={"csat": "5", "comment": nasty})
    page = api.client.get(f"/s/{token}").text
    assert "<script" not in page
    assert nasty.rstrip("\x00") in unescape(page)


def test_a_wrong_link_and_an_ended_survey_look_the_same(api: Api) -> None:
    token = api.invite()
    api.client.post(f"/s/{token}", data=FULL)
    with api.sessions.begin() as session:
        session.connection().exec_driver_sql(
            "update invitation set edit_until = clock_now(), close_at = null"
        )
    for method in ("GET", "POST"):
        ended = api.client.open(f"/s/{token}", method=method, data=FULL if method == "POST" else None)
        wrong = api.client.open("/s/0123456789", method=method, data=FULL if method == "POST" else None)
        assert (ended.status_code, ended.data) == (wrong.status_code, wrong.data)
        assert ended.status_code == 404
        assert "This survey has closed." in ended.text
        own = ("X-Request-Id", "Date")
        assert {k: v for k, v in ended.headers if k not in own} == {
            k: v for k, v in wrong.headers if k not in own
        }


@pytest.mark.parametrize("token", ["%00", "%ff", "x" * 5000, "..", "%F0%9F%98%80"])
def test_an_odd_link_is_a_closed_survey(api: Api, token: str) -> None:
    response = api.client.get(f"/s/{token}")
    assert response.status_code == 404
    assert "closed" in response.text


def test_the_closed_page_speaks_the_browsers_language(api: Api) -> None:
    page = api.client.get("/s/unknown", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "本次评价已结束" in page


def test_nothing_on_the_page_comes_from_or_leaves_for_elsewhere(api: Api) -> None:
    page = api.client.get(f"/s/{api.invite()}")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script" not in page.text
    assert "http" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in page.headers
