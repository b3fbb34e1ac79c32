"""The signed survey link: a plain form that works without scripts.

The token in the path is the capability: whoever has the link may answer, no cookie is involved, so another
site has nothing to forge a submission with and no CSRF token is needed. GET and HEAD record nothing, for mail
scanners and link previews open links that no customer has touched.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import TooManyRequests

from app.domain.questionnaire import QUESTIONS
from app.domain.text import ascii_int
from app.errors import Invalid
from app.flow.survey_page import SurveyPage, Taken, open_page, record_page
from app.web.unit import services, unit_of_work
from app.wording.catalogue import page_texts

MOST_WORDS = 2_000
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# what a radio button of ours never sends, so that the flow refuses it by name
_NO_VALUE = -1
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

blueprint = Blueprint("survey", __name__, url_prefix="/s")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """The form, with what stands so far."""
    with unit_of_work() as session:
        page = open_page(session, token)
    return _closed() if page is None else _form(page)


@blueprint.post("/<token>")
def submit(token: str) -> Response:
    """Take the form, say thanks and until when it may be changed; show it again when it can't be taken."""
    values = {key: _value(key) for key in QUESTIONS if QUESTIONS[key].scale and request.form.get(key)}
    comment = request.form.get("comment")
    try:
        with unit_of_work() as session:
            taken = record_page(session, token, values, comment)
    except Invalid as refused:
        return _form_again(token, values, comment, refused)
    services().ring()
    return _closed() if taken is None else _thanks(taken)


def _value(key: str) -> int:
    number = ascii_int(request.form[key])
    return _NO_VALUE if number is None else number


def _form(page: SurveyPage) -> Response:
    return _page("survey.html", HTTPStatus.OK, page, values=page.values, comment=page.comment, refused=())


def _form_again(token: str, values: dict[str, int], comment: str | None, refused: Invalid) -> Response:
    with unit_of_work() as session:
        page = open_page(session, token)
    if page is None:
        return _closed()
    return _page(
        "survey.html",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        page,
        values=values,
        comment=comment,
        refused=refused.fields,
    )


def _thanks(taken: Taken) -> Response:
    until = _written(taken.change_until, taken.page.language)
    return _page("survey_thanks.html", HTTPStatus.OK, taken.page, until=until)


def _page(template: str, status: HTTPStatus, page: SurveyPage, **content: object) -> Response:
    html = render_template(
        template,
        texts=page_texts(page.language),
        page=page,
        title=page_texts(page.language).title(page.brand, _written(page.called_at, page.language)),
        most_words=MOST_WORDS,
        **content,
    )
    return _html(html, status)


def _closed() -> Response:
    """For wrong and for expired links alike, to the last byte: neither says whether a link ever existed."""
    language = request.accept_languages.best_match(["en", "zh"]) or "en"
    page = render_template("survey_closed.html", texts=page_texts(language))
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
    response.vary.add("Accept-Language")
    return response


def _written(moment: datetime, language: str) -> str:
    """Date and time as its readers write them, whatever the server's locale is."""
    if page_texts(language).language.startswith("zh"):
        return f"{moment.month}月{moment.day}日{moment:%H:%M}"
    return f"{moment.day} {_MONTHS[moment.month - 1]}, {moment:%H:%M}"
