"""What is shown, logged and exported of what others wrote."""

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree

import pytest

from app.domain.roster import Entry
from app.domain.roster_table import write_table
from tests.channels.test_twiml import (
    test_a_brand_stays_words_whatever_is_in_it as test_30_what_is_said_on_the_telephone_stays_words,
)
from tests.security.twilio import post, text_from
from tests.web.conftest import PHONE, Api

__all__ = ["test_30_what_is_said_on_the_telephone_stays_words"]

NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}${7*7}<!--"


def test_27_verbatims_are_escaped_where_they_are_shown(api: Api) -> None:
    token = api.invite()
    api.client.post(f"/s/{token}", data={"csat": "5", "comment": NASTY})
    page = api.client.get(f"/s/{token}")
    for tag in ("<script>", "<img", "<!--"):
        assert tag not in page.text
    assert NASTY in unescape(page.text)
    assert "49" not in page.text


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs/", "/s/none", "/v1/calls", "/nothing", "/static/survey.css"]
)
def test_27_every_answer_has_a_content_policy(api: Api, path: str) -> None:
    with api.client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_28_exported_cells_are_no_formulas(start: str) -> None:
    """Control characters do not even come in; the others are shown with a ' before them."""
    words = f"{start}cmd|'/c calc'!A1"
    entry = Entry("1", words, datetime(2026, 1, 1, tzinfo=UTC), None, words, words, words)
    rows = list(csv.reader(io.StringIO(write_table([(words, entry)], UTC), newline="")))
    assert {cell[0] for row in rows for cell in row if cell} & set("=+-@\t\r\n") == set()


LOGGING = """
import logging, sys
from app.log import configure_logging, get_logger
configure_logging("INFO")
nasty = "a\\r\\nb\\x1b[31m\\u202ec +44 7700 900123 +447700900123"
get_logger("x").warning(nasty, detail=nasty)
logging.getLogger("y").warning("%s", nasty)
try:
    raise ValueError(nasty)
except ValueError:
    get_logger("z").error("failed", exc_info=True)
"""


def test_29_a_log_line_is_one_line_of_json_without_numbers() -> None:
    told = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, check=True, timeout=60).stderr
    lines = told.decode().split("\n")[:-1]
    assert len(lines) == 3
    for line in lines:
        assert json.loads(line)["level"] in ("warning", "error")
        assert "7700" not in line
        for unsafe in ("\\r", "\\u001b", "\x1b", "\\u202e", "\u202e"):
            assert unsafe not in line


@pytest.mark.parametrize("body", ["5", NASTY, "</Response><Message>hello</Message>", "]]>&amp;"])
def test_30_no_word_of_a_customer_gets_into_twiml(api: Api, body: str) -> None:
    api.invite()
    answer = post(api, "/hooks/twilio/inbound", text_from(PHONE, body, 1))
    assert answer.mimetype == "text/xml"
    document = ElementTree.fromstring(answer.data)  # noqa: S314 - our own
    assert (document.tag, list(document), document.text) == ("Response", [], None)


# 31, mail headers refuse line breaks: see test_mail_reports.py
