"""Splitting a text into sentences and quotations."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.sentences import split
from monitor.language.pack import LANGUAGES, load_pack
from tests.engine.factory import many

SPLITS = {
    # outcome: language, text with | where sentences part
    "full stops, question and exclamation marks": ("en", "It is so.| Is it?| It is!| Well"),
    "an abbreviation goes on": ("en", "It was No. 5 of the Corvane vs. Ambervale files.| It closed in Sept. 2024."),
    "an initial goes on": ("en", "The S. S. Ambervale sailed.| It sank."),
    "a dotted acronym goes on": ("en", "The U.S. Board said no.| Nobody asked."),
    "a decimal goes on": ("en", "It fell 3.5 per cent.| It rose 1,000.25 points."),
    "a web address goes on": ("en", "See corvane.example for more.| Or not."),
    "a small letter after a full stop goes on": ("en", "The so-called St. quay approx. doubled.| Then it fell."),
    "closing marks belong to the sentence": ("en", "“It is so.”| (It was.)| The end."),
    "the mark may stand behind the quotation": ("en", "They call it “a deal”.| It is none."),
    "several marks are one end": ("en", "What?!| Really...| Yes."),
    "an ellipsis before a small letter goes on": ("en", "It was... well, late.| So they left."),
    "a dash may begin the next": ("en", "It is so.| – The Board agrees."),
    "a line end is an end": ("en", "A headline without a mark|\nThe text begins.|\n\nAnd goes on"),
    "Russian": ("ru", "Сделки не будет.| В 2024 г. её отложили.| «Это не так».| Почему?"),
    "Russian initials and decimals": ("ru", "Рост на 3.5 млн. тонн за год.| Пароход С. С. Эмбервейл ушёл.| И всё"),
    "Ukrainian": ("uk", "Угоди не буде.| «Це не так!»| Чому?| Бо ні…"),
    "Korean": ("ko", "거래는 없다.| 3.5% 올랐다.| “사실이 아니다.”| 왜?"),
    "Chinese needs no space": ("zh", "交易不存在。|为什么？|不知道！|上涨3.5%。|完"),
    "Chinese closing marks belong to the sentence": ("zh", "“这不是事实。”|发言人离开。|「是吗？」|对"),
}


@pytest.mark.parametrize(("language", "marked"), SPLITS.values(), ids=SPLITS)
def test_a_text_parts_into_sentences(language: str, marked: str) -> None:
    text = marked.replace("|", "")
    assert [text[s.start : s.end] for s in split("text", text, load_pack(language))] == [part.strip() for part in marked.split("|")]


QUOTES = {
    "double quotes": ("en", 'They said "it is so" and left.', ["it is so"]),
    "curly quotes": ("en", "They said “it is so”.", ["it is so"]),
    "an apostrophe is no quote": ("en", "Corvane's and Ambervale’s yards aren’t “open”.", ["open"]),
    "a mark within a quotation of another kind": ("en", 'They call it “a "deal"”.', ['a "deal"']),
    "left open, it runs to the end of the paragraph": ("en", "They said: “it is so\nThe end.", ["it is so"]),
    "guillemets": ("ru", "Это «не так», и всё.", ["не так"]),
    "corner brackets": ("zh", "他们说「不是」。", ["不是"]),
    "none": ("en", "It is so.", []),
}


@pytest.mark.parametrize(("language", "text", "quoted"), QUOTES.values(), ids=QUOTES)
def test_quotations_are_found_without_their_marks(language: str, text: str, quoted: list[str]) -> None:
    assert [text[a:b] for s in split("text", text, load_pack(language)) for a, b in s.quotes] == quoted


def test_a_quotation_over_several_sentences_is_cut_to_each() -> None:
    text = "“It is so. It was so.” They left."
    shown = [[text[a:b] for a, b in s.quotes] for s in split("text", text, load_pack("en"))]
    assert shown == [["It is so."], ["It was so."], []]


def test_sentences_know_their_number_paragraph_and_whether_they_ask() -> None:
    sentences = split("text", "So it is. Is it?\n\n“Why?” Well.", load_pack("en"), index=3)
    assert [(s.index, s.paragraph, s.question) for s in sentences] == [(3, 0, False), (4, 0, True), (5, 1, True), (6, 1, False)]
    assert [s.field for s in sentences] == ["text"] * 4


MARKS = st.sampled_from("aB .!?…。！？\"'“”‘’«»「」()\n\t\u3000中한ё3,;:—")


@many
@given(st.sampled_from(LANGUAGES), st.text(MARKS | st.characters(exclude_categories=["Cs"]), max_size=200))
def test_sentences_are_in_order_and_hold_every_character_that_is_not_blank_once(language: str, text: str) -> None:
    sentences = split("text", text, load_pack(language))
    last = 0
    for number, sentence in enumerate(sentences):
        assert sentence.index == number
        assert last <= sentence.start < sentence.end <= len(text)
        assert not text[last : sentence.start].strip()
        assert text[sentence.start : sentence.end] == text[sentence.start : sentence.end].strip()
        assert all(sentence.start <= a <= b <= sentence.end for a, b in sentence.quotes)
        last = sentence.end
    assert not text[last:].strip()


@many
@given(st.text(MARKS, max_size=80), st.text(MARKS, max_size=80))
def test_a_paragraph_is_split_the_same_whatever_stands_in_the_next(first: str, second: str) -> None:
    pack = load_pack("en")
    alone = [(s.start, s.end, s.quotes) for s in split("text", first, pack)]
    together = [(s.start, s.end, s.quotes) for s in split("text", f"{first}\n\n{second}", pack)]
    assert together[: len(alone)] == alone


@pytest.mark.parametrize("unit", ['"', ".", '".', ". ", "a. ", "Aa. ", "“", "’", "。", "x", "\n", "a\n", "(", " "])
def test_garbage_is_split_in_bounded_time(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    began = time.process_time()
    split("text", text, load_pack("en"))
    assert time.process_time() - began < 5


def test_many_short_quotations_are_split_in_bounded_time() -> None:
    def seconds(count: int) -> float:
        began = time.process_time()
        split("text", '"Aa." ' * count, load_pack("en"))
        return time.process_time() - began

    # Three times the text must not take nine times as long.
    assert seconds(6000) < 5 * seconds(2000)
