"""Headers that a request's answer is to carry, whatever that answer will be: a result or a problem."""

from flask import Response, g


def announce(name: str, value: str) -> None:
    g.setdefault("announced", []).append((name, value))


def add_announced(response: Response) -> None:
    for name, value in g.get("announced", ()):
        response.headers.add(name, value)
