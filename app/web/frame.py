"""The HTTP service without its doors: how bodies are read, errors told, requests watched, the API documented."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.flow.accounts import SCOPES
from app.web import docs, health
from app.web.about import about
from app.web.access import watch_requests
from app.web.api.converters import add_converters
from app.web.json import OrjsonProvider
from app.web.problems import ProblemApi, answer_with_problems
from app.web.unit import EXTENSION, Services


class _Service(Flask):
    """Whether each function is a coroutine is asked eleven times in a request, and none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def make_frame(services: Services) -> tuple[Flask, ProblemApi]:
    """A Flask application with health, metrics and the API's page, and the Api to register blueprints with."""
    app = _Service("app.web")
    app.extensions[EXTENSION] = services
    app.json = OrjsonProvider(app)
    app.config.update(
        MAX_CONTENT_LENGTH=services.settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=services.settings.max_body_bytes,
        API_TITLE="Postcall",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        API_SPEC_OPTIONS={
            "info": {"description": about(services.settings.api_requests_per_minute)},
            "servers": [{"url": "/"}],
        },
    )
    # a redirect to a tidied path would answer a POST with 308, and repeat an address out of the request
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    watch_requests(app)
    answer_with_problems(app)
    api = ProblemApi(app)
    add_converters(app, api)
    scopes = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in SCOPES.items())
    api.spec.components.security_scheme(
        "apiKey",
        {
            "type": "http",
            "scheme": "bearer",
            "description": f"An API key, `pc_...`. Each key has some of these scopes:\n\n{scopes}",
        },
    )
    app.register_blueprint(health.blueprint)
    app.register_blueprint(docs.blueprint)
    return app, api
