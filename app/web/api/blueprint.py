"""A flask-smorest blueprint that documents what all operations share: their name and how they can fail."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask_smorest import Blueprint

from app.web.json import StrictParser

View = TypeVar("View", bound=Callable[..., Any])

_ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)
_WITH_A_BODY = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


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
            routed: View = self.route(rule, methods=[method])(documented)
            return routed

        return decorate

    # the library's own, with types

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().arguments(schema, **options)
        return decorate

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().response(status_code, schema, **options)
        return decorate

    def alt_response(self, status_code: int, **options: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().alt_response(status_code, **options)
        return decorate
