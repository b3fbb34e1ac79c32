"""Results that have not changed are not sent again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.etags import conditional


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.add_url_rule("/results", "results", view_func=lambda: conditional({"rows": [1, 2, 3]}))
    app.add_url_rule("/others", "others", view_func=lambda: conditional({"rows": [1, 2, 4]}))
    return app.test_client()


def etag(client: FlaskClient, path: str = "/results") -> str:
    return client.get(path).headers["ETag"]


def test_the_tag_is_strong_and_depends_on_the_content(client: FlaskClient) -> None:
    assert etag(client).startswith('"')
    assert etag(client) == etag(client)
    assert etag(client) != etag(client, "/others")


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
