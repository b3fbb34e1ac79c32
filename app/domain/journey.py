"""What a survey's definition may not say, and where it says it."""

from app.domain.channel import Channel
from app.domain.questionnaire import QUESTIONS, Survey

_ORDERS = ("order_sms", "order_sms_china", "order_page", "order_ivr")


def contradictions(survey: Survey) -> dict[str, str]:
    """Place (names and numbers joined by dots) -> what is wrong there. Empty for a survey that can be asked."""
    return {**_of_channels(survey), **_of_orders(survey), **_of_conditions(survey)}


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
