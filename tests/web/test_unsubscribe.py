"""The unsubscribe link: mail clients post to it by themselves, scanners open it, and people press its button."""

import re

import pytest
from sqlalchemy import select

from app.store.contacts import Contact
from tests.web.conftest import Api

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def opted_out(api: Api) -> list[bool]:
    with api.sessions() as session:
        return [contact.opted_out_at is not None for contact in session.scalars(select(Contact))]


def test_opening_the_link_shows_a_button_and_changes_nothing(api: Api) -> None:
    token = api.invite()
    for _ in range(5):
        page = api.client.get(f"/unsubscribe/{token}")
        assert page.status_code == api.client.head(f"/unsubscribe/{token}").status_code == 200
    assert re.search(
        r'<form method="post">\s*<input type="hidden" name="List-Unsubscribe" value="One-Click">', page.text
    )
    assert "Acme" in page.text
    assert opted_out(api) == [False]


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_one_click_needs_no_cookie_and_no_second_step(api: Api, form: str) -> None:
    token = api.invite(customer={"phone": "+447700900123", "email": "ada@example.org"})
    kind = {"content_type": "multipart/form-data"} if form == "multipart" else {}
    for _ in range(2):
        answer = api.client.post(f"/unsubscribe/{token}", data=ONE_CLICK, **kind)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert opted_out(api) == [True, True]
    assert '<h1 role="status">' in answer.text


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "yes"}, {"one-click": "One-Click"}])
def test_anything_else_that_is_posted_is_no_no(api: Api, form: dict[str, str]) -> None:
    token = api.invite()
    answer = api.client.post(f"/unsubscribe/{token}", data=form)
    assert answer.status_code == 422
    assert "<button" in answer.text
    assert opted_out(api) == [False]


def test_it_speaks_the_customers_language(api: Api) -> None:
    token = api.invite(customer={"phone": "+447700900123", "language": "zh-CN"})
    page = api.client.get(f"/unsubscribe/{token}").text
    assert '<html lang="zh' in page
    assert "退订" in page


def test_it_outlives_the_survey(api: Api) -> None:
    token = api.invite()
    for question in ("csat", "ownership", "fcr", "nps"):
        api.client.post(f"/s/{token}", data={question: "1", "comment": "never again"})
    assert api.client.post(f"/unsubscribe/{token}", data=ONE_CLICK).status_code == 200
    assert opted_out(api) == [True]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("token", ["x", "0" * 22, "%00", "\u00e9", "a" * 5000])
def test_wrong_links_all_look_the_same(api: Api, method: str, token: str) -> None:
    wrong = api.client.open(f"/unsubscribe/{token}", method=method, data=ONE_CLICK)
    survey = api.client.open(f"/unsubscribe/{api.invite()[::-1]}", method=method)
    assert (wrong.status_code, wrong.data) == (survey.status_code, survey.data)
    assert wrong.status_code == 404


def test_the_page_is_closed_to_other_sites(api: Api) -> None:
    headers = api.client.get(f"/unsubscribe/{api.invite()}").headers
    for rule in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert rule in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
