"""The page: telephones and a switchboard, for a person with a browser."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from simulator.config import SimulatorConfig
from simulator.numbers import E164

# two that regulators keep for drama and a carrier's own service line: nobody's telephone
_PHONES = (
    {"number": "+447700900123", "language": "en"},
    {"number": "+12025550143", "language": "en"},
    {"number": "+8613800138000", "language": "zh-CN"},
)
_AGENTS = (
    {"id": "101", "name": "Agent 101", "team": "Billing", "vendor": "In-house"},
    {"id": "102", "name": "Agent 102", "team": "Billing", "vendor": "Partner"},
    {"id": "201", "name": "Agent 201", "team": "Support", "vendor": "In-house"},
    {"id": "202", "name": "Agent 202", "team": "Support", "vendor": "Partner"},
)


def pages_room(config: SimulatorConfig) -> Blueprint:
    room = Blueprint("pages", __name__)

    @room.get("/")
    def switchboard() -> str:
        return render_template(
            "world.html", agents=_AGENTS, phones=_PHONES, only=None, service_url=config.service_url
        )

    @room.get("/phones/<number>")
    def phone(number: str) -> str:
        if not E164.fullmatch(number):
            raise NotFound("There is no such telephone.")
        return render_template(
            "world.html", agents=(), phones=(), only=number, service_url=config.service_url
        )

    @room.after_request
    def locked(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return room
