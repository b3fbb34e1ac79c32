import pytest

from simulator.segments import count_segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro sign's two septets don't fit into the first part
        ("满" * 70, 1),
        ("满" * 71, 2),
        ("满" * 134, 2),
        ("满" * 135, 3),
        ("😀" * 35, 1),
        ("满" * 66 + "😀" + "满" * 66, 3),  # nor are the emoji's two units split
        ("a" * 70 + "’", 2),  # one curly quote makes it all UCS-2
        ("¡Ñandú à Ørsted? Ω", 1),
    ],
)
def test_parts_of_a_text(text: str, parts: int) -> None:
    assert count_segments(text) == parts
