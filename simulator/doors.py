"""What every room's door has in common: JSON in, and errors out as JSON, the carrier's in the carrier's words."""

from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException

from simulator.refusals import CARRIER_PREFIX, Refusal


def read_json(*allowed: str) -> dict[str, Any]:
    """The request's JSON object. Raises BadRequest on anything else and on a field that is not `allowed`."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("Send a JSON object.")
    unknown = sorted(set(body) - set(allowed))
    if allowed and unknown:
        raise BadRequest(f"Unknown fields: {', '.join(unknown)}. Known are: {', '.join(allowed)}.")
    return body


def _carrier_error(refusal: Refusal) -> Response:
    response = jsonify(
        code=refusal.code,
        message=refusal.message,
        more_info=f"https://www.twilio.com/docs/errors/{refusal.code}",
        status=refusal.status,
    )
    response.status_code = refusal.status
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = f"{refusal.retry_after:g}"
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def json_errors(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return _carrier_error(refusal)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Response:
        status = error.code or 500
        if request.path.startswith(CARRIER_PREFIX):
            return _carrier_error(Refusal(20404 if status in {404, 405} else 20001, status=status))
        response = jsonify(error=error.description)
        response.status_code = status
        return response
