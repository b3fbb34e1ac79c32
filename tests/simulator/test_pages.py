import re

import pytest

from tests.simulator.world import PHONE, World


@pytest.mark.parametrize("path", ["/", f"/phones/{PHONE}"])
def test_a_page_loads_nothing_from_elsewhere(world: World, path: str) -> None:
    page = world.request("GET", path)
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    text = page.data.decode()
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', text)
    assert len(loaded) >= 3
    for part in loaded:
        assert part.startswith("/static/")
        assert world.request("GET", part).status == 200
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", text)


def test_the_page_offers_both_languages_and_several_agents(world: World) -> None:
    text = world.request("GET", "/").data.decode()
    assert 'value="en"' in text
    assert 'value="zh-CN"' in text
    assert text.count("data-agent=") >= 2


def test_a_page_of_no_telephone_is_not_found(world: World) -> None:
    response = world.request("GET", "/phones/somebody")
    assert response.status == 404
    assert response.json()["error"]


def test_the_pages_script_never_writes_markup(world: World) -> None:
    script = world.request("GET", "/static/world.js").data.decode()
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script


def test_healthz_says_ok(world: World) -> None:
    assert world.get("/healthz") == {"status": "ok"}
