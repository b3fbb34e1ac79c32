"""Every error as RFC 9457 application/problem+json; HTTP statuses are chosen here and nowhere else."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import sqlalchemy.exc
from flask import Flask, Response, request
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.errors import Conflict, Forbidden, Invalid, NotFound, PostcallError
from app.log import get_logger
from app.web.access import request_id
from app.web.json import dump_json
from app.web.problem_examples import problem_example

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 2
_MOST_ERRORS = 50
_MOST_CHARACTERS = 200

_RETRY_AFTER = ("In how many seconds to send the request again", "12")
_HEADERS: Mapping[HTTPStatus, Mapping[str, tuple[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": ("What is asked for", 'Bearer realm="Postcall API"')},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": _RETRY_AFTER,
        "RateLimit-Policy": ("How many requests in how many seconds", '"default";q=30000;w=60'),
        "RateLimit": ("How many are left, and for how many seconds", '"default";r=0;t=12'),
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": _RETRY_AFTER},
}

_STATUSES: Mapping[type[PostcallError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Forbidden: HTTPStatus.FORBIDDEN,
}

log = get_logger(__name__)


class FieldErrorSchema(Schema):
    pointer = fields.String(
        metadata={"description": "JSON Pointer into the request body", "example": "#/agent/id"}
    )
    parameter = fields.String(metadata={"description": "The query parameter", "example": "from"})
    detail = fields.String(required=True, metadata={"description": "What is wrong with it, and what to do"})


class ProblemSchema(Schema):
    """RFC 9457, with the request's id for whoever reads the logs."""

    type = fields.String(required=True, metadata={"example": "about:blank"})
    title = fields.String(required=True, metadata={"example": "Unprocessable Entity"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(metadata={"example": "The body has 1 field that can't be accepted."})
    request_id = fields.String(required=True, metadata={"example": "5b0c9c1f3d0e4a57b2a3c8f6d1e2f3a4"})
    errors = fields.List(fields.Nested(FieldErrorSchema))


def problem(status: int, detail: str | None, errors: list[dict[str, str]] | None = None) -> Response:
    """A problem document; `errors` are {pointer or parameter, detail}, cut to the first 50."""
    content: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        content["detail"] = detail
    if errors:
        content["errors"] = errors[:_MOST_ERRORS]
    content["request_id"] = request_id()
    return Response(dump_json(content), status, mimetype=PROBLEM_JSON)


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest publishes no types
    """flask-smorest, with its errors in the form above."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self._register_problem(status.name, status.phrase, status)
        self._register_problem("DEFAULT_ERROR", "Any other failure", HTTPStatus.INTERNAL_SERVER_ERROR)

    def _register_problem(self, name: str, description: str, status: HTTPStatus) -> None:
        content = {"schema": self.ERROR_SCHEMA, "example": problem_example(status)}
        response = {
            "description": description,
            "content": {PROBLEM_JSON: content},
            "headers": {
                header: {"description": meaning, "schema": {"type": "string"}, "example": example}
                for header, (meaning, example) in _HEADERS.get(status, {}).items()
            },
        }
        self.spec.components.response(name, response, lazy=True)

    def _register_pagination_header(self) -> None:
        """Nothing to document: pages are told in the body, by cursors."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        return http_problem(error)


def http_problem(error: HTTPException) -> Response:
    """An HTTP error with the headers it came with: Allow of a 405, WWW-Authenticate of a 401."""
    # webargs leaves what the schema found in `data`: {location: {field: ...}}
    located: Mapping[str, Any] = getattr(error, "data", None) or {}
    errors = [
        _field_error(location, path, str(message))
        for location, messages in located.get("messages", {}).items()
        for path, message in _flatten(messages)
    ]
    original = error.get_response()
    response = problem(original.status_code, _detail(error, errors), errors)
    for name, value in original.headers:
        if name not in ("Content-Type", "Content-Length"):
            response.headers.add(name, value)
    return response


def _detail(error: HTTPException, errors: list[dict[str, str]]) -> str | None:
    if errors:
        return (
            f"{len(errors)} {'field is' if len(errors) == 1 else 'fields are'} not acceptable: see `errors`."
        )
    if isinstance(error, RequestEntityTooLarge):
        return f"Send at most {request.max_content_length} bytes."
    return error.description


def _flatten(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """marshmallow's nested messages as (path, message); what concerns a whole object has the object's path."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flatten(inner, path if key == "_schema" else (*path, str(key)))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flatten(inner, path)
    else:
        yield path, messages


def _field_error(location: str, path: tuple[str, ...], detail: str) -> dict[str, str]:
    if location == "query":
        return {"parameter": ".".join(path)[:_MOST_CHARACTERS], "detail": detail}
    escaped = (part.replace("~", "~0").replace("/", "~1") for part in path)
    return {"pointer": "/".join(("#", *escaped))[:_MOST_CHARACTERS], "detail": detail}


def _ours(error: PostcallError) -> Response:
    """One of app.errors; the fields of Invalid are named as dotted paths."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        return _unexpected(error)
    paths = error.fields.items() if isinstance(error, Invalid) else ()
    location = "query" if request.method in ("GET", "HEAD") else "json"
    errors = [_field_error(location, tuple(path.split(".")), detail) for path, detail in paths]
    return problem(status, str(error), errors)


def _unavailable(error: Exception) -> Response:
    """The database is away, full, locked or slower than its time-outs: nothing was written, so try again."""
    log.warning("database_unavailable", error=type(error).__name__, cause=type(error.__cause__).__name__)
    response = problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "The service can't store anything now. Please try again."
    )
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _unexpected(error: Exception) -> Response:
    """What the caller can't help: the log has the trace, the answer only the id to find it by."""
    log.error("unexpected_error", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side. Name the request_id when you report it.",
    )


def answer_with_problems(app: Flask) -> None:
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(PostcallError, _ours)
    app.register_error_handler(sqlalchemy.exc.OperationalError, _unavailable)
    app.register_error_handler(sqlalchemy.exc.TimeoutError, _unavailable)
    # Flask would log the request's path, which on the survey page holds the customer's token
    app.register_error_handler(Exception, _unexpected)
