"""Odd replies, language by language: tests/wording/replies/LANGUAGE.txt says what each must be understood as.

A row is `position | reply | meaning`, comments start with `#`.

Position: the question that waits; `soon`: all is scored, and the comment was asked for half a minute ago; `done`:
ten minutes ago, and nothing waits.

Meaning: `5` the value; `5 5 9` values in order; `2 + words` a value and a comment; `change 4` another value for the
answer before; `comment` all of it kept as words; `stop`, with what comes along (`stop 2`, `stop kept`,
`stop 2 + words`); `start`, `help`, `unclear`. A `!` at the end: flagged as a contradiction.

`\\n` and `\\u200b` are what they are in Python.
"""

import re
from pathlib import Path

import pytest

from app.domain.answers import Kind, Position, Understood, understand
from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import LANGUAGES, keywords
from tests.domain.conversation import ORDER, after_comment_prompt, waiting_for

TABLES = Path(__file__).parent / "replies"
ENOUGH = 200

_ESCAPE = re.compile(r"\\n|\\u[0-9a-f]{4}")


def rows(language: str) -> list[tuple[str, str, str]]:
    lines = (TABLES / f"{language}.txt").read_text(encoding="utf-8").split("\n")
    written = [line.split(" | ") for line in lines if line.strip() and not line.startswith("#")]
    return [(name, _plain(reply), _plain(expected)) for name, reply, expected in written]


def _plain(written: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].encode("ascii").decode("unicode_escape"), written)


def position(name: str) -> Position:
    if name in ("soon", "done"):
        return after_comment_prompt(30) if name == "soon" else after_comment_prompt(600, current=None)
    return waiting_for(name) if name in ORDER else waiting_for(name, order=("csat", name, "comment"))


def meaning(understood: Understood, reply: str, place: Position) -> str:
    """As the tables write it."""
    values = " ".join(str(value) for _, value in understood.answers)
    words = None if understood.comment in (None, reply.strip()) else understood.comment
    kept = "kept" if understood.comment is not None and words is None else None
    if understood.kind is Kind.ANSWERS:
        assert understood.answers[0][0] == (place.current or place.last_scored)
        told = values
    elif understood.kind is Kind.CORRECTION:
        told, kept = f"change {values}", None
    elif understood.kind is Kind.OPT_OUT:
        told = " ".join(part for part in ("stop", values, kept) if part)
    else:
        told = {Kind.OPT_IN: "start", Kind.HELP: "help"}.get(understood.kind, str(understood.kind))
    return told + (f" + {words}" if words else "") + (" !" if understood.flags else "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_odd_reply_is_understood_as_its_table_says(language):
    words, wrong = keywords(language), []
    for name, reply, expected in rows(language):
        place = position(name)
        found = meaning(understand(reply, place, words), reply, place)
        if found != expected:
            wrong.append(f"{name} | {reply!r} | {expected}, but understood: {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_has_two_hundred_replies_no_two_the_same_at_every_question(language):
    table = rows(language)
    assert len({(name, reply) for name, reply, _ in table}) == len(table) >= ENOUGH
    assert {name for name, _, _ in table} >= {*QUESTIONS, "soon", "done"}
    values = {row_meaning for name, _, row_meaning in table if name == "nps"}
    assert {"0", "10"} <= values
