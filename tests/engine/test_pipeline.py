"""One article through all layers: nothing breaks it, every offset quotes the original, and what is beside the matter changes nothing."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.engine.pipeline import Reading, explain, read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article, Evidence, FieldName

AT = datetime(2024, 3, 1, tzinfo=UTC)
DENIAL = "Corvane denied that it will buy Ambervale."


def article(text: str = "", title: str = "", lang: str = "") -> Article:
    return Article(id="a", title=title, text=text, lang=lang, published_at=AT, fetched_at=AT)


def only(found: list[Reading]) -> Reading:
    (one,) = found
    return one


PARTS = [
    "Corvane", "Ambervale", "the Competition Board", "The Quayside Union", "Halden Advisers", "Harbour Gazette", "Northquay", "It", "they",
    "said that", "denied", "did not confirm", "according to", "confirmed by", "declined to comment", "’s denial", "whether", "not", "had",
    "will buy", "takeover", "will be closed", "stay open", "strike", "this", "previously", "now", "but", "and", "if", "false",
    "Корвейн", "Эмбервейл", "заявил, что", "не", "опроверг", "купит", "Минторг", "Ембервейл", "заперечив", "купить", "її",
    "코르베인은", "앰버베일을", "인수한다고", "부인했다", "밝혔다", "경쟁위원회에 따르면", "科维恩", "安伯维尔", "否认", "收购", "表示", "竞争委员会",
    ". ", "? ", ", ", ": ", " — ", "; ", "“", "”", '"', "«", "»", "「", "」", "。", "，", "\n", "\n\n", " ", "\u00ad", "\u0301", "\u200b", "😀", "𝐀",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=30).map(" ".join) | st.lists(
    st.sampled_from(PARTS), max_size=30
).map("".join)
LANGUAGES = st.sampled_from(["", "en", "ru", "uk", "ko", "zh", "ja", "xx"])
# The rulebook is read only, so that all examples may share it.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def assert_quotes(one: Evidence, source: Article) -> None:
    field = source.field(one.field)
    assert one.quote == field[one.start : one.end]
    assert one.quote
    if one.cue_start is not None and one.cue_end is not None:
        assert one.cue == field[one.cue_start : one.cue_end]
    else:
        assert one.cue == ""
    if one.speaker_start is not None and one.speaker_end is not None:
        assert 0 <= one.speaker_start < one.speaker_end <= len(field)
    assert one.speaker in source.title or one.speaker in source.text


@shared
@given(title=TEXTS, text=TEXTS, lang=LANGUAGES)
def test_any_text_is_read_and_every_offset_quotes_the_original(rulebook: Rulebook, title: str, text: str, lang: str) -> None:
    source = article(text, title, lang)
    for reading in read(source, rulebook):
        for evidence in reading.evidence:
            assert_quotes(evidence, source)
        for match in reading.matches:
            assert match.spans
            assert all(span.text == source.field(span.field)[span.start : span.end] for span in match.spans)
        assert len({e.id for e in reading.evidence}) == len({(e.claim, e.party, e.stance, e.when) for e in reading.evidence})


@shared
@given(title=st.text(), text=st.text(), lang=LANGUAGES)
def test_any_characters_at_all_are_read(rulebook: Rulebook, title: str, text: str, lang: str) -> None:
    explain(article(text, title, lang), rulebook)


@shared
@given(text=TEXTS, lang=LANGUAGES)
def test_reading_again_gives_the_same_and_explaining_gives_what_reading_gives(rulebook: Rulebook, text: str, lang: str) -> None:
    source = article(text, lang=lang)
    assert read(source, rulebook) == read(source, rulebook)
    explained = [one.reading for one in explain(source, rulebook)]
    assert [one for one in explained if one.matches or one.evidence] == read(source, rulebook)


FIELDS: list[FieldName] = ["title", "text"]


@pytest.mark.parametrize("field", FIELDS)
def test_speaker_cue_and_quote_stand_where_they_are_said_to(field: FieldName, rulebook: Rulebook) -> None:
    (evidence,) = only(read(article(**{field: f"  {DENIAL}"}), rulebook)).evidence
    assert (evidence.field, evidence.speaker, evidence.speaker_start, evidence.speaker_end) == (field, "Corvane", 2, 9)
    assert (evidence.cue, evidence.cue_start, evidence.cue_end) == ("denied", 10, 16)
    assert evidence.start == 2
    assert evidence.quote.startswith("Corvane denied that it will buy")
    assert (evidence.story, evidence.article, evidence.version, evidence.time) == ("merger", "a", 1, AT)
    assert evidence.rules == rulebook.stories["merger"].version
    assert any("denied" in step for step in evidence.why)


def test_offsets_count_from_the_original_behind_characters_that_are_dropped(rulebook: Rulebook) -> None:
    source = article("😀 Am\u00adber\u200bvale: no. Cor\u00advane denied that it will buy Am\u00adbervale.")
    (evidence,) = only(read(source, rulebook)).evidence
    assert evidence.speaker == "Cor\u00advane"
    assert_quotes(evidence, source)


def test_a_speaker_named_by_a_pronoun_has_offsets_that_quote_it_or_none(rulebook: Rulebook) -> None:
    source = article("The Quayside Union said that the port is busy. It denied that Northquay will be closed.")
    (evidence,) = only(read(source, rulebook)).evidence
    assert evidence.speaker_start is None or evidence.speaker == source.text[evidence.speaker_start : evidence.speaker_end]


UNRELATED = st.sampled_from(
    [
        "The weather will stay mild in the valley.",
        "Farmers said the harvest was good. Nobody denied it.",
        "“The concert was sold out,” the orchestra said!",
        "Is the museum open? Nobody knows.",
        "Погода будет тёплой.",
        "날씨가 좋다.",
        "天气很好。",
        "…",
    ]
)
STORIES = st.sampled_from(
    [
        DENIAL,
        "The Quayside Union said that Northquay will be closed. Corvane denied this.",
        "Corvane had previously denied that it will buy Ambervale.",
        "The Trade Ministry said that Corvane has confirmed the takeover of Ambervale.",
        "Quayside Union: strike at Northquay. Corvane declined to comment on the takeover of Ambervale.",
    ]
)


def gist(found: list[Reading], shift: int = 0) -> list[tuple[object, ...]]:
    """What was read, less what names the article's other content."""
    return [
        *((e.party, e.stance, e.claim, e.when, e.strength, e.speaker, e.cue, e.quote, e.start - shift) for r in found for e in r.evidence),
        *((m.rule, tuple((s.start - shift, s.text) for s in m.spans)) for r in found for m in r.matches),
    ]


@shared
@given(text=STORIES, other=UNRELATED)
def test_an_unrelated_paragraph_changes_nothing(rulebook: Rulebook, text: str, other: str) -> None:
    alone = gist(read(article(text, lang="en"), rulebook))
    assert alone
    assert gist(read(article(f"{text}\n\n{other}", lang="en"), rulebook)) == alone
    assert gist(read(article(f"{other}\n\n{text}", lang="en"), rulebook), shift=len(other) + 2) == alone


def test_a_text_that_names_nothing_of_a_story_has_no_reading(rulebook: Rulebook) -> None:
    assert read(article("The weather will stay mild.", "Weather"), rulebook) == []
    assert read(article(), rulebook) == []


@pytest.mark.parametrize("name", ["Corvane", "Корвейн", "코르베인", "科维恩"])
def test_a_name_is_matched_in_every_language(name: str, rulebook: Rulebook) -> None:
    both = {"Corvane": "Ambervale", "Корвейн": "Эмбервейл", "코르베인": "앰버베일", "科维恩": "安伯维尔"}
    (match,) = only(read(article(f"{name}, {both[name]}"), rulebook)).matches
    assert [span.text for span in match.spans] == [name, both[name]]


def test_a_language_that_is_not_read_is_matched_all_the_same(rulebook: Rulebook) -> None:
    reading = only(read(article("Corvane dementiert: kein takeover von Ambervale.", lang="de"), rulebook))
    assert [match.rule for match in reading.matches] == ["companies-together"]
    assert reading.evidence == ()


def test_another_version_of_an_article_has_matches_of_its_own_and_the_same_evidence_ids(rulebook: Rulebook) -> None:
    first = only(read(article(DENIAL), rulebook))
    second = only(read(article(DENIAL).model_copy(update={"version": 2}), rulebook))
    assert [e.id for e in first.evidence] == [e.id for e in second.evidence]
    assert [m.id for m in first.matches] != [m.id for m in second.matches]


@pytest.mark.parametrize(
    "unit", [f"{DENIAL} ", "Corvane said ", "buy Ambervale ", "Corvane, ", "“Corvane ", "this ", "科维恩收购", "코르베인은 "]
)
def test_repetition_is_read_in_bounded_time(unit: str, rulebook: Rulebook) -> None:
    began = time.process_time()
    read(article(unit * (20_000 // len(unit))), rulebook)
    assert time.process_time() - began < 5
