"""Text from outside: made safe to store once, at the boundary, and brought to a plain form to be compared."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}

# a run of 7 or more digits, perhaps with separators
_PHONE = re.compile(r"\+?\d(?:[ ().-]?\d){6,}")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")

# longer runs of digits are no identifier, score or count of ours, and int() refuses more than 4300
_LONGEST_INT = 18

_HAN = range(0x4E00, 0xA000)

_AFTER_LATIN = 0x0250

_PAUSES = " ,.:;!?=~"

# nobody is politer than this, and a hostile text stays cheap
_MOST_PHRASES = 6

# one character for one character, so that a place in the narrow text is the same place in the original
_NARROW: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full-width ASCII
    **{0x2460 + digit: str(digit + 1) for digit in range(9)},  # ①
    0x24EA: "0",
    **{0x2776 + digit: str(digit + 1) for digit in range(9)},  # ❶
    **{0x2780 + digit: str(digit + 1) for digit in range(9)},  # ➀
    # what makes a keycap emoji of a digit, and characters that can't be seen
    **dict.fromkeys((0xFE0F, 0x20E3, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD), " "),
    **dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " "),
    **dict.fromkeys((0x00A0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F), " "),
    **dict.fromkeys((0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2039, 0x203A, 0x0060, 0x00B4), "'"),
    **dict.fromkeys(
        (0x201C, 0x201D, 0x201E, 0x201F, 0x2033, 0x00AB, 0x00BB, 0x300C, 0x300D, 0x300E, 0x300F), '"'
    ),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-"),
    0x3001: ",",
    0x3002: ".",
    0x2026: ".",
    0x3010: "[",
    0x3011: "]",
    0x300A: "<",
    0x300B: ">",
}


def clean(text: str, limit: int = 4000) -> str:
    """`text` as it may be stored and shown: at most `limit` characters of NFC, for any str at all.

    Lone surrogates become U+FFFD (the database driver raises on them), control characters except newline and
    tab go (PostgreSQL refuses NUL), line ends become newlines. `clean(clean(x)) == clean(x)`.
    """
    if text.isascii() and text.isprintable():
        return text[:limit]
    # cut before normalising too: sorting a long run of combining marks takes quadratic time
    kept = text[:limit].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    kept = _LINE_ENDS.sub("\n", kept).translate(_CONTROLS)
    return unicodedata.normalize("NFC", kept)[:limit]


def without_addresses(text: str) -> str:
    """What a person writes, with all that looks like a telephone number or an email address masked."""
    return _EMAIL.sub("[address]", _PHONE.sub("[number]", text))


def ascii_int(text: str) -> int | None:
    """The number that at most 18 ASCII digits write, and nothing else: `"²".isdigit()` is true, int("²") raises."""
    if len(text) <= _LONGEST_INT and text.isascii() and text.isdigit():
        return int(text)
    return None


def narrow(text: str) -> str:
    """Full-width forms, circled digits and keycaps as ASCII, one character for one; superscripts stay."""
    return text.translate(_NARROW)


def fold(text: str) -> str:
    """`text` to be compared as a whole: narrow, case-folded, single spaces, no punctuation at either end."""
    folded = " ".join(narrow(text).casefold().split())
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while end > start and not folded[end - 1].isalnum():
        end -= 1
    return folded[start:end]


def is_han(character: str) -> bool:
    """Whether it is a Chinese character of the common block; "" is not."""
    return len(character) == 1 and ord(character) in _HAN


def is_latin(character: str) -> bool:
    """Whether it is a letter of the Latin script, as é, ß and º are; "" is not."""
    return len(character) == 1 and ord(character) < _AFTER_LATIN and character.isalpha()


def flat(text: str) -> str:
    """`text` on one line, narrow and case-folded, single spaces, punctuation kept."""
    return " ".join(narrow(text).casefold().split())


def places(text: str, phrase: str) -> Iterator[int]:
    """Where `phrase` stands in `text` as words of its own, never inside a longer word."""
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if not _one_word(text[at - 1 : at], phrase[0]) and not _one_word(phrase[-1], text[end : end + 1]):
            yield at
        at = text.find(phrase, at + 1)


def opening_length(text: str, phrases: Iterable[str]) -> int:
    """The length of the longest of `phrases` that `text` starts with, as whole words; 0 for none."""
    listed = tuple(phrases)
    if not text.startswith(listed):
        return 0
    return max(
        (
            len(phrase)
            for phrase in listed
            if text.startswith(phrase) and not _one_word(phrase[-1], text[len(phrase) : len(phrase) + 1])
        ),
        default=0,
    )


def without_openings(text: str, phrases: Iterable[str]) -> str:
    """Flat `text` without those of `phrases` that it starts with, one after another."""
    listed = tuple(phrases)
    for _ in range(_MOST_PHRASES):
        length = opening_length(text, listed)
        if not length:
            break
        text = text[length:].lstrip(_PAUSES)
    return text


def without_endings(text: str, phrases: Iterable[str]) -> str:
    """Flat `text` without those of `phrases` that it ends with, so long as something is left."""
    listed = tuple(phrases)
    for _ in range(_MOST_PHRASES):
        bare = text.rstrip(_PAUSES)
        if not bare.endswith(listed):
            break
        ending = next((phrase for phrase in listed if _ends_with(bare, phrase)), None)
        if ending is None:
            break
        text = bare.removesuffix(ending).rstrip(_PAUSES)
    return text


def _ends_with(text: str, phrase: str) -> bool:
    return text != phrase and text.endswith(phrase) and not _one_word(text[-len(phrase) - 1], phrase[0])


def _one_word(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word, in a script that puts spaces between words."""
    return is_latin(left) and is_latin(right)
