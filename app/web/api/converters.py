"""Path parts that are somebody's identifiers: what can't be one is simply not found."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from app.web.api.fields import ID_LENGTH, Identifier
from app.web.api.schemas.surveys import SURVEY_KEY

_LONGEST_PERSON = 330  # an email address, and what says that it is one


class SurveyKeyConverter(BaseConverter):
    regex = SURVEY_KEY.strip("^$")


class AgentIdConverter(BaseConverter):
    """An agent's id as the platform writes it; an extension may hold slashes (SIP/101)."""

    part_isolating = False
    regex = rf"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]{{0,{ID_LENGTH - 1}}}?"
    weight = 200


class PersonConverter(BaseConverter):
    """`ref:C-20931`, `+12025550142` or `pat@example.com`; a ref may hold slashes."""

    part_isolating = False
    regex = rf"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]{{0,{_LONGEST_PERSON - 1}}}?"
    weight = 200


def _survey_key(_: BaseConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": SURVEY_KEY}


def _agent_id(_: BaseConverter) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": ID_LENGTH, "pattern": Identifier.PATTERN}


def _person(_: BaseConverter) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": _LONGEST_PERSON, "pattern": Identifier.PATTERN}


def add_converters(app: Flask, api: Api) -> None:
    for name, converter, documented in (
        ("key", SurveyKeyConverter, _survey_key),
        ("agent", AgentIdConverter, _agent_id),
        ("person", PersonConverter, _person),
    ):
        app.url_map.converters[name] = converter
        api.register_converter(converter, documented)
