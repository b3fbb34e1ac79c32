"""Fields that refuse what the database or a person would stumble over, and say what to send instead."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.domain.call import MOST_ATTRIBUTES
from app.domain.text import ascii_int, clean

ID_LENGTH = 200
NAME_LENGTH = 200

# a year outside is a unit mistaken for another, or meant to break arithmetic with time zones
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class StrictSchema(Schema):
    """What isn't documented is refused: a misspelt field would be lost without a word."""

    class Meta:
        unknown = RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["unknown"] = "Unknown field: remove it, or check its spelling."
        self.error_messages["type"] = "Send a JSON object here."


class Identifier(fields.String):
    """An identifier of somebody else's making: kept exactly as it came, so it must be fit to keep."""

    PATTERN = r"^[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"

    def __init__(self, *, most: int = ID_LENGTH, **kwargs: Any) -> None:
        kwargs["metadata"] = {"pattern": self.PATTERN, **kwargs.get("metadata", {})}
        super().__init__(validate=[check_identifier, validate.Length(1, most)], **kwargs)


def check_identifier(text: str) -> None:
    # fullmatch, for `$` also matches before a final line feed
    if not re.fullmatch(Identifier.PATTERN, text):
        raise ValidationError("Must not be empty, start with white space or hold control characters.")


class Words(fields.String):
    """Text for people: cleaned (NFC, no NUL, no control characters), at most `most` characters."""

    def __init__(self, *, most: int = NAME_LENGTH, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return clean(super()._deserialize(value, attr, data, **kwargs))


class Instant(fields.AwareDateTime):
    """A moment with its offset, kept in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(
                "Send an ISO 8601 date and time with its offset, such as 2026-03-02T09:30:00+08:00."
            ) from error
        _check_year(moment)
        return moment.astimezone(UTC)


class Day(fields.Date):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day: date = super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError("Send a date such as 2026-03-02.") from error
        _check_year(day)
        return day


def _check_year(day: date) -> None:
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        raise ValidationError(f"The year must lie between {_FIRST_YEAR} and {_LAST_YEAR}.")


class Whole(fields.Integer):
    """A whole number in a range. 63.0 is one (JSON knows no integers); "63" and true are not."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Send a whole number.")
        return value


class Count(Whole):
    """A whole number in a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        number = ascii_int(value)
        if number is None:
            raise ValidationError("Send a whole number.")
        return number


class Share(fields.Float):
    """A number in a range that is sent as a number."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValidationError("Send a number.")
        return float(value)


class Flag(fields.Boolean):
    """true or false; not "yes", not 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ValidationError("Send true or false.")
        return value


class Choice(fields.String):
    def __init__(self, *choices: str, **kwargs: Any) -> None:
        one_of = validate.OneOf(choices, error="Send one of: {choices}.")
        super().__init__(validate=one_of, **kwargs)


class Language(fields.String):
    """A BCP 47 tag as far as it is used: a language, perhaps a script and a region (zh-Hans-CN)."""

    def __init__(self, **kwargs: Any) -> None:
        tag = validate.Regexp(
            r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$", error="Send a language tag such as en or zh-CN."
        )
        super().__init__(validate=tag, **kwargs)


class Timezone(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=_check_timezone, **kwargs)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_timezone(name: str) -> None:
    if name not in _timezones():
        raise ValidationError("Send an IANA time zone such as Asia/Shanghai.")


class Attributes(fields.Dict):
    """What else the platform knows, as JSON: at most 50 names of at most 100 characters, 5 levels deep."""

    NAMES, NAME_LENGTH, LEVELS = MOST_ATTRIBUTES, 100, 5

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        if not isinstance(value, Mapping):
            raise ValidationError("Send a JSON object.")
        if len(value) > self.NAMES or not all(0 < len(name) <= self.NAME_LENGTH for name in value):
            raise ValidationError(f"Send at most {self.NAMES} names of 1 to {self.NAME_LENGTH} characters.")
        return {clean(name): self._cleaned(inner, 1) for name, inner in value.items()}

    def _cleaned(self, value: Any, level: int) -> Any:
        if isinstance(value, str):
            return clean(value)
        if not isinstance(value, (dict, list)):
            return value
        if level == self.LEVELS:
            raise ValidationError(f"Nest at most {self.LEVELS} levels.")
        if isinstance(value, list):
            return [self._cleaned(inner, level + 1) for inner in value]
        return {clean(name): self._cleaned(inner, level + 1) for name, inner in value.items()}
