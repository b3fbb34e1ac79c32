"""Results that have not changed are not sent again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.etags import conditional


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.add_url_rule("/results", "results", view_func=lambda: conditional("a1", lambda: {"rows": [1, 2, 3]}))
    app.add_url_rule("/unread", "unread", view_func=lambda: conditional("b2", never))
    return app.test_client()


def never() -> object:
    raise AssertionError("nobody has asked for it")


def etag(client: FlaskClient) -> str:
    return client.get("/results").headers["ETag"]


def test_the_tag_is_strong_and_the_one_that_was_given(client: FlaskClient) -> None:
    assert etag(client) == '"a1"'


def test_what_is_not_sent_is_not_made(client: FlaskClient) -> None:
    assert client.get("/unread", headers={"If-None-Match": '"b2"'}).status_code == 304


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_the_same_content_is_a_304_without_a_body(client: FlaskClient, form: str) -> None:
    tag = etag(client)
    response = client.get("/results", headers={"If-None-Match": form.format(tag=tag)})
    assert response.status_code == 304
    assert response.data == b""
    assert response.headers["ETag"] == tag
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("form", ['"other"', 'W/"other"', "garbage", ""])
def test_other_content_is_sent(client: FlaskClient, form: str) -> None:
    response = client.get("/results", headers={"If-None-Match": form})
    assert response.status_code == 200
    assert response.json == {"rows": [1, 2, 3]}


def test_head_has_the_tag_and_no_body(client: FlaskClient) -> None:
    response = client.head("/results")
    assert response.headers["ETag"] == etag(client)
    assert response.data == b""


def test_caches_must_ask_each_time_and_shared_ones_must_not_keep(client: FlaskClient) -> None:
    control = client.get("/results").headers["Cache-Control"]
    assert "private" in control
    assert "no-cache" in control
