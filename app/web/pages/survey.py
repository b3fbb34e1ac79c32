"""The signed survey link: a form that works without scripts, and keeps each answer as it is given with them.

The token in the path is the capability: whoever has the link may answer, no cookie is involved, so another
site has nothing to forge a submission with and no CSRF token is needed. GET and HEAD record nothing, for mail
scanners and link previews open links that no customer has touched; a score in the link is only chosen on the form.
"""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from app.domain.questionnaire import QUESTIONS
from app.domain.text import ascii_int
from app.errors import Invalid
from app.flow.survey_page import MOST_WORDS, SurveyPage, open_page, record_page
from app.web.pages.survey_view import shown
from app.web.unit import services, unit_of_work
from app.wording.catalogue import page_texts
from app.wording.languages import first_spoken

_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
# what a radio button of ours never sends, so that the flow refuses it by name
_NO_VALUE = -1

blueprint = Blueprint("survey", __name__, url_prefix="/s")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """The form with what stands so far, or thanks where it was sent."""
    with unit_of_work() as session:
        page = open_page(session, token)
    if page is None:
        return _closed()
    chosen = {**page.values, **_chosen(page)}
    just_sent = "sent" in request.args and bool(page.values or page.comment)
    # who comes by another score of the same mail has something to change
    if chosen == page.values and (page.finished or just_sent):
        return _page("survey_thanks.html", page, page.values, page.comment, just_sent=just_sent)
    return _page("survey.html", page, chosen, page.comment)


@blueprint.post("/<token>")
def submit(token: str) -> Response:
    """Take the form and go on to the thanks; show it again when it can't be taken.

    With `part` in it, it is what the page's script keeps while the customer is still answering: no page is shown.
    """
    values = {key: _value(key) for key in QUESTIONS if QUESTIONS[key].scale and request.form.get(key)}
    is_part = "part" in request.form
    try:
        with unit_of_work() as session:
            is_taken = record_page(session, token, values, _comment(), sent=not is_part)
    except Invalid as refused:
        if is_part:
            return _html("", HTTPStatus.UNPROCESSABLE_ENTITY)
        return _form_again(token, values, refused)
    if not is_taken:
        return _closed()
    services().ring()
    if is_part:
        return _html("", HTTPStatus.NO_CONTENT)
    # to be looked at, so that neither going back nor reloading sends the form again
    return _with_policy(make_response(redirect(url_for(".show", token=token, sent=1), HTTPStatus.SEE_OTHER)))


def _chosen(page: SurveyPage) -> dict[str, int]:
    """The scores in the link that are scores of this survey."""
    given = {key: ascii_int(request.args[key]) for key in page.questions if key in request.args}
    return {
        key: value
        for key, value in given.items()
        if value is not None and (scale := QUESTIONS[key].scale) and value in scale
    }


def _value(key: str) -> int:
    number = ascii_int(request.form[key])
    return _NO_VALUE if number is None else number


def _comment() -> str | None:
    """An empty field takes a comment back only where the form had shown one: a page that lay open since before
    the comment was written knows nothing of it."""
    comment = request.form.get("comment")
    return comment if comment or "comment_stood" in request.form else None


def _form_again(token: str, values: dict[str, int], refused: Invalid) -> Response:
    with unit_of_work() as session:
        page = open_page(session, token)
    if page is None:
        return _closed()
    mistakes = {key: _mistake(page, key, values) for key in refused.fields}
    comment = request.form.get("comment", page.comment)
    return _page(
        "survey.html", page, values, comment, status=HTTPStatus.UNPROCESSABLE_ENTITY, mistakes=mistakes
    )


def _mistake(page: SurveyPage, key: str, values: dict[str, int]) -> str:
    texts = page_texts(page.language)
    if key == "comment":
        return texts.too_long(MOST_WORDS)
    return texts.wrong if key in values else texts.choose


def _page(
    template: str,
    page: SurveyPage,
    values: Mapping[str, int],
    comment: str | None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    mistakes: dict[str, str] | None = None,
    just_sent: bool = False,
) -> Response:
    return _html(
        render_template(
            template,
            **shown(page, values, comment),
            address=request.path,
            mistakes=mistakes or {},
            just_sent=just_sent,
        ),
        status,
    )


def _closed() -> Response:
    """For wrong and for expired links alike, to the last byte: neither says whether a link ever existed."""
    texts = page_texts(first_spoken(request.accept_languages.values()))
    page = render_template("survey_closed.html", texts=texts, heading=texts.closed)
    try:
        services().failure_limit.note(request.remote_addr)
    except TooManyRequests as refused:
        page = render_template("survey_closed.html", texts=texts, heading=texts.too_many)
        response = _html(page, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    return _html(page, HTTPStatus.NOT_FOUND)


def _html(html: str, status: HTTPStatus) -> Response:
    return _with_policy(make_response(html, status))


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.vary.add("Accept-Language")
    return response
