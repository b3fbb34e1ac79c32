"""A survey is read and changed: a change is a new version."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.journey import contradictions
from app.domain.questionnaire import Survey
from app.errors import Conflict, Invalid, NotFound
from app.flow.pages import Page, position
from app.store.surveys import add_survey_version, current_survey, current_surveys


def read_survey(session: Session, *, account_id: UUID, key: str) -> dict[str, Any]:
    """{key, version, definition}. Raises NotFound."""
    survey = current_survey(session, account_id, key)
    if survey is None:
        raise NotFound(f"No survey {key!r}")
    return _view(survey)


def read_surveys(session: Session, *, account_id: UUID, cursor: list[Any] | None, limit: int) -> Page:
    """Each survey's current version, by key. Raises Invalid for a cursor of others."""
    after = None if cursor is None else position(cursor, str)[0]
    surveys = current_surveys(session, account_id, after=after, limit=limit + 1)
    shown = surveys[:limit]
    place = [shown[-1].key] if shown else cursor
    return Page([_view(survey) for survey in shown], place if len(surveys) > limit else None, place)


def write_survey(
    session: Session, *, account_id: UUID, key: str, definition: dict[str, Any]
) -> dict[str, Any]:
    """What `definition` leaves out stays as it is; in a new survey it takes its default.

    The same definition changes nothing. Raises Invalid for settings that contradict each other, and Conflict when
    another change came in between.
    """
    current = current_survey(session, account_id, key)
    before = current.definition() if current else {}
    wanted = Survey.from_definition(key, current.version + 1 if current else 1, before | definition)
    if problems := contradictions(wanted):
        raise Invalid("The survey could not be asked like this.", problems)
    if current is not None and current.definition() == wanted.definition():
        return _view(current)
    if not add_survey_version(session, account_id, wanted):
        raise Conflict("The survey was changed by somebody else at the same moment; read it and try again.")
    return _view(wanted)


def _view(survey: Survey) -> dict[str, Any]:
    return {"key": survey.key, "version": survey.version, "definition": survey.definition()}
