"""Whatever arrives, from a telephone or through a form: kept as far as it can be, and never an error."""

import pytest

from app.errors import Invalid
from tests.flow.customer import Customer, asked
from tests.house import House

# an emoji of several, right-to-left marks, a combining accent, and what other programs would act on
SCRIPTS = (
    "谢谢 שלום \u202ereversed\u202c مرحبا नमस्ते e\u0301 "
    "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} \N{PERSON WITH FOLDED HANDS}\N{EMOJI MODIFIER FITZPATRICK TYPE-4} "
    "<script>alert(1)</script> '; drop table answer; --"
)
NUMBERS = ["²", "①", "5️⃣", "٥", "-1", "5/5", "五", "５", "½", "1e0", "9" * 5000]


def test_comments_keep_every_script_and_lose_what_cannot_be_stored(house: House) -> None:
    customer = asked(house)
    customer.types("5 5 9")
    customer.types(SCRIPTS)
    assert customer.words("comment") == SCRIPTS.replace("e\u0301", "\u00e9")
    customer.types("nul\x00 bell\x07 half\ud83d end")
    assert (customer.words("comment") or "").splitlines()[-1] == "nul bell half\ufffd end"


def test_ten_megabytes_are_cut(house: House) -> None:
    customer = asked(house)
    customer.types("5 5 9")
    customer.types("5 " + "長" * 10_000_000)
    assert len(customer.words("comment") or "") == 4000


def test_odd_digits_are_read_or_asked_again_and_never_an_error(house: House) -> None:
    account_id = house.account()
    scores = {}
    for index in range(len(NUMBERS)):
        phone = f"+4477009002{index:02}"
        house.hang_up(account_id, phone=phone)
    house.send()
    for index, text in enumerate(NUMBERS):
        customer = Customer(house, account_id, f"+4477009002{index:02}")
        customer.types(text)
        scores[text[:9]] = customer.scores.get("csat")
    assert scores == {
        "²": None,
        "①": 1,
        "5️⃣": 5,
        "٥": None,
        "-1": None,
        "5/5": 5,
        "五": 5,
        "５": 5,
        "½": None,
        "1e0": None,
        "9" * 9: None,
    }


def test_texts_without_a_word_answer_nothing(house: House) -> None:
    customer = asked(house)
    customer.types("\x00", "\ud83d", "\n\n", "\u202e", "\N{COLLISION SYMBOL}" * 2000)
    assert customer.scores == {}
    assert customer.understood() == ["unclear"] * 5


def test_a_form_takes_the_same_care(house: House) -> None:
    customer = asked(house, link=True)
    with pytest.raises(Invalid):
        customer.submits("長" * 5000, csat=5)
    customer.submits("nul\x00 half\ud83d end" + "長" * 1900, csat=5)
    assert customer.words("comment") == "nul half\ufffd end" + "長" * 1900, "cleaned, and never cut"
