"""Results: scores with how far they may be relied on, and the responses and comments behind them."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.flow.read_results import answer_results, ask_results
from app.flow.set_rates import tells_rates
from app.web.api import examples
from app.web.api.agents import refuse_strangers
from app.web.api.blueprint import ApiBlueprint
from app.web.api.schemas.results import PeriodQuery, ResultsQuery, ResultsSchema
from app.web.auth import caller, require, visible_agent
from app.web.etags import conditional
from app.web.figures import REMEMBERED
from app.web.unit import unit_of_work

blueprint = ApiBlueprint(
    "results", __name__, url_prefix="/v1", description="Scores, per agent, team, vendor or queue"
)

_ETAG = {"ETag": {"description": "Send it back as If-None-Match", "schema": {"type": "string"}}}


def _results(query: dict[str, Any], group_by: str, of_agent: str | None = None) -> Response:
    with unit_of_work() as session:
        if of_agent is not None:
            refuse_strangers(session, of_agent)
        question = ask_results(
            session,
            account_id=caller().account_id,
            group_by=group_by,
            start=query.get("start"),
            end=query.get("end"),
            bucket=query["bucket"],
            agent_id=of_agent or visible_agent(),
            rates=tells_rates(session, caller().account_id, visible_agent()),
        )
        return conditional(question.tag, lambda: answer_results(session, question, REMEMBERED))


@blueprint.operation("GET", "/results")
@require("results:read", "results:self")
@blueprint.arguments(ResultsQuery, location="query")
@blueprint.response(200, ResultsSchema, example=examples.RESULTS, headers=_ETAG)
@blueprint.alt_response(304, description="Not changed since the ETag in If-None-Match", success=True)
def get_results(query: dict[str, Any]) -> Response:
    """Read results by agent, team, vendor or queue

    A call counts on the day on which it ended, in the account's time zone, and for the agent, team and vendor
    that it was reported with. A key that names an agent sees that agent's calls only; and where the survey has a
    quota, not how many of them were invited, nor rates.
    """
    return _results(query, query["group_by"])


@blueprint.operation("GET", "/agents/<agent:agent_id>/results", HTTPStatus.NOT_FOUND)
@require("results:read", "results:self")
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, ResultsSchema, example=examples.RESULTS, headers=_ETAG)
@blueprint.alt_response(304, description="Not changed since the ETag in If-None-Match", success=True)
def get_agent_results(query: dict[str, Any], agent_id: str) -> Response:
    """Read one agent's results"""
    return _results(query, "agent", agent_id)
