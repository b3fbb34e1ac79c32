"""Which of our languages a customer is spoken to in."""

from collections.abc import Iterable
from functools import lru_cache

# as invitations and messages keep them
LANGUAGES = ("en", "zh", "zh-Hant", "es", "fr", "de")

_CODES = {
    **dict.fromkeys(("en", "eng"), "en"),
    **dict.fromkeys(("zh", "zho", "chi", "cmn"), "zh"),
    "yue": "zh-Hant",
    **dict.fromkeys(("es", "spa"), "es"),
    **dict.fromkeys(("fr", "fra", "fre"), "fr"),
    **dict.fromkeys(("de", "deu", "ger"), "de"),
}
_TRADITIONAL_REGIONS = frozenset({"tw", "hk", "mo"})


@lru_cache(maxsize=1024)
def choose_language(call_language: str | None, default: str = "en") -> str:
    """One of LANGUAGES for a language tag as platforms write it (zh-Hans-CN, ZH_tw, cmn); else by `default`.

    The script decides where the tag names one (zh-Hans-HK), the region where it does not (zh-TW).
    """
    return _spoken(call_language) or _spoken(default) or "en"


def first_spoken(tags: Iterable[str]) -> str:
    """The first that we speak of what a reader would like best (Accept-Language, in that order); else English."""
    return next((language for tag in tags if (language := _spoken(tag))), "en")


def _spoken(tag: str | None) -> str | None:
    code, *subtags = (tag or "").strip().casefold().replace("_", "-").split("-")
    language = _CODES.get(code)
    if language not in ("zh", "zh-Hant"):
        return language
    if "hant" in subtags:
        return "zh-Hant"
    if "hans" in subtags or "cn" in subtags:
        return "zh"
    return language if _TRADITIONAL_REGIONS.isdisjoint(subtags) else "zh-Hant"
