"""A customer is asked, understood and thanked in the language of the call."""

import pytest

from app.wording.catalogue import page_texts
from tests.flow.customer import asked
from tests.house import House

SINGAPORE = "+6591234567"


@pytest.mark.parametrize(
    ("tag", "kept", "replies", "shown"),
    [
        ("zh-TW", "zh-Hant", ("非常滿意", "4", "十", "很耐心"), ("【Acme】您剛才來電，", "【Acme】已記錄，")),
        (
            "es-MX",
            "es",
            ("Muy satisfecha", "cuatro", "10 de 10", "Muy amable"),
            ("Acme: Gracias por", "Acme: Gracias"),
        ),
        (
            "fr_CA",
            "fr",
            ("tres satisfait", "quatre", "dix", "Très aimable"),
            ("Acme: Merci de votre", "Acme: Merci"),
        ),
        (
            "de-AT",
            "de",
            ("sehr zufrieden", "vier", "zehn", "Sehr nett"),
            ("Acme: Danke für Ihren", "Acme: Vielen"),
        ),
    ],
)
def test_a_whole_survey_in_the_language_of_the_call(
    house: House, tag: str, kept: str, replies: tuple[str, ...], shown: tuple[str, str]
) -> None:
    customer = asked(house, phone=SINGAPORE, call={"language": tag}, comment_quiet_seconds=0)
    customer.says(*replies)
    assert customer.phone_shows[0].startswith(shown[0])
    assert customer.newest.startswith(shown[1])
    assert customer.scores == {"csat": 5, "ownership": 4, "nps": 10}
    assert customer.words("comment") == replies[-1]
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.language, invitation.state) == (kept, "finished")


def test_effort_and_the_main_reason_are_asked_and_answered_in_words(house: House) -> None:
    customer = asked(house, call={"language": "de"}, order_sms=("csat", "ces", "reason"))
    customer.says("2", "sehr schwierig", "Wartezeit")
    assert customer.scores == {"csat": 2, "ces": 1, "reason": 3}
    assert page_texts("de").options("reason")[2] == (3, "Wartezeit")


def test_a_number_that_is_two_numbers_is_asked_again_in_the_customers_language(house: House) -> None:
    customer = asked(house, call={"language": "fr"}, order_sms=("csat", "ownership"))
    customer.says("4,5")
    assert customer.newest.startswith("Désolés, nous n'avons pas compris.")
    assert customer.scores == {}
