"""For those who can't see the page, or not well, or point with a thumb: axe finds nothing, and nothing is small."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Customer

pytestmark = pytest.mark.xdist_group("browser")

# by default axe leaves out the size of what is pressed
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
LANGUAGES = ("en", "zh-CN")
BY_DAY_AND_BY_NIGHT = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]
A_PHONE_BY_DAY_A_DESK_BY_NIGHT = [(PHONE, "light"), (DESKTOP, "dark")]


def assert_accessible(page: Page, looks: Sequence[tuple[tuple[int, int], Any]] = BY_DAY_AND_BY_NIGHT) -> None:
    for (width, height), scheme in looks:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options=_OPTIONS)
        assert found.response["violations"] == [], (width, scheme, found.generate_report())
        assert len(found.response["passes"]) > 10


def opens_unscripted(customer: Customer) -> Page:
    """As it is without scripts; those of the check itself have to run."""
    page = customer.window()
    switch = page.context.new_cdp_session(page)
    switch.send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.goto(customer.link)
    switch.send("Emulation.setScriptExecutionDisabled", {"value": False})
    expect(page.get_by_role("status")).to_have_count(0)
    return page


def smallest(page: Page, selector: str) -> float:
    """The smaller side in CSS pixels of the smallest such element that is shown."""
    boxes = [each.bounding_box() for each in page.locator(selector).filter(visible=True).all()]
    assert boxes
    return min(side for box in boxes if box is not None for side in (box["width"], box["height"]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no_scripts"])
def test_the_form(invite: Callable[..., Customer], language: str, scripts: bool) -> None:
    customer = invite(customer={"phone": "+447700900123", "language": language})
    page = customer.opens("?csat=2") if scripts else opens_unscripted(customer)
    assert_accessible(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_after_it(invite: Callable[..., Customer], language: str) -> None:
    customer = invite(customer={"phone": "+447700900123", "language": language})
    page = customer.opens()
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page, A_PHONE_BY_DAY_A_DESK_BY_NIGHT)
    customer.complaints.clear()  # that the form was refused, in a line of the browser's own
    page.locator("input[value='1']").first.check()
    page.get_by_role("button").click()
    page.locator("summary").click()
    assert_accessible(page, A_PHONE_BY_DAY_A_DESK_BY_NIGHT)


def test_the_closed_page(customer: Customer) -> None:
    page = customer.window()
    page.goto(customer.link + "0")
    customer.complaints.clear()
    assert_accessible(page, A_PHONE_BY_DAY_A_DESK_BY_NIGHT)


def test_nothing_to_press_is_small_and_nothing_is_cut_off(customer: Customer) -> None:
    page = customer.opens("?csat=1")
    for width in (320, *(size[0] for size in (PHONE, DESKTOP))):
        page.set_viewport_size({"width": width, "height": 800})
        assert smallest(page, "fieldset label, textarea, button") >= (36 if width == 320 else 44), width
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_the_row_of_eleven_wraps_on_a_phone(customer: Customer) -> None:
    page = customer.opens()
    tops = "all => new Set(all.map(e => e.getBoundingClientRect().top)).size"
    assert page.eval_on_selector_all("input[name=nps]", tops) == 2
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert page.eval_on_selector_all("input[name=nps]", tops) == 1


def test_a_screen_reader_hears_what_is_asked_chosen_and_kept(customer: Customer) -> None:
    page = customer.opens()
    page.get_by_label("5 Very satisfied").check()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(page.locator("form")).to_match_aria_snapshot(
        """
        - group "How satisfied are you with the help you got?":
          - radio "5 Very satisfied" [checked]
          - radio "4 Satisfied"
          - radio "3 Neither satisfied nor dissatisfied"
          - radio "2 Dissatisfied"
          - radio "1 Very dissatisfied"
          - status: Saved
        """
    )
    expect(page.get_by_role("group", name="How likely are you to recommend Acme")).to_match_aria_snapshot(
        """
        - group:
          - radio "10 Extremely likely"
          - radio "9"
        """
    )
