"""The simulator's mail client, at which a person is the customer."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as Missed

from tests.browser.conftest import DESKTOP, PHONE
from tests.simulator.conftest import config, receiver, world
from tests.simulator.post import letter, post
from tests.simulator.receiver import Document, Receiver
from tests.simulator.world import World

__all__ = ["config", "receiver", "world"]

pytestmark = pytest.mark.xdist_group("browser")

MAILBOX = "uk@example.com"


@pytest.fixture
def page(browser: Browser, world: World, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = getattr(request, "param", DESKTOP)
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(world.url)
    if (width, height) == PHONE:
        page.locator("#tabs [data-view=handsets]").click()
    yield page
    context.close()
    assert complaints == []


def deliver(world: World, receiver: Receiver, subject: str) -> None:
    mail = letter(
        subject,
        List_Unsubscribe=f"<{receiver.url}/unsubscribe/1>",
        List_Unsubscribe_Post="List-Unsubscribe=One-Click",
    )
    script = "<script>document.body.textContent = 'it ran'</script>"
    link = f'<p style="color: #123456"><a href="{receiver.url}/s/1?csat=5">5 Very satisfied</a></p>'
    mail.add_alternative(f"<html><head></head><body>{link}{script}</body></html>", subtype="html")
    post(world, mail, MAILBOX)


def opens(page: Page, link: Locator) -> Page:
    """The page that a click on the link opens. The mail's frame shakes when a mail comes, and a click on what moves
    may miss: then a person clicks again."""
    for _ in range(2):
        with suppress(Missed), page.context.expect_page(timeout=5_000) as opened:
            link.click()
            return opened.value
    with page.context.expect_page() as opened:
        link.click()
    return opened.value


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desk", "phone"])
def test_a_mail_arrives_and_a_click_on_its_answer_opens_the_survey(
    page: Page, world: World, receiver: Receiver
) -> None:
    receiver.documents["/s/1"] = Document(b"<title>The survey</title>")
    expect(page.locator("#coach")).to_contain_text("Hang up the call")
    deliver(world, receiver, "How was your call?")
    expect(page.locator("#coach")).to_contain_text("A mail has come")
    page.get_by_role("button", name="Mail 1").click()
    expect(page.locator("#subject")).to_have_text("How was your call?")
    answer = page.frame_locator("#content").get_by_role("link", name="5 Very satisfied")
    expect(answer.locator("..")).to_have_css("color", "rgb(18, 52, 86)")
    expect(opens(page, answer)).to_have_url(f"{receiver.url}/s/1?csat=5")
    expect(page.locator("#unread")).to_be_empty()


def test_who_reads_an_older_mail_goes_on_reading_it(page: Page, world: World, receiver: Receiver) -> None:
    deliver(world, receiver, "first")
    deliver(world, receiver, "second")
    page.locator(".apps [data-app=mail]").click()
    expect(page.locator("#subject")).to_have_text("second")
    deliver(world, receiver, "third")
    expect(page.locator("#subject")).to_have_text("third")
    page.get_by_role("button", name="All mails").click()
    page.get_by_role("button", name="first").click()
    deliver(world, receiver, "fourth")
    expect(page.locator("#mail-state")).to_have_text("4 mails")
    expect(page.locator("#subject")).to_have_text("first")


def test_text_and_headers_are_a_click_away(page: Page, world: World, receiver: Receiver) -> None:
    deliver(world, receiver, "How was your call?")
    page.locator(".apps [data-app=mail]").click()
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#content")).to_contain_text("How satisfied are you?")
    page.get_by_role("button", name="Headers").click()
    expect(page.locator("#content")).to_contain_text("List-Unsubscribe=One-Click")


def test_what_the_service_made_of_it_is_said(page: Page, world: World, receiver: Receiver) -> None:
    deliver(world, receiver, "How was your call?")
    page.locator(".apps [data-app=mail]").click()
    for button, words in (
        ("Bounce", "Reported as undeliverable (5.1.1). The service answered 200."),
        ("This is spam", "Reported as spam. The service answered 200."),
        ("Unsubscribe", "Unsubscribed by one click. The service answered 200."),
        ("Scan links", "2 links, each fetched ten times. Answers: 404."),
    ):
        page.get_by_role("button", name=button).click()
        expect(page.locator("#told")).to_have_text(words)
    posted = [request.path.partition("?")[0] for request in receiver.requests if request.method == "POST"]
    assert posted == ["/hooks/mail/reports", "/hooks/mail/reports", "/unsubscribe/1"]
