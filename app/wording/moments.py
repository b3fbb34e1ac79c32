"""Dates and times as their readers write them, whatever the server's locale is."""

from datetime import datetime

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_DAYS = {"en": "{day} {month}", "es": "{day} de {month}", "fr": "{day} {month}", "de": "{day}. {month}"}


def written_day(moment: datetime, language: str) -> str:
    """ "22 November", "11月22日". `language`: a catalogue's; one that is not known here reads English."""
    code = language.casefold().split("-")[0]
    if code == "zh":
        return f"{moment.month}月{moment.day}日"
    code = code if code in _MONTHS else "en"
    return _DAYS[code].format(day=moment.day, month=_MONTHS[code].split()[moment.month - 1])


def written_moment(moment: datetime, language: str) -> str:
    """ "22 November, 09:30", "11月22日09:30". The clock is the moment's own."""
    gap = "" if language.casefold().startswith("zh") else ", "
    return f"{written_day(moment, language)}{gap}{moment:%H:%M}"
