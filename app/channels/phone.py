"""Phone numbers as platforms report them, read into E.164.

Importing the library's tables takes about 80 ms and 13 MB: only what reads numbers should import this.
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult, timezone

from app.domain.candidate import Phone

# longer than any number with separators; what is longer is not handed to the library's patterns
_MOST_CHARACTERS = 64

_ENGLISH = "anonymous blocked hidden masked private restricted unavailable unknown withheld"
_CHINESE = "匿名 保密 未知 隐藏 私人号码"
_HIDDEN_WORDS = frozenset(f"{_ENGLISH} {_CHINESE}".split())
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
# carriers spell such a word on the keypad where only digits fit: +266696687 is ANONYMOUS, not Lesotho
_HIDDEN_NUMBERS = frozenset(f"+{word.translate(_KEYPAD)}" for word in _ENGLISH.split())
# 138****1234, 138xxxx1234; one x before digits is an extension
_MASK = re.compile(r"[*＊•●∗×]|[xX]{2}")

# Premium and shared-cost numbers earn their owner money with every text (SMS pumping), personal numbers (+44 70)
# and pagers cost as much, and behind a universal access number or a voice mailbox there is a company or a machine.
# A toll-free one is no handset either, but costs nothing to try.
_COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_NO_COUNTRY = "001"
# by their range personal numbers; Twilio answers them without sending anything
_FOR_TESTS = "+150055500"


def read_phone(raw: str | None, default_region: str | None = None) -> Phone:
    """Read a number in any usual spelling; `default_region` (ISO 3166-1 alpha-2) for national ones.

    An international number is taken when its length is possible in its country: ranges reserved for
    examples, and ranges newer than the library's tables, are possible without being listed. A national one
    must be listed, for an extension or a hotline's short number would pass for a customer. One that is no person's
    own, or costs more than others to reach, is `premium`.
    """
    text = (raw or "").strip()
    if not text:
        return Phone(None, "missing")
    if _is_hidden(text):
        return Phone(None, "masked")
    number = _parse(text, default_region)
    if number is None:
        return Phone(None, "invalid")
    kind = phonenumbers.number_type(number)
    if not _is_credible(number, kind):
        return Phone(None, "invalid")
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # numbers of no country (satellite, international networks) cost like premium ones
    if region == _NO_COUNTRY or (kind in _COSTLY and not e164.startswith(_FOR_TESTS)):
        return Phone(None, "premium", region if is_region(region) else None)
    return Phone(e164, None, region, _timezones(number))


def is_region(code: str) -> bool:
    """Whether it is a country that numbers belong to, ISO 3166-1 alpha-2."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _is_hidden(text: str) -> bool:
    if _MASK.search(text):
        return True
    # "Anonymous <anonymous@anonymous.invalid>": the words may come wrapped
    words = re.split(r"[\s<>\"'@.:;_-]+", text.lower())
    return not _HIDDEN_WORDS.isdisjoint(words) or text in _HIDDEN_NUMBERS


def _parse(text: str, default_region: str | None) -> PhoneNumber | None:
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        return phonenumbers.parse(text, default_region and default_region.upper(), keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def _is_credible(number: PhoneNumber, kind: int) -> bool:
    """A number of a known kind is a listed one."""
    if kind != PhoneNumberType.UNKNOWN:
        return True
    national = number.country_code_source == phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return possible and not national


@cache
def _anywhere_in_america() -> tuple[str, ...]:
    anywhere = PhoneNumber(country_code=1, national_number=0)
    return tuple(timezone.time_zones_for_geographical_number(anywhere))


def _timezones(number: PhoneNumber) -> tuple[str, ...]:
    """Where the number may be; () where it says nothing of that."""
    zones = timezone.time_zones_for_geographical_number(number)
    # toll-free and example numbers of +1 fit every zone from Guam to Newfoundland, which have no lawful hour
    # in common: they tell no place at all
    if zones == _anywhere_in_america():
        return ()
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
