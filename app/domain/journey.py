"""What a survey's definition may not say, and where it says it."""

from app.domain.channel import Channel
from app.domain.conditions import common, covers, has_one_of
from app.domain.questionnaire import QUESTIONS, Survey

_ORDERS = ("order_sms", "order_sms_china", "order_page", "order_ivr")


def contradictions(survey: Survey) -> dict[str, str]:
    """Place (names and numbers joined by dots) -> what is wrong there. Empty for a survey that can be asked."""
    return {
        **_of_channels(survey),
        **_of_orders(survey),
        **_of_conditions(survey),
        **_of_calls(survey),
    }


def _of_channels(survey: Survey) -> dict[str, str]:
    problems = {}
    channels = [way.channel for way in survey.channels]
    if not channels:
        problems["channels"] = "Name at least one channel."
    elif set(channels) == {Channel.IVR}:
        problems["channels"] = "Nobody can be asked by ivr alone: it needs customers who stay on the line."
    for place, way in enumerate(survey.channels):
        if way.channel in channels[:place]:
            problems[f"channels.{place}"] = "Name each channel once."
        elif survey.delay(way) >= survey.send_within_seconds:
            where = "delay_seconds" if way.channel is Channel.SMS and way.delay_seconds is None else None
            problems[where or f"channels.{place}.delay_seconds"] = "Must be shorter than send_within_seconds."
    return problems


def _of_orders(survey: Survey) -> dict[str, str]:
    problems = {}
    for name in _ORDERS:
        order: tuple[str, ...] = getattr(survey, name)
        if len(set(order)) != len(order):
            problems[name] = "Ask each question once."
        elif not order or QUESTIONS[order[0]].metric is None:
            problems[name] = "Begin with a scored question."
        elif order[0] in survey.only_if:
            problems[name] = "Begin with a question that is always asked."
        elif "comment" in order[:-1]:
            problems[name] = "Ask for the comment last: whatever comes after it is taken for more of it."
    return problems


def _of_conditions(survey: Survey) -> dict[str, str]:
    problems = {}
    for question, condition in survey.only_if.items():
        for on, answers in condition.items():
            place = f"only_if.{question}.{on}"
            scale = QUESTIONS[on].scale
            if scale is None:
                problems[place] = "A question in words decides nothing."
            elif not answers or any(answer not in scale for answer in answers):
                problems[place] = f"Name numbers from {scale.low} to {scale.high}."
            for name in _ORDERS:
                order = getattr(survey, name)
                if question in order[1:] and on not in order[: order.index(question)]:
                    problems[place] = f"{on} does not come before {question} in {name}."
    return problems


def _of_calls(survey: Survey) -> dict[str, str]:
    """Of the conditions on a call: which of them can't be met, or would never matter."""
    problems = {}
    for setting in ("directions", "queues", "not_queues", "tags", "not_tags"):
        names: tuple[str, ...] = getattr(survey, setting)
        for place, name in enumerate(names):
            if not name.strip():
                problems[f"{setting}.{place}"] = "Must not be empty."
            elif common(names[:place], [name]):
                problems[f"{setting}.{place}"] = "Name each once."
            elif setting.endswith("queues") and "*" in name.strip()[:-1]:
                problems[f"{setting}.{place}"] = (
                    "A * stands at the end: sales-* is every queue that begins so."
                )
    return {**problems, **_never_met(survey), **_of_attributes(survey)}


def _never_met(survey: Survey) -> dict[str, str]:
    problems = {}
    for place, queue in enumerate(survey.queues):
        if unwanted := next((one for one in survey.not_queues if covers(one, queue)), None):
            problems[f"queues.{place}"] = f"not_queues has {unwanted}: nobody would be asked after its calls."
    for place, tag in enumerate(survey.tags):
        if common(survey.not_tags, [tag]):
            problems[f"tags.{place}"] = "not_tags has it too: nobody would be asked for it."
    return problems


def _of_attributes(survey: Survey) -> dict[str, str]:
    problems = {}
    for name, values in survey.attributes.items():
        if not name.strip():
            problems[f"attributes.{name}"] = "Must not be empty."
        for place, value in enumerate(values):
            if has_one_of(values[:place], value):
                problems[f"attributes.{name}.{place}"] = "Name each value once."
    return problems
