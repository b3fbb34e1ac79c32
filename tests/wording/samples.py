"""Every text that can go out by SMS, as it goes out."""

from app.wording.catalogue import catalogue, render
from app.wording.texts import TextKey

# the longest that a budget allows for: 12 letters, or four characters
BRANDS = {"zh": "安心电信", "zh-Hant": "安心電信"}
HOTLINES = {"zh": "400-820-8820", "zh-Hant": "0800-080-080"}
VARIANTS = [(first, transferred) for first in (False, True) for transferred in (False, True)]


def brand(language: str) -> str:
    return BRANDS.get(language, "Acme Telecom")


def texts(language: str, opt_out_suffix: str | None = None) -> set[str]:
    """All of them in `language`, in every variant, with and without a hotline, each noted value included."""
    noted = [(question, value) for question, labels in catalogue(language).labels.items() for value in labels]
    rendered = {
        render(
            key,
            language,
            brand=brand(language),
            hotline=hotline,
            opt_out_suffix=opt_out_suffix,
            first=first,
            transferred=transferred,
            question=question,
            value=value,
        )
        for key in TextKey
        for hotline in (None, HOTLINES.get(language, "+44 20 7946 0018"))
        for first, transferred in VARIANTS
        for question, value in (noted if key is TextKey.CORRECTED else noted[:1])
    }
    assert len(rendered) > len(TextKey)
    return rendered
