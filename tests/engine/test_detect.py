"""The language of a text: by its script, then by letters that only one language has, then by what is declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.detect import detect
from tests.engine.factory import many

TEXTS = {
    # outcome: text, declared, language
    "Latin letters": ("The deal is off.", "", "en"),
    "Latin letters, declared as another language of that script": ("Der Handel ist geplatzt.", "de", "de"),
    "Latin letters, declared as a language of another script": ("The deal is off.", "ru", "en"),
    "a region is left aside": ("The deal is off.", "en-GB", "en"),
    "an underscore and capitals too": ("Le marché", "FR_fr", "fr"),
    "letters that only Russian has": ("Это объявили мы", "", "ru"),
    "letters that only Ukrainian has": ("Її угода", "", "uk"),
    "Russian letters against the declaration": ("Объявлены цены", "uk", "ru"),
    "Ukrainian letters against the declaration": ("Угоди немає її", "ru", "uk"),
    "Cyrillic letters of both, as declared": ("Порт закрито", "uk", "uk"),
    "Cyrillic letters of both, undeclared": ("Порт", "", "ru"),
    "Cyrillic letters of both, declared as English": ("Порт", "en", "ru"),
    "Cyrillic of another language": ("Пристанище", "bg", "bg"),
    "Hangul": ("거래는 없다", "", "ko"),
    "Hangul against the declaration": ("거래는 없다", "en", "ko"),
    "Hangul with Latin names": ("Corvane과 Ambervale의 거래는 없다고 밝혔다", "", "ko"),
    "Han": ("交易不存在", "", "zh"),
    "Han with a Latin name": ("Corvane公司否认收购安伯维尔", "", "zh"),
    "kana": ("取引はないと述べた", "", "ja"),
    "Han, declared as Japanese, without kana": ("交易不存在", "ja", "zh"),
    "English with a foreign name": ("The ship 安伯 sailed from the port", "", "en"),
    "Russian with Latin names": ("Corvane и Ambervale объявили о сделке, это был порт", "", "ru"),
    "no letters, declared": ("2024: 3.5%", "ko", "ko"),
    "no letters, undeclared": ("2024: 3.5%", "", ""),
    "nothing": ("", "", ""),
}


@pytest.mark.parametrize(("text", "declared", "language"), TEXTS.values(), ids=TEXTS)
def test_detection(text: str, declared: str, language: str) -> None:
    assert detect(text, declared) == language


@many
@given(st.text(), st.sampled_from(["", "en", "ru", "uk", "ko", "zh", "ja", "de", "xx-YY", "?"]))
def test_any_text_has_a_language_or_none(text: str, declared: str) -> None:
    assert detect(text, declared) == detect(text, declared.upper())


@many
@given(
    st.text(alphabet=st.characters(categories=["Nd", "Po", "Zs", "Sm"])),
    st.sampled_from(["ru", "uk", "ko"]),
    st.sampled_from(["Её съезд", "Її з'їзд"]),
)
def test_digits_and_marks_say_nothing(marks: str, declared: str, letters: str) -> None:
    assert detect(f"{letters} {marks}", declared) == detect(letters, declared)
