"""What can go wrong, by what the caller can do about it. HTTP statuses are chosen in app/web only.

PostcallError
├── NotFound            no such thing in this account
├── Conflict            the same identifier with other content, or a move that the state forbids
├── Invalid             the content can't be accepted as it is: `fields` names what and why
├── Forbidden           the caller is known, and may not
├── ConfigurationError  a setting is missing or contradicts another: an operator must act
└── ProviderUnreadable  a carrier answered something that can't be trusted
"""

from collections.abc import Mapping


class PostcallError(Exception):
    """Base of all errors that this service raises on purpose; `str(error)` is fit to be shown."""


class NotFound(PostcallError):
    pass


class Conflict(PostcallError):
    pass


class Invalid(PostcallError):
    """`fields`: JSON path of the field -> what is wrong with it."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class Forbidden(PostcallError):
    pass


class ConfigurationError(PostcallError):
    pass


class ProviderUnreadable(PostcallError):
    pass
