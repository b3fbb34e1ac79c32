"""How many SMS segments a text costs (3GPP TS 23.038): one character outside GSM-7 makes all of it UCS-2."""

from collections.abc import Sequence

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets


def sms_segments(text: str) -> tuple[str, int]:
    """(encoding, segments): 160 septets of GSM-7 or 70 UTF-16 units alone; 153 or 67 a part when split.

    A character of two units is never cut in two. The empty text is one segment.
    """
    if all(character in _BASIC or character in _EXTENSION for character in text):
        return GSM_7, _parts([2 if character in _EXTENSION else 1 for character in text], 160, 153)
    return UCS_2, _parts([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def _parts(widths: Sequence[int], alone: int, in_parts: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > in_parts:
            parts, used = parts + 1, 0
        used += width
    return parts
