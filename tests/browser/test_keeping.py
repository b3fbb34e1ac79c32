"""Each answer is kept as it is given: once, in the order given, and only when a person gives it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Customer

pytestmark = pytest.mark.xdist_group("browser")

BEST = "5 Very satisfied"
THANKS = re.compile(r"[?]sent=1$")


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_have_count(1)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(THANKS)


def test_an_answer_is_kept_before_anything_is_sent(customer: Customer) -> None:
    page = customer.opens()
    page.get_by_label(BEST).check()
    saved(page)
    assert customer.site.current() == {"csat": 5}
    page.get_by_label("4 Satisfied").check()
    saved(page)
    assert customer.site.answers() == [5, 4]


def test_words_are_kept_when_their_field_is_left(customer: Customer) -> None:
    page = customer.opens()
    words = page.get_by_label("Anything you'd like to tell us?")
    words.press_sequentially("It is all your f")
    words.fill("It went well")
    assert customer.site.sent == 0
    words.blur()
    saved(page)
    assert customer.site.answers() == ["It went well"]
    words.fill("")
    words.blur()
    saved(page)
    assert customer.site.answers() == ["It went well", None]


def test_a_scanner_that_runs_scripts_records_nothing(customer: Customer) -> None:
    for score in ("", "?csat=5", "?csat=1&sent=1"):
        page = customer.opens(score)
        page.mouse.wheel(0, 3000)
        page.reload()
        page.evaluate("dispatchEvent(new Event('online'))")
        # to another page: what is hidden meanwhile might be kept
        page.goto("about:blank", wait_until="networkidle")
    assert customer.site.sent == 0
    assert customer.site.answers() == []


def test_a_score_chosen_in_the_mail_is_kept_with_the_first_touch(customer: Customer) -> None:
    page = customer.opens("?csat=4")
    expect(page.get_by_label("4 Satisfied")).to_be_checked()
    page.get_by_label("5 Very willing").check()
    saved_ones = page.get_by_role("status").filter(has_text=re.compile("^Saved$"))
    expect(saved_ones).to_have_count(2)
    assert customer.site.current() == {"csat": 4, "ownership": 5}


def test_a_score_chosen_in_the_mail_does_not_come_back_over_the_answer(customer: Customer) -> None:
    page = customer.opens("?csat=5")
    page.get_by_label("2 Dissatisfied").check()
    saved(page)
    page.reload()
    expect(page.get_by_label("2 Dissatisfied")).to_be_checked()
    send(page)
    page.go_back()
    expect(page.get_by_label("2 Dissatisfied")).to_be_checked()
    assert customer.site.answers() == [2]


def test_what_the_network_loses_is_said_and_comes_with_send(customer: Customer) -> None:
    page = customer.opens()
    page.context.set_offline(True)
    page.get_by_label(BEST).check()
    expect(page.get_by_text("Not saved yet. Please press Send.")).to_be_visible()
    # the page stays, with all that was given
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label(BEST)).to_be_checked()
    assert customer.site.sent == 0
    page.context.set_offline(False)
    expect(page.get_by_text("Not saved yet. Please press Send.")).to_have_count(0)
    send(page)
    assert customer.site.answers() == [5]
    customer.complaints.clear()  # the browser's own, about the network


def test_no_answer_under_way_overtakes_the_form(customer: Customer) -> None:
    page = customer.opens()
    customer.site.open.clear()
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_label("4 Satisfied").check()
    page.get_by_label(BEST).check()
    page.get_by_role("button", name="Send").click()
    customer.site.open.set()
    page.wait_for_url(THANKS)
    assert customer.site.answers() == [4, 5]


def test_a_button_pressed_twice_sends_once(customer: Customer) -> None:
    page = customer.opens()
    page.get_by_label(BEST).check()
    saved(page)
    kept = customer.site.sent
    button = page.get_by_role("button", name="Send")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    customer.site.open.clear()
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.click(place["x"] + 5, place["y"] + 5)
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    customer.site.open.set()
    page.wait_for_url(THANKS)
    assert customer.site.sent == kept + 1
    assert customer.site.answers() == [5]


def test_going_back_and_reloading_send_nothing_again(customer: Customer) -> None:
    page = customer.opens()
    page.get_by_label(BEST).check()
    send(page)
    sent = customer.site.sent
    page.reload()
    page.go_back()
    expect(page.get_by_label(BEST)).to_be_checked()
    assert customer.site.sent == sent
    page.get_by_label("1 Very dissatisfied").check()
    send(page)
    assert customer.site.answers() == [5, 1]


def test_two_tabs(customer: Customer) -> None:
    old, new = customer.opens(), customer.opens()
    new.get_by_label(BEST).check()
    new.get_by_label("Anything you'd like to tell us?").fill("By the second tab")
    send(new)
    old.get_by_label("5 Very willing").check()
    send(old)
    assert customer.site.current() == {"csat": 5, "ownership": 5, "comment": "By the second tab"}
