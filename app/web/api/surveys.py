"""Surveys: what is asked and when, as versioned data."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.domain.channel import Channel
from app.flow.preview import preview_survey
from app.flow.surveys import read_survey, read_surveys, write_survey
from app.web.api import examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.pages import PageQuery
from app.web.api.schemas.previews import PreviewQuery, PreviewSchema
from app.web.api.schemas.surveys import SurveyDefinitionSchema, SurveyPageSchema, SurveySchema
from app.web.auth import caller, require
from app.web.json import json_response
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint("surveys", __name__, url_prefix="/v1/surveys", description="What is asked, and when")


@blueprint.operation("GET", "")
@require("calls:read", "surveys:write")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SurveyPageSchema, example=examples.SURVEYS)
def list_surveys(query: dict[str, Any]) -> Response:
    """List surveys, each in its current version, by key"""
    cursor = services().cursors.read("surveys", query.get("cursor"))
    with unit_of_work() as session:
        page = read_surveys(session, account_id=caller().account_id, cursor=cursor, limit=query["limit"])
    return page_response("surveys", page)


@blueprint.operation("GET", "/<key:key>", HTTPStatus.NOT_FOUND)
@require("calls:read", "surveys:write")
@blueprint.response(200, SurveySchema, example=examples.SURVEY)
def get_survey(key: str) -> Response:
    """Read a survey's current version"""
    with unit_of_work() as session:
        survey = read_survey(session, account_id=caller().account_id, key=key)
    return json_response(survey)


@blueprint.operation("GET", "/<key:key>/preview", HTTPStatus.NOT_FOUND)
@require("calls:read", "surveys:write")
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.response(200, PreviewSchema, example=examples.PREVIEW)
def preview(query: dict[str, Any], key: str) -> Response:
    """See what a customer would see or hear

    Every text, question or line of a channel, word for word in the language asked for, with what a text costs in
    segments. Nothing is sent, and nobody is asked.
    """
    with unit_of_work() as session:
        shown = preview_survey(
            session,
            account_id=caller().account_id,
            key=key,
            channel=Channel(query["channel"]),
            language=query.get("language"),
            region=query.get("region"),
            transferred=query["transferred"],
            public_url=services().settings.public_url,
        )
    return json_response(shown)


@blueprint.operation("PUT", "/<key:key>", HTTPStatus.CONFLICT)
@require("surveys:write")
@blueprint.arguments(SurveyDefinitionSchema, example=examples.SURVEY_DEFINITION)
@blueprint.response(200, SurveySchema, example=examples.SURVEY)
def put_survey(definition: dict[str, Any], key: str) -> Response:
    """Change a survey

    Whatever is left out stays as it is; in a new survey it takes its default. A change makes a new version, and
    invitations keep the version that they were asked with; the same definition again changes nothing. New calls see
    it within seconds. Calls lead to the survey `default`; a survey of another key is kept and asks nobody as yet.
    """
    with unit_of_work() as session:
        survey = write_survey(session, account_id=caller().account_id, key=key, definition=definition)
    return json_response(survey)
