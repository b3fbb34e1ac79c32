"""A cursor comes back as it was given out, or is refused."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.web.cursors import Cursors

CURSORS = Cursors("a secret of the service")
positions = st.lists(st.integers(-(2**53), 2**53) | st.text(max_size=40) | st.none(), max_size=4)


@given(positions)
def test_a_position_comes_back(position: list[Any]) -> None:
    cursor = CURSORS.write("responses", position)
    assert cursor is not None
    assert CURSORS.read("responses", cursor) == position


def test_the_end_has_no_cursor_and_none_is_the_beginning() -> None:
    assert CURSORS.write("responses", None) is None
    assert CURSORS.read("responses", None) is None


def test_a_cursor_fits_into_a_url_as_it_is() -> None:
    cursor = CURSORS.write("responses", ["2026-03-02T01:30:00Z", 12345, "é?&/+"])
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=80))
def test_an_invented_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        CURSORS.read("responses", cursor)
    assert "cursor" in refused.value.fields


def test_a_changed_cursor_is_refused() -> None:
    cursor = CURSORS.write("responses", [1])
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = base64.urlsafe_b64encode(raw[:8] + orjson.dumps([2])).decode().rstrip("=")
    with pytest.raises(Invalid):
        CURSORS.read("responses", forged)


def test_a_cursor_of_another_listing_or_service_is_refused() -> None:
    cursor = CURSORS.write("responses", [1])
    with pytest.raises(Invalid):
        CURSORS.read("verbatims", cursor)
    with pytest.raises(Invalid):
        Cursors("another secret").read("responses", cursor)


def test_a_cursor_too_long_is_refused() -> None:
    with pytest.raises(Invalid):
        CURSORS.read("responses", "A" * 100_000)


def test_a_cursor_outlives_a_rotation_of_the_secrets() -> None:
    cursor = Cursors("old:secret").write("responses", [1])
    assert Cursors("new:secret, old:secret").read("responses", cursor) == [1]
    with pytest.raises(Invalid):
        Cursors("new:secret").read("responses", cursor)
