"""What a text of the service asks its reader for, as a reader finds out: by its words."""

import re
from typing import Literal

Asked = Literal["0_10", "1_5", "1_3", "1_7", "1_6", "words"]

_TO = "(?:-| to | al | à | bis |到)"

_QUESTIONS: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("0_10", re.compile(rf"(?<!\d)0{_TO}10(?!\d)")),
    ("1_5", re.compile(rf"(?<!\d)1{_TO}5(?!\d)|(Reply|Responda|Répondez|Antworten Sie) 5 |5非常")),
    ("1_7", re.compile(rf"(?<!\d)1{_TO}7(?!\d)")),
    ("1_6", re.compile(r"\b6 (other|otro|autre|Sonstiges)\b|6其他")),
    ("1_3", re.compile(r"\b1=(yes|resuelto|oui|ja)\b|1已解")),
    ("words", re.compile(r"[?？]")),
)


def asked(body: str) -> Asked | None:
    """None where nothing is asked, as in thanks."""
    return next((question for question, pattern in _QUESTIONS if pattern.search(body)), None)
