"""The unsubscribe link of a mail, for mail clients (RFC 8058, one click) and for people.

GET and HEAD change nothing, for scanners open every link. The POST of a mail client comes without a cookie and from
nowhere, so none is asked for; it names itself by `List-Unsubscribe=One-Click`, as the page's own button does.
"""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import TooManyRequests

from app.db import run_unit
from app.flow.unsubscribe import UnsubscribePage, open_unsubscribe, unsubscribe
from app.web.unit import services, unit_of_work
from app.wording.catalogue import mail_texts, page_texts
from app.wording.languages import first_spoken

_FIELD, _VALUE = "List-Unsubscribe", "One-Click"
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

blueprint = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """A page with one button."""
    with unit_of_work() as session:
        page = open_unsubscribe(session, token)
    return _closed() if page is None else _page(page, HTTPStatus.OK, is_done=False)


@blueprint.post("/<token>")
def submit(token: str) -> Response:
    """Take the no; anything but the one click shows the page again."""
    if request.form.get(_FIELD, "").strip() != _VALUE:
        with unit_of_work() as session:
            page = open_unsubscribe(session, token)
        return _closed() if page is None else _page(page, HTTPStatus.UNPROCESSABLE_ENTITY, is_done=False)
    # mail clients don't ask twice
    page = run_unit(services().sessions, unsubscribe, token)
    return _closed() if page is None else _page(page, HTTPStatus.OK, is_done=True)


def _page(page: UnsubscribePage, status: HTTPStatus, *, is_done: bool) -> Response:
    html = render_template(
        "mail_unsubscribe.html",
        texts=page_texts(page.language),
        mail=mail_texts(page.language),
        brand=page.brand,
        is_done=is_done,
        field=_FIELD,
        value=_VALUE,
    )
    return _html(html, status)


def _closed() -> Response:
    """For wrong links and those that are gone alike, to the last byte."""
    language = first_spoken(request.accept_languages.values())
    texts = page_texts(language)
    page = render_template("survey_closed.html", texts=texts, heading=texts.closed)
    try:
        services().failure_limit.note(request.remote_addr)
    except TooManyRequests as refused:
        response = _html(page, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    return _html(page, HTTPStatus.NOT_FOUND)


def _html(html: str, status: HTTPStatus) -> Response:
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # the address is a secret of the customer's
    response.headers["Referrer-Policy"] = "no-referrer"
    response.vary.add("Accept-Language")
    return response
