"""What stands in the mail that asks, as text and as HTML: the same words and the same links in both.

Nothing in it is fetched when it is opened: no image, no font, no style sheet, nothing that counts who reads.
"""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@dataclass(frozen=True)
class Choice:
    """An answer to the first question. Its link only marks it on the page: a person sends it."""

    value: int
    label: str
    url: str


@dataclass(frozen=True)
class MailPage:
    """Without `choices`, the page's link is the button. `help` and `privacy_url` may be empty."""

    language: str
    subject: str
    preheader: str
    greeting: str
    question: str
    choices: tuple[Choice, ...]
    url: str
    open_page: str
    note: str
    help: str
    privacy: str
    privacy_url: str
    unsubscribe: str
    unsubscribe_url: str


def html_of(page: MailPage) -> str:
    return _template().render(mail=page)


def text_of(page: MailPage) -> str:
    lines = [page.greeting, ""]
    if page.choices:
        lines += [page.question, ""]
        for choice in page.choices:
            lines += [f"{choice.value} {choice.label}".rstrip(), choice.url, ""]
    lines += [page.open_page, page.url, "", page.note]
    if page.help:
        lines.append(page.help)
    lines.append("")
    if page.privacy_url:
        lines += [page.privacy, page.privacy_url, ""]
    lines += [page.unsubscribe, page.unsubscribe_url, ""]
    return "\n".join(lines)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.channels"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("mail.html")
