"""A flask-smorest blueprint that documents what all operations share: their name and how they can fail."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import wraps
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from app.web.announced import announce
from app.web.api.examples import PATHS
from app.web.json import StrictParser

View = TypeVar("View", bound=Callable[..., Any])

_ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)
_WITH_A_BODY = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


# from the announcement that an operation is going to be removed until it may be
SHORTEST_NOTICE = timedelta(days=365)


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    return [
        {"in": "path", "name": name, "example": example, "description": description}
        for name in names
        for example, description in [PATHS[name]]
    ]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest publishes no types
    """Its operations are named after their views: `report_call` is `reportCall`."""

    ARGUMENTS_PARSER = StrictParser()

    def operation(self, method: str, rule: str, *problems: HTTPStatus) -> Callable[[View], View]:
        """Route one method of `rule` to a view; `problems` are the failures of its own."""
        statuses = (*_ALWAYS, *(_WITH_A_BODY if method in ("POST", "PUT", "PATCH") else ()), *problems)

        def decorate(view: View) -> View:
            documented = self.doc(
                operationId=_camel(view.__name__),
                responses={str(int(status)): status.name for status in statuses},
            )(view)
            routed: View = self.route(rule, methods=[method], parameters=_path_parameters(rule))(documented)
            return routed

        return decorate

    def deprecated(self, since: date, until: date, instead: str) -> Callable[[View], View]:
        """Announce that this operation ends: in the document, and in the headers of its answers.

        Stands directly under `require`. From `since` on (RFC 9745) `instead` should be used, and after `until`
        (RFC 8594) the operation may be gone. Raises ValueError for less notice than the policy promises.
        """
        if until - since < SHORTEST_NOTICE:
            raise ValueError(f"{instead}: {since} to {until} is shorter than {SHORTEST_NOTICE.days} days")
        begins, ends = (datetime.combine(day, time(), UTC) for day in (since, until))

        def decorate(view: View) -> View:
            @wraps(view)
            def announced(*args: Any, **kwargs: Any) -> Any:
                announce("Deprecation", f"@{int(begins.timestamp())}")
                announce("Sunset", format_datetime(ends, usegmt=True))
                announce("Link", '</docs/>; rel="deprecation"; type="text/html"')
                return view(*args, **kwargs)

            notice = f"Deprecated since {since}, may be gone after {until}: use {instead}."
            summary, _, rest = cleandoc(view.__doc__ or "").partition("\n")
            announced.__doc__ = f"{summary}\n\n{notice}\n{rest}"
            documentation = deepcopy(getattr(view, "_apidoc", {}))
            documentation.setdefault("manual_doc", {})["deprecated"] = True
            vars(announced)["_apidoc"] = documentation
            return announced  # type: ignore[return-value]

        return decorate

    # the library's own, with types

    def doc(self, **described: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().doc(**described)
        return decorate

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[View], View]:
        # one for all requests: making a schema costs as much as reading a body by it
        decorate: Callable[[View], View] = super().arguments(schema(), **options)
        return decorate

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().response(status_code, schema, **options)
        return decorate

    def alt_response(self, status_code: int, **options: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().alt_response(status_code, **options)
        return decorate
