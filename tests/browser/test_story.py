"""Customers answer on the page, each in their own way; what is kept of it is what they gave."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Customer

pytestmark = pytest.mark.xdist_group("browser")

THANKS = re.compile(r"[?]sent=1$")


def send(page: Page, button: str = "Send") -> None:
    page.get_by_role("button", name=button).click()
    page.wait_for_url(THANKS)


def group(page: Page, question: str) -> Callable[[str], None]:
    """A function that taps one of the question's choices, by its words."""
    choices = page.get_by_role("group", name=question)
    return lambda words: choices.get_by_role("radio", name=words).tap()


def test_a_thumb_on_a_phone(customer: Customer) -> None:
    page = customer.opens(has_touch=True, is_mobile=True)
    expect(page).to_have_title(re.compile("Your call to Acme, "))
    group(page, "How satisfied")("5 Very satisfied")
    group(page, "How willing")("4 Willing")
    group(page, "Is your issue")("Yes")
    group(page, "How likely")("10 Extremely likely")
    page.get_by_label("Anything you'd like to tell us?").fill("Quick and friendly")
    send(page)
    expect(page.get_by_role("heading", name="Thank you.")).to_be_visible()
    whole = {"csat": 5, "ownership": 4, "fcr": 1, "nps": 10, "comment": "Quick and friendly"}
    assert customer.site.current() == whole

    page.get_by_text("Change my answers").tap()
    group(page, "How likely")("9")
    send(page)
    assert customer.site.current() == {**whole, "nps": 9}
    assert customer.site.answers("nps") == [10, 9]


def test_somebody_without_scripts(customer: Customer) -> None:
    page = customer.opens(size=DESKTOP, scripts=False)
    reasons = page.get_by_role("group", name="What was the main reason? If something went wrong")
    expect(reasons).to_be_visible()
    page.get_by_label("1 Very dissatisfied").check()
    reasons.get_by_label("Waiting time").check()
    assert customer.site.sent == 0
    send(page)
    assert customer.site.current() == {"csat": 1, "reason": 3}
    page.get_by_text("Change my answers").click()
    page.get_by_label("2 Dissatisfied").check()
    page.get_by_label("Sorry we let you down. What went wrong?").fill("An hour!")
    send(page)
    assert customer.site.current() == {"csat": 2, "reason": 3, "comment": "An hour!"}


def test_somebody_in_chinese_who_leaves_without_sending(invite: Callable[..., Customer]) -> None:
    customer = invite(customer={"phone": "+8613800138000", "language": "zh-CN"})
    page = customer.opens()
    page.get_by_label("4 满意").check()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    page.get_by_label("有什么想对我们说的?").fill("很好")
    page.goto("about:blank")
    again = customer.opens()
    expect(again.get_by_label("4 满意")).to_be_checked()
    expect(again.get_by_text("您已填写的内容已保存。")).to_be_visible()


def test_somebody_with_a_keyboard(customer: Customer) -> None:
    page = customer.opens(size=DESKTOP)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("2 Dissatisfied")).to_be_checked()
    expect(page.get_by_label("2 Dissatisfied")).to_be_focused()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(THANKS)
    assert customer.site.current() == {"csat": 2}


def test_who_sends_nothing_is_told_where_to_answer(customer: Customer) -> None:
    page = customer.opens()
    page.get_by_role("button", name="Send").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    assert customer.site.answers() == []
    customer.complaints.clear()  # that the form was refused, in a line of the browser's own
    alert.get_by_role("link", name="Please choose an answer.").click()
    expect(page.get_by_label("5 Very satisfied")).to_be_focused()
    page.get_by_label("5 Very satisfied").check()
    send(page)
    assert customer.site.current() == {"csat": 5}


def test_what_a_low_score_opens(customer: Customer) -> None:
    page = customer.opens()
    reasons = page.get_by_role("group", name="What was the main reason?")
    expect(reasons).to_be_hidden()
    page.get_by_label("3 Neither").check()
    expect(reasons).to_be_visible()
    expect(page.get_by_text("If something went wrong")).to_be_hidden()
    expect(page.get_by_label("Sorry we let you down. What went wrong?")).to_be_visible()
    page.get_by_label("Other").check()
    page.get_by_label("4 Satisfied").check()
    expect(reasons).to_be_hidden()
    expect(page.get_by_label("Other")).to_be_disabled()  # and is not sent
    expect(page.get_by_label("Anything you'd like to tell us?")).to_be_visible()
    page.get_by_label("2 Dissatisfied").check()
    expect(page.get_by_label("Other")).to_be_checked()
