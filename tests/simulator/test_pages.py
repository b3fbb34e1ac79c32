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


def test_a_telephones_own_page_shows_the_telephone_on_a_narrow_screen_too(world: World) -> None:
    # where one part is shown at a time, it is the one that this names
    assert 'data-view="handsets"' in world.request("GET", f"/phones/{PHONE}").data.decode()
    assert 'data-view="board"' in world.request("GET", "/").data.decode()


def test_a_page_of_no_telephone_is_not_found(world: World) -> None:
    response = world.request("GET", "/phones/somebody")
    assert response.status == 404
    assert response.json()["error"]


def text_of(world: World, script: str) -> str:
    return world.request("GET", f"/static/{script}.js").data.decode()


def test_the_pages_scripts_never_write_markup(world: World) -> None:
    scripts = {"world", *re.findall(r'from "\./(\w+)\.js"', text_of(world, "world"))}
    assert len(scripts) >= 5
    for name in scripts:
        assert "innerHTML" not in text_of(world, name)
        assert "insertAdjacentHTML" not in text_of(world, name)


def test_a_mail_is_framed_so_that_it_runs_nothing_and_stays_in_its_frame(world: World) -> None:
    (sandbox,) = re.findall(r'"sandbox", "([^"]*)"', text_of(world, "mail"))
    assert set(sandbox.split()) == {"allow-popups", "allow-popups-to-escape-sandbox"}


def test_healthz_says_ok(world: World) -> None:
    assert world.get("/healthz") == {"status": "ok"}
