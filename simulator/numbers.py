"""Telephone numbers as the network writes them."""

import re

import phonenumbers

E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def country(number: str) -> str:
    """ISO 3166 code of the calling code's main country; empty where there is none."""
    try:
        code = phonenumbers.parse(number).country_code
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_country_code(code or 0)
    return "" if region in {"ZZ", "001"} else region
