"""What a customer, simulated or real, takes a text to ask for."""

import pytest

from app.wording.catalogue import LANGUAGES
from app.wording.catalogue import catalogue as catalogue_of
from simulator.questions import asked

SCALES = {
    "csat": "1_5",
    "ownership": "1_5",
    "nps": "0_10",
    "fcr": "1_3",
    "ces": "1_7",
    "reason": "1_6",
    "comment": "words",
}
TEXTS = [(catalogue, name) for catalogue in map(catalogue_of, LANGUAGES) for name in catalogue.texts]


@pytest.mark.parametrize(
    ("catalogue", "name"), TEXTS, ids=[f"{catalogue.language} {name}" for catalogue, name in TEXTS]
)
def test_every_text_of_the_service_is_read_as_what_it_asks(catalogue, name) -> None:
    text = catalogue.texts[name].format(
        brand="Acme 24", opt_out="STOP to opt out", hotline="+1 500 555 0100", noted="5"
    )
    purpose, _, rest = name.partition("_")
    expected = SCALES[rest.split(".")[0].split("_")[0]] if purpose in {"ask", "repeat"} else None
    assert asked(text) == expected
