"""Points in a conversation, for the tests of what a text means there."""

from datetime import UTC, datetime, timedelta

from app.domain.answers import Position

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ORDER = ("csat", "ownership", "nps", "comment")


def waiting_for(question: str, order: tuple[str, ...] = ORDER, skipped: tuple[str, ...] = ()) -> Position:
    """`question` was asked last; everything before it in `order` was answered with 5."""
    before = [key for key in order[: order.index(question)] if key not in skipped]
    return Position(
        order=order,
        answered=dict.fromkeys(before, 5),
        skipped=frozenset(skipped),
        current=question,
        last_scored=before[-1] if before else None,
        comment_asked_at=None,
        now=NOW,
    )


def after_comment_prompt(seconds: float, csat: int = 5, current: str | None = "comment") -> Position:
    """All three scores are in, NPS 9 last, and the comment was asked for `seconds` ago."""
    return Position(
        order=ORDER,
        answered={"csat": csat, "ownership": 5, "nps": 9},
        skipped=frozenset(),
        current=current,
        last_scored="nps",
        comment_asked_at=NOW - timedelta(seconds=seconds),
        now=NOW,
    )
