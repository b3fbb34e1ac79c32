"""Which language a customer is spoken to in."""

import pytest

from app.wording.catalogue import LANGUAGES, catalogue, choose_language
from app.wording.languages import first_spoken


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(("zh", "zh"), ("zh-CN", "zh"), ("zh-Hans-CN", "zh"), ("ZH_cn", "zh"), ("zh-SG", "zh")),
        *(("cmn", "zh"), ("cmn-Hans-CN", "zh"), ("zh-Hans-HK", "zh"), ("yue-CN", "zh")),
        *(("zh-TW", "zh-Hant"), ("zh_hk", "zh-Hant"), ("zh-MO", "zh-Hant"), ("zh-Hant", "zh-Hant")),
        *(("zh-Hant-TW", "zh-Hant"), ("cmn-Hant-TW", "zh-Hant"), ("zh-Hant-CN", "zh-Hant")),
        *(("yue", "zh-Hant"), ("yue-HK", "zh-Hant")),
        *(("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("es", "es"), ("es-419", "es"), ("spa", "es")),
        *(("fr-CA", "fr"), ("fr", "fr"), ("de-AT", "de"), ("DE_ch", "de"), ("ger", "de")),
        *(("pt-BR", "en"), ("zhx", "en"), ("", "en"), (None, "en"), ("-", "en"), ("Hant", "en")),
    ],
)
def test_the_calls_language_decides(tag, language):
    assert choose_language(tag) == language


def test_the_accounts_language_stands_in_for_one_that_we_do_not_speak():
    assert choose_language(None, "zh-CN") == "zh"
    assert choose_language("pt-BR", "zh-TW") == "zh-Hant"
    assert choose_language("it", "es-MX") == "es"
    assert choose_language("en-US", "zh") == "en"
    assert choose_language("pt", "it") == "en"


def test_a_reader_gets_the_first_language_of_theirs_that_we_speak():
    assert first_spoken(["pt-BR", "zh-TW", "en"]) == "zh-Hant"
    assert first_spoken(["de-CH", "fr"]) == "de"
    assert first_spoken(["*"]) == first_spoken([]) == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_invitations_keep_is_found_again(language):
    assert choose_language(language) == language
    assert catalogue(language).language == language
