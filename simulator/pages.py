"""The page: telephones and a switchboard, for a person with a browser."""

from typing import Any

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from simulator.config import SimulatorConfig
from simulator.numbers import E164

# two that regulators keep for drama and a carrier's own service line: nobody's telephone, nor anybody's mailbox
_PHONES = (
    {"number": "+447700900123", "email": "uk@example.com", "language": "en", "owner": "UK"},
    {"number": "+12025550143", "email": "usa@example.com", "language": "en", "owner": "USA"},
    {"number": "+8613800138000", "email": "china@example.com", "language": "zh-CN", "owner": "中国"},
)
# `satisfied`: the share of a crowd that is content with the help; the switchboard alone knows it
AGENTS: tuple[dict[str, Any], ...] = (
    {"id": "101", "name": "Ada", "team": "Billing", "vendor": "In-house", "satisfied": 0.95},
    {"id": "102", "name": "Ben", "team": "Billing", "vendor": "Partner", "satisfied": 0.8},
    {"id": "201", "name": "Mei", "team": "Support", "vendor": "In-house", "satisfied": 0.9},
    {"id": "202", "name": "Noor", "team": "Support", "vendor": "Partner", "satisfied": 0.5},
)


def pages_room(config: SimulatorConfig) -> Blueprint:
    room = Blueprint("pages", __name__)

    @room.get("/")
    def switchboard() -> str:
        return render_template(
            "world.html", agents=AGENTS, phones=_PHONES, only=None, service_url=config.service_url
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
