"""How many parts a text is sent and charged in.

GSM 03.38: 160 seven-bit characters in one part, 153 in each of several, the extension table's count twice.
Anything else makes the whole text UCS-2: 70 sixteen-bit units, or 67. No character is split over two parts.
"""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    if set(text) <= _GSM | _GSM_EXTENSION:
        return _parts([2 if character in _GSM_EXTENSION else 1 for character in text], 160, 153)
    return _parts([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def _parts(sizes: list[int], single: int, several: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > several:
            parts, used = parts + 1, 0
        used += size
    return parts
