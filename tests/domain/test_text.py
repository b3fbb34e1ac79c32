"""The boundary: what comes in is storable afterwards, and digits are ASCII digits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import ascii_int, clean, flat, fold, narrow, places

anything = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("caf\u0065\u0301", "café"),
        ("a\x00b", "ab"),
        ("a\ud83db", "a\ufffdb"),
        ("\ude00", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("a\x1b[31m\x07\x7f\x85b", "a[31mb"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("👩‍👩‍👧 ② ２", "👩‍👩‍👧 ② ２"),
        ("", ""),
    ],
)
def test_a_text_is_cleaned_once_at_the_boundary(text, cleaned):
    assert clean(text) == cleaned


def test_a_long_text_is_cut_to_the_limit():
    assert clean("x" * 10_000_000) == "x" * 4000
    assert clean("你好世界", limit=2) == "你好"
    # normalising may lengthen a text: the limit holds after it too
    assert len(clean("\u0958" * 10, limit=10)) == 10


@given(anything, st.integers(0, 50))
def test_a_cleaned_text_can_be_stored_and_is_not_changed_again(text, limit):
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(character in "\n\t" or unicodedata.category(character) != "Cc" for character in cleaned)
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned, limit) == cleaned


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("10", 10), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_ascii_digits_are_a_number(text, number):
    assert ascii_int(text) == number


@pytest.mark.parametrize(
    "text", ["", " 5", "-1", "+1", "²", "٥", "５", "①", "五", "1_0", "5.0", "9" * 19, "5" * 5000]
)
def test_nothing_else_is_a_number(text):
    assert ascii_int(text) is None


@given(anything)
def test_narrowing_keeps_every_place(text):
    assert len(narrow(text)) == len(text)


@given(anything)
def test_folding_is_done_after_once(text):
    assert fold(fold(text)) == fold(text)


def test_folding_keeps_superscripts_apart_from_digits():
    assert fold("²") == "²"
    assert fold(" “ＳＴＯＰ”!! ") == "stop"
    assert fold("5️⃣") == "5"
    assert flat("A\n\tB。") == "a b."


def test_a_phrase_is_found_as_words_of_its_own():
    assert list(places("unsubscribe me, unsubscribe men", "unsubscribe me")) == [0]
    assert list(places("很好很好", "很好")) == [0, 2]
