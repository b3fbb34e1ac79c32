"""The page that shows the API to people: Swagger UI from an installed package, nothing from another host."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory
from werkzeug.exceptions import NotFound

# the package also carries builds and source maps that the page has no use for
_FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"})
# Swagger UI sets styles on elements; scripts and connections stay on this host
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_DAY = 86_400

blueprint = Blueprint("docs", __name__, url_prefix="/docs")


@blueprint.get("/")
def page() -> Response:
    response = make_response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    return response


@blueprint.get("/<path:filename>")
def file(filename: str) -> Response:
    if filename not in _FILES:
        raise NotFound
    folder = Path(str(files("flask_swagger_ui"))) / "dist"
    return send_from_directory(folder, filename, max_age=_DAY)
