"""What a text of the service asks its reader for, as a reader finds out: by its words."""

import re
from typing import Literal

Asked = Literal["0_10", "1_5", "1_3", "words"]

_QUESTIONS: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("0_10", re.compile(r"\b0(-| to )10\b|0到10")),
    ("1_5", re.compile(r"\b1(-| to )5\b|Reply 5 |5非常")),
    ("1_3", re.compile(r"\b1=yes\b|1已解决")),
    ("words", re.compile(r"[?？]")),
)


def asked(body: str) -> Asked | None:
    """None where nothing is asked, as in thanks."""
    return next((question for question, pattern in _QUESTIONS if pattern.search(body)), None)
