"""Costs by 3GPP TS 23.038: 160 septets or 70 UTF-16 units alone, 153 and 67 in parts."""

import pytest

from app.wording.segments import GSM_7, UCS_2, sms_segments


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", GSM_7, 1),
        ("a" * 160, GSM_7, 1),
        ("a" * 161, GSM_7, 2),
        ("a" * 306, GSM_7, 2),
        ("a" * 307, GSM_7, 3),
        ("€" * 80, GSM_7, 1),
        ("€" * 81, GSM_7, 2),
        # 153 is odd: an escape sequence is never cut, so each part holds 76 of them
        ("€" * 152, GSM_7, 2),
        ("€" * 153, GSM_7, 3),
        ("@£$¥ Åß ñ {[~]}", GSM_7, 1),
        ("你" * 70, UCS_2, 1),
        ("你" * 71, UCS_2, 2),
        ("你" * 134, UCS_2, 2),
        ("你" * 135, UCS_2, 3),
        ("😀" * 35, UCS_2, 1),
        ("😀" * 36, UCS_2, 2),
        ("😀" * 66, UCS_2, 2),
        ("😀" * 67, UCS_2, 3),
        ("a" * 70 + "\u2019", UCS_2, 2),
        ("a\u00a0b", UCS_2, 1),
        ("ç", UCS_2, 1),
    ],
)
def test_a_text_costs_what_the_standard_says(text, encoding, segments):
    assert sms_segments(text) == (encoding, segments)
