"""Whatever is typed, at whatever point: no error, no value outside a scale, nobody opted out by a number."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import Keywords, Kind, Position, understand
from app.domain.questionnaire import QUESTIONS
from app.domain.text import clean
from app.wording.catalogue import LANGUAGES, keywords
from tests.domain.conversation import NOW, waiting_for

languages = st.sampled_from(LANGUAGES).map(keywords)

# any code point, surrogates and NUL included, and scraps of what people write, in any order
pieces = [
    "5",
    "10",
    "²",
    "٥",
    "5️⃣",
    "①",
    "五",
    "/",
    "/5",
    "-",
    " ",
    ",",
    "\n",
    "改",
    "I meant ",
    "满意",
    "不",
    "stop",
    "T",
]
pieces += [
    "退订",
    "我要退订",
    "very satisfied",
    "thanks",
    "分",
    "分钟",
    "很好",
    "terrible",
    "\ud83d",
    "\x00",
    "\u202e",
    "İ",
    "é",
    "¡",
    "ß",
    " von ",
    "baja",
    "très satisfait",
    "吧",
]
texts = st.one_of(
    st.text(st.characters(exclude_categories=())), st.lists(st.sampled_from(pieces), max_size=12).map("".join)
)


@st.composite
def positions(draw: st.DrawFn) -> Position:
    order = tuple(draw(st.permutations([*QUESTIONS])))[: draw(st.integers(0, 5))]
    scored = [key for key in order if QUESTIONS[key].scale]
    answered = {}
    for key in draw(st.lists(st.sampled_from(scored), unique=True)) if scored else []:
        scale = QUESTIONS[key].scale
        answered[key] = draw(st.integers(scale.low, scale.high)) if scale else 0
    asked = draw(st.none() | st.integers(-5, 600))
    return Position(
        order=order,
        answered=answered,
        skipped=frozenset(draw(st.sets(st.sampled_from([*QUESTIONS]), max_size=2))),
        current=draw(st.none() | st.sampled_from([*QUESTIONS, "unheard of"])),
        last_scored=draw(st.none() | st.sampled_from([*QUESTIONS, "unheard of"])),
        comment_asked_at=None if asked is None else NOW - timedelta(seconds=asked),
        now=NOW,
    )


@given(texts, positions(), languages)
def test_every_text_is_understood_as_something_that_fits(text: str, position: Position, words: Keywords):
    understood = understand(text, position, words)
    for question, value in understood.answers:
        scale = QUESTIONS[question].scale
        assert scale is not None
        assert value in scale
    asked = [question for question, _ in understood.answers]
    assert len(asked) == len(set(asked))
    assert (
        bool(asked) == (understood.kind in (Kind.ANSWERS, Kind.CORRECTION)) or understood.kind is Kind.OPT_OUT
    )
    if understood.kind is Kind.CORRECTION:
        assert asked == [position.last_scored]
    if understood.kind is Kind.UNCLEAR:
        assert position.current in QUESTIONS
        assert position.current != "comment"
    if understood.comment is not None:
        assert understood.comment == clean(understood.comment).strip()
        assert understood.comment in clean(text)


@given(st.integers(), positions(), languages)
def test_a_lone_number_never_opts_anybody_out(number: int, position: Position, words: Keywords):
    assert understand(str(number), position, words).kind is not Kind.OPT_OUT


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10)),
    st.sampled_from([" ", ",", ", ", "\n", " / "[:1], "；", "、", "  "]),
    languages,
)
def test_three_values_fill_three_questions(values: tuple[int, int, int], between: str, words: Keywords):
    understood = understand(between.join(map(str, values)), waiting_for("csat"), words)
    assert understood.answers == tuple(zip(("csat", "ownership", "nps"), values, strict=True))


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=5).filter(lambda values: len(values) != 3), languages
)
def test_another_count_of_values_fills_nothing(values: list[int], words: Keywords):
    assert understand(" ".join(map(str, values)), waiting_for("csat"), words).kind is Kind.UNCLEAR


@given(st.sampled_from([key for key in QUESTIONS if QUESTIONS[key].scale]), st.integers(-20, 120), languages)
def test_a_number_is_an_answer_exactly_when_it_is_on_the_scale(question: str, number: int, words: Keywords):
    position = waiting_for(question, order=(question,))
    scale = QUESTIONS[question].scale
    expected = ((question, number),) if scale is not None and number in scale else ()
    assert understand(str(number), position, words).answers == expected


@pytest.mark.parametrize(
    "scrap", ["改", "please ", "5 ", " ", "a\u0301\u0316", "我要退订宽带,", "stop texting m", "\ud800"]
)
@pytest.mark.parametrize("question", ["csat", "comment"])
def test_ten_megabytes_are_read_like_the_first_four_thousand_characters(scrap: str, question: str):
    text = scrap * (10_000_000 // len(scrap))
    position, words = waiting_for(question), keywords("zh")
    assert understand(text, position, words) == understand(text[:4000], position, words)
