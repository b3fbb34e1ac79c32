"""The survey link: a form without scripts, which records only what a person gives, and tells nothing to others."""

import re
from html import unescape

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.flow.accounts import change_account
from app.flow.survey_page import MOST_WORDS
from app.store.answers import Answer
from tests.web.conftest import Api

FULL = {"csat": "5", "ownership": "4", "fcr": "1", "nps": "10", "comment": "Quick and friendly"}
MOST_BYTES = 30_000


def answers(api: Api) -> int:
    with api.sessions() as session:
        return session.scalar(select(func.count()).select_from(Answer)) or 0


def scores(api: Api, question: str) -> list[int | None]:
    with api.sessions() as session:
        revisions = select(Answer).where(Answer.question_key == question).order_by(Answer.revision)
        return [answer.value for answer in session.scalars(revisions)]


def send(api: Api, token: str, form: dict[str, str]) -> TestResponse:
    """Press Send, and look at what is shown next."""
    response = api.client.post(f"/s/{token}", data=form)
    assert response.status_code == 303, response.text
    return api.client.get(response.headers["Location"])


def checked(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)" value="(\d+)"[^>]* checked', page))


def test_the_form_asks_every_question_with_the_best_answer_first(api: Api) -> None:
    page = api.client.get(f"/s/{api.invite()}")
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert list(dict.fromkeys(re.findall(r'name="(\w+)"', page.text.split("<form")[1]))) == [
        *("csat", "ownership", "fcr", "nps", "reason", "comment")
    ]
    assert re.findall(r'name="csat" value="(\d)"', page.text) == ["5", "4", "3", "2", "1"]
    assert re.findall(r'name="nps" value="(\d+)"', page.text) == [str(n) for n in range(10, -1, -1)]
    assert checked(page.text) == {}
    assert "<textarea" in page.text


def test_the_form_speaks_the_calls_language(api: Api) -> None:
    token = api.invite(customer={"phone": "+447700900123", "language": "zh-CN"})
    page = api.client.get(f"/s/{token}").text
    assert '<html lang="zh' in page
    assert "非常满意" in page


def test_every_control_has_a_label(api: Api) -> None:
    page = api.client.get(f"/s/{api.invite()}").text
    assert page.count("<fieldset") == page.count("<legend") == 5
    assert (
        len(re.findall(r"<label><input type=\"radio\"", page))
        == page.count('type="radio"')
        == 5 + 5 + 3 + 11 + 6
    )
    assert '<label for="comment">' in page


def test_all_that_is_loaded_is_small(api: Api) -> None:
    """In the language with the longest words, with everything that a page may hold."""
    token = api.invite(customer={"phone": "+447700900123", "language": "de"})
    send(api, token, {**FULL, "csat": "1", "reason": "6", "comment": "x" * MOST_WORDS})
    page = api.client.get(f"/s/{token}")
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert sorted(loaded) == ["/static/survey.css", "/static/survey.js"]
    sizes = [len(page.data)]
    for path in loaded:
        with api.client.get(path) as file:
            sizes.append(len(file.data))
    assert sum(sizes) < MOST_BYTES, sizes


def test_looking_records_nothing(api: Api) -> None:
    token = api.invite()
    for query in ("", "?csat=5", "?sent=1", "?part=1&csat=5"):
        for method in ("GET", "HEAD"):
            assert api.client.open(f"/s/{token}{query}", method=method).status_code == 200
    assert answers(api) == 0


def test_what_scanners_open_five_times_a_person_answers_once(api: Api) -> None:
    token = api.invite()
    links = [f"/s/{token}?csat={score}" for score in (5, 4, 3, 2, 1)]
    for link in links * 5:
        api.client.get(link)
        api.client.head(link)
    form = checked(api.client.get(links[0]).text)
    send(api, token, form)
    assert scores(api, "csat") == [5]
    assert answers(api) == 1


def test_a_score_in_the_link_is_only_chosen(api: Api) -> None:
    token = api.invite()
    page = api.client.get(f"/s/{token}?csat=4&nps=0").text
    assert checked(page) == {"csat": "4", "nps": "0"}
    assert answers(api) == 0


@pytest.mark.parametrize(
    "query",
    ["csat=6", "csat=0", "csat=%C2%B2", "csat=", "csat=5.0", "ces=7", "comment=hello", "csat=+5", "x=1"],
)
def test_what_is_no_score_of_the_survey_is_not_chosen(api: Api, query: str) -> None:
    page = api.client.get(f"/s/{api.invite()}?{query}")
    assert page.status_code == 200
    assert checked(page.text) == {}
    assert "hello" not in page.text


def test_a_submitted_form_is_thanked_for(api: Api) -> None:
    token = api.invite()
    thanks = send(api, token, FULL)
    assert thanks.status_code == 200
    assert "<h1>Thank you.</h1>" in thanks.text
    assert re.search(r"You can change your answers until \d+ \w+, \d\d:\d\d\.", thanks.text)
    assert answers(api) == 5
    assert api.rung[-1] == ()


def test_nobody_is_thanked_for_nothing(api: Api) -> None:
    assert "Thank you" not in api.client.get(f"/s/{api.invite()}?sent=1").text


def test_an_answered_link_thanks_and_takes_a_change(api: Api) -> None:
    token = api.invite()
    send(api, token, FULL)
    page = api.client.get(f"/s/{token}").text
    assert "Thank you, we have your answers. You can change them until" in page
    assert checked(page) == {key: value for key, value in FULL.items() if key != "comment"}
    assert "Quick and friendly</textarea>" in page
    send(api, token, {**FULL, "csat": "2"})
    assert scores(api, "csat") == [5, 2]
    assert checked(api.client.get(f"/s/{token}").text)["csat"] == "2"


def test_another_score_of_an_answered_mail_opens_the_form_with_it(api: Api) -> None:
    token = api.invite()
    send(api, token, FULL)
    assert "<details" in api.client.get(f"/s/{token}?csat=5").text
    page = api.client.get(f"/s/{token}?csat=1").text
    assert "<details" not in page
    assert checked(page) == {**checked(page), "csat": "1", "ownership": "4"}
    assert scores(api, "csat") == [5]


def test_a_part_of_the_form_is_taken(api: Api) -> None:
    token = api.invite()
    assert "Thank you." in send(api, token, {"csat": "3"}).text
    assert answers(api) == 1
    page = api.client.get(f"/s/{token}").text
    assert "What you have answered so far is kept." in page
    assert checked(page) == {"csat": "3"}


def test_each_answer_is_kept_as_it_is_given(api: Api) -> None:
    token = api.invite()
    kept = [
        api.client.post(f"/s/{token}", data={"part": "1", **answer})
        for answer in ({"csat": "4"}, {"csat": "2"}, {"reason": "3"}, {"comment": "too slow"})
    ]
    assert [(response.status_code, response.data) for response in kept] == [(204, b"")] * 4
    assert (scores(api, "csat"), scores(api, "reason"), answers(api)) == ([4, 2], [3], 4)
    assert api.rung[-1] == ()


def test_a_part_that_cannot_be_kept_says_so_without_a_page(api: Api) -> None:
    token = api.invite()
    for part in ({}, {"csat": "9"}, {"ces": "1"}):
        response = api.client.post(f"/s/{token}", data={"part": "1", **part})
        assert (response.status_code, response.data) == (422, b"")
    assert api.client.post("/s/0123456789", data={"part": "1", "csat": "5"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({}, "Please choose an answer."),
        ({"comment": "   "}, "Please choose an answer."),
        ({"csat": "6"}, "Please choose one of the answers shown."),
        ({"csat": "²"}, "Please choose one of the answers shown."),
        ({"csat": "-1", "comment": "kept on the page"}, "Please choose one of the answers shown."),
        ({"csat": "5" * 5000}, "Please choose one of the answers shown."),
        ({"ces": "1"}, "Please choose one of the answers shown."),
        ({"csat": "5", "comment": "x" * (MOST_WORDS + 1)}, f"Please use at most {MOST_WORDS} characters."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_form_that_cannot_be_taken_is_shown_again(api: Api, form: dict[str, str], mistake: str) -> None:
    token = api.invite()
    response = api.client.post(f"/s/{token}", data=form)
    assert response.status_code == 422
    assert "<title>There is a problem: " in response.text
    assert mistake in response.text
    assert form.get("comment", "") in response.text
    assert answers(api) == 0


def test_the_form_says_which_answer_is_wrong(api: Api) -> None:
    response = api.client.post(f"/s/{api.invite()}", data={"csat": "5", "nps": "11"})
    assert 'href="#nps"' in response.text
    assert 'aria-describedby="why-nps"' in response.text
    assert checked(response.text) == {"csat": "5"}


def test_a_comment_is_taken_back_by_those_who_saw_it(api: Api) -> None:
    """A page that lay open since before the comment was written sends an empty field too."""
    token = api.invite()
    send(api, token, {"csat": "1", "comment": "never again"})
    send(api, token, {"csat": "1", "comment": ""})
    seen = api.client.get(f"/s/{token}").text
    assert "never again" in seen
    assert 'name="comment_stood"' in seen
    send(api, token, {"csat": "1", "comment": "", "comment_stood": "1"})
    assert "never again" not in api.client.get(f"/s/{token}").text


def test_without_scripts_a_question_for_some_says_for_whom_it_is(api: Api) -> None:
    token = api.invite()
    assert (
        'What was the main reason? <small class="hint">If something went wrong</small>'
        in api.client.get(f"/s/{token}").text
    )
    send(api, token, {"csat": "2"})
    assert "If something went wrong" not in api.client.get(f"/s/{token}").text


def test_the_comment_is_asked_for_by_the_score(api: Api) -> None:
    token = api.invite()
    prompts = [
        re.findall(
            r'<span data-(?:unless|when)="csat=1,2,3">([^<]+)</span>',
            api.client.get(f"/s/{token}{score}").text,
        )
        for score in ("", "?csat=4", "?csat=3")
    ]
    plain, sorry = "Anything you'd like to tell us?", "Sorry we let you down. What went wrong?"
    assert [[unescape(prompt) for prompt in shown] for shown in prompts] == [[plain], [plain], [sorry]]


def test_what_customers_and_accounts_write_is_escaped(api: Api) -> None:
    token = api.invite()
    nasty = "</textarea><script>alert(1)</script>\x00"
    send(api, token, {"csat": "5", "comment": nasty})
    page = api.client.get(f"/s/{token}").text
    assert page.count("<script") == 1
    assert nasty.rstrip("\x00") in unescape(page)


def test_help_and_privacy_are_one_tap_away(api: Api) -> None:
    token = api.invite()
    assert "<footer" not in api.client.get(f"/s/{token}").text
    with api.sessions.begin() as session:
        change_account(
            session, "first", hotline="+44 20 7946 0000", privacy_url="https://acme.example/privacy?a=1&b"
        )
    page = api.client.get(f"/s/{token}").text
    assert 'Need help? <a href="tel:+442079460000">+44 20 7946 0000</a>' in page
    assert '<a href="https://acme.example/privacy?a=1&amp;b" target="_blank">Privacy</a>' in page
    with api.sessions.begin() as session:
        change_account(session, "first", hotline="<b>the shop</b>", privacy_url="")
    page = api.client.get(f"/s/{token}").text
    assert "Need help? &lt;b&gt;the shop&lt;/b&gt;" in page
    assert "Privacy" not in page


def test_a_wrong_link_and_an_ended_survey_look_the_same(api: Api) -> None:
    token = api.invite()
    send(api, token, FULL)
    with api.sessions.begin() as session:
        session.connection().exec_driver_sql(
            "update invitation set edit_until = clock_now(), close_at = null"
        )
    for method, query in (("GET", ""), ("GET", "?csat=5"), ("GET", "?sent=1"), ("HEAD", ""), ("POST", "")):
        ended = api.client.open(f"/s/{token}{query}", method=method, data=FULL if method == "POST" else None)
        wrong = api.client.open(
            f"/s/0123456789{query}", method=method, data=FULL if method == "POST" else None
        )
        assert (ended.status_code, ended.data) == (wrong.status_code, wrong.data)
        assert ended.status_code == 404
        assert method == "HEAD" or "This survey has closed." in ended.text
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


@pytest.mark.parametrize("path", ["", "?sent=1"])
def test_nothing_on_the_page_comes_from_or_leaves_for_elsewhere(api: Api, path: str) -> None:
    token = api.invite()
    send(api, token, {"csat": "5"})
    page = api.client.get(f"/s/{token}{path}")
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert re.findall(r"<script([^>]*)>(.*?)</script>", page.text) == [(' src="/static/survey.js" defer', "")]
    assert not re.search(r"\son\w+=|\sstyle=|<style", page.text)
    assert "http" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in page.headers
