"""What may be pressed or said on the telephone, question by question."""

from collections.abc import Mapping

from app.domain.elsewhere import ONE_IS_BEST, read_key
from app.domain.keywords import Keywords
from app.domain.questionnaire import ONE_TO_FIVE, QUESTIONS, Scale

FIVE_IS_BEST = ONE_TO_FIVE.id

__all__ = ["FIVE_IS_BEST", "ONE_IS_BEST", "answer_keys", "key_scales", "spoken_answers"]

_SCALES: Mapping[str, Scale] = {
    key: question.scale for key, question in QUESTIONS.items() if question.scale is not None
}


def answer_keys(scale: str) -> dict[str, dict[str, int]]:
    """Question -> what is pressed -> value. `scale`: which end of 1 to 5 callers of this language expect."""
    return {
        question: {
            str(key): read_key(question, key, scale)[0] for key in range(on_paper.low, on_paper.high + 1)
        }
        for question, on_paper in _SCALES.items()
    }


def key_scales(scale: str) -> dict[str, str]:
    """Question -> the id of the scale on which its keys are read, to be kept with the answer."""
    return {question: read_key(question, on_paper.low, scale)[1] for question, on_paper in _SCALES.items()}


def spoken_answers(keys: Mapping[str, Mapping[str, int]], words: Keywords) -> dict[str, dict[str, int]]:
    """Question -> what is said -> value. A number said is the key of that name: "one" is what 1 would be."""
    return {
        question: {
            **{
                word: pressed[str(number)] for word, number in words.numbers.items() if str(number) in pressed
            },
            **pressed,
            **words.labels.get(question, {}),
        }
        for question, pressed in keys.items()
    }
