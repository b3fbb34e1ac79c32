import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.metrics import METRICS
from app.domain.scoring import Tally, add, score
from tests.domain.tallies import counted

CSAT = METRICS["csat"]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1.0, 2.5, 10.0])), max_size=30), st.integers(0, 30)
)
def test_tallies_of_parts_add_up_to_the_tally_of_all(answers: list[tuple[int, float]], cut: int) -> None:
    parts = [Tally.of(CSAT, answers[:cut]), Tally.of(CSAT, answers[cut:])]
    assert add(parts) == Tally.of(CSAT, answers)


def test_nothing_adds_up_to_nothing() -> None:
    assert add([]) == Tally()
    assert add([Tally(), counted(0, 0, 0, 0, 2)]).counts == (0, 0, 0, 0, 2)


def test_tallies_of_different_scales_do_not_add() -> None:
    with pytest.raises(ValueError, match="shorter"):
        add([counted(0, 0, 0, 0, 2), counted(1, 2, 3)])


def test_counts_of_another_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="csat has 5 values, not 3"):
        score(CSAT, counted(1, 2, 3))


def test_a_value_off_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="0 is not on the scale of csat"):
        Tally.of(CSAT, [(0, 1.0)])
