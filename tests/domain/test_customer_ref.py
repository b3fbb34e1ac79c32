"""What names a customer, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.customer_ref import known_ref


@pytest.mark.parametrize(
    "ref",
    [
        "C-20931",
        "0012345",
        "1",
        "7",
        "11",
        "a",
        "aaa",
        "Ann",
        "NA-12",
        "none-the-wiser",
        "王小明",
        "unknown7",
    ],
)
def test_these_name_somebody(ref: str) -> None:
    assert known_ref(f" {ref}\n") == ref


@pytest.mark.parametrize(
    "ref",
    [
        *(
            None,
            "",
            "   ",
            "0",
            "0000",
            "-",
            "_",
            "n/a",
            "N.A.",
            "#N/A",
            "NULL",
            "(null)",
            "<none>",
            "[Unknown]",
        ),
        *("not-available", "Not Available", "NotSet", "99999", "1111", "未知", "unbekannt", "Inconnu", "TBD"),
    ],
)
def test_these_name_nobody(ref: str | None) -> None:
    assert known_ref(ref) is None


@given(st.text())
def test_it_takes_whatever_clients_write(text: str) -> None:
    ref = known_ref(text)
    assert ref is None or (ref and ref == ref.strip() and known_ref(ref) == ref)


@given(st.text(st.characters(categories=["P", "S", "Z", "Cc"])))
def test_signs_alone_name_nobody(text: str) -> None:
    assert known_ref(text) is None
