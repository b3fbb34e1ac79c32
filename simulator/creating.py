"""What may befall a request that creates something: the faults of a network and of a carrier under load."""

import socket
import time
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from simulator.faults import Faults
from simulator.refusals import Refusal


def create(faults: Faults, accept: Callable[[], dict[str, Any]]) -> Response:
    """201 with what `accept` made, unless a fault strikes before or after it. Raises Refusal."""
    try:
        response = _answer(faults, accept)
    finally:
        time.sleep(faults.latency)
    return _hang_up() if response is None else response


def _answer(faults: Faults, accept: Callable[[], dict[str, Any]]) -> Response | None:
    """None: the connection ends without an answer."""
    if faults.drop_before.strikes():
        return None
    if faults.error_before.strikes():
        raise Refusal(20500)
    if faults.rate_limited.strikes():
        raise Refusal(20429, retry_after=faults.retry_after_seconds)
    created = accept()
    if faults.drop_reply.strikes():
        return None
    if faults.error_after.strikes():
        raise Refusal(20500)
    response = jsonify(created)
    response.status_code = 201
    if faults.broken_reply.strikes():
        response.data = response.data[: len(response.data) // 2]
    return response


def _hang_up() -> Response:
    """Close the connection under the answer: the client sees it end without one."""
    request.get_data()  # unread bytes would make the kernel send a reset instead of an end
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
