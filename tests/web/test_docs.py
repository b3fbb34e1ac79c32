"""The API's page works without any other host."""

import re

from flask.testing import FlaskClient

from app.web.about import about


def test_the_page_names_only_files_of_this_host(client: FlaskClient) -> None:
    page = client.get("/docs/")
    assert page.status_code == 200
    links = re.findall(r"(?:src|href|data-document)=\"([^\"]+)\"", page.text)
    assert links
    for link in links:
        assert link.startswith("/")
        with client.get(link) as response:
            assert response.status_code == 200, link


def test_the_page_allows_nothing_from_elsewhere(client: FlaskClient) -> None:
    policy = client.get("/docs/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "script-src 'self';" in policy


def test_no_stranger_is_asked_whether_the_document_is_valid(client: FlaskClient) -> None:
    with client.get("/static/docs.js") as script:
        assert b"validatorUrl: null" in script.data


def test_the_bundle_reads_openapi_3_1(client: FlaskClient) -> None:
    with client.get("/docs/swagger-ui-bundle.js") as bundle:
        assert b"isOAS31" in bundle.data


def test_other_files_of_the_package_are_not_served(client: FlaskClient) -> None:
    for name in ("oauth2-redirect.html", "../__init__.py", "%2e%2e/__init__.py", "swagger-ui.js"):
        assert client.get(f"/docs/{name}").status_code == 404


def test_the_document_says_what_it_is(client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_the_page_begins_with_what_a_client_needs_first(client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").json
    assert document is not None
    text = document["info"]["description"]
    for heading in ("Start here", "Errors", "Repeats", "Pages", "Times", "How often", "Versions"):
        assert f"### {heading}\n" in text


def test_the_page_says_how_often_a_key_may_ask() -> None:
    assert "A key may make 1,200 requests a minute." in about(1_200)
    assert "There is no limit on this service." in about(0)
