"""Which articles are copies, and what follows: ten reprints are one voice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.copies import Copies, sketch
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.model import Alert, Article, Evidence, MovedBy, Strength
from tests.engine.factory import CLAIMS, StanceName, article, evidence, few, hour, many, moved_by, reading, story

AGENCY = {
    "en": "The buyer said on Monday that the sale of the mill had been agreed with its owners. A spokesman for the union said that nobody had "
    "asked the workers. The mill has stood by the river since 1911 and employs about four hundred people from the town.",
    "ru": "Покупатель заявил в понедельник, что продажа комбината согласована с его владельцами. Представитель профсоюза сказал, что рабочих "
    "никто не спрашивал. Комбинат стоит у реки с 1911 года, на нём работают около четырёхсот жителей города.",
    "uk": "Покупець заявив у понеділок, що продаж комбінату узгоджено з його власниками. Представник профспілки сказав, що робітників ніхто не "
    "питав. Комбінат стоїть біля річки з 1911 року, на ньому працюють близько чотирьохсот мешканців міста.",
    "ko": "매수인은 월요일 공장 매각이 소유주들과 합의되었다고 밝혔다. 노동조합 대변인은 아무도 노동자들에게 묻지 않았다고 말했다. 공장은 1911년부터 강가에 "
    "서 있으며 마을 주민 약 사백 명이 그곳에서 일하고 있다.",
    "zh": "买方周一表示，工厂的出售已经与业主达成一致。工会发言人说，没有人问过工人的意见。这家工厂自一九一一年起就坐落在河边，镇上约有四百人在那里工作。",
}
OTHER = {
    "en": "Nobody asked us, a union spokesman told reporters after the buyer announced on Monday that it would take over the old mill by the "
    "river, where some four hundred townspeople earn their living.",
    "ru": "Нас не спросили, сказал журналистам представитель профсоюза после того, как в понедельник покупатель объявил, что забирает старый "
    "комбинат у реки, где трудятся примерно четыреста горожан.",
    "uk": "Нас не питали, сказав журналістам речник профспілки, коли в понеділок покупець оголосив, що забирає старий комбінат над річкою, де "
    "заробляють на життя майже чотириста містян.",
    "ko": "우리에게 묻지 않았다고 노조 관계자가 기자들에게 전했다. 매수인이 월요일 강변의 오래된 공장을 인수한다고 발표한 뒤였으며, 그 공장에는 사백여 명의 주민이 근무한다.",
    "zh": "工会一位负责人对记者抱怨，事先谁也没有来征求职工的看法；此前买方在周一宣布接手河边的老厂，镇里四百来人靠它谋生。",
}


def written(name: str, text: str, at: float = 0, title: str = "") -> Article:
    return article(name, at).model_copy(update={"text": text, "title": title or f"Title of {name}", "outlet": name})


def copies(*articles: Article) -> Copies:
    made = Copies()
    for one in articles:
        made.put(one.id, one.order, sketch(one))
    return made


@pytest.mark.parametrize("lang", AGENCY)
@pytest.mark.parametrize(
    ("change", "copied"),
    [
        (lambda lang: AGENCY[lang], True),
        (lambda lang: AGENCY[lang].upper(), True),
        (lambda lang: f"GAZETTE — {AGENCY[lang]} (Agency)", True),
        (lambda lang: AGENCY[lang][: len(AGENCY[lang]) * 3 // 4], True),
        (lambda lang: OTHER[lang], False),
    ],
    ids=["word for word", "in capitals", "with marks of its own", "cut", "a report of its own"],
)
def test_a_reprint_is_a_copy_and_an_independent_report_is_not(lang: str, change: object, copied: bool) -> None:
    assert callable(change)
    found = copies(written("first", AGENCY[lang]), written("second", change(lang), 3))
    assert found.origin("second") == ("first" if copied else "second")


@pytest.mark.parametrize(("hours", "copied"), [(0, True), (23.9, True), (24, False), (48, False), (-3, False)])
def test_copies_lie_less_than_a_day_apart_and_the_earlier_is_the_origin(hours: float, copied: bool) -> None:
    found = copies(written("first", AGENCY["en"]), written("second", AGENCY["en"], hours))
    assert found.origin("second") == ("first" if copied else "second")


def test_a_text_of_few_words_is_nobodys_copy_but_by_its_title() -> None:
    brief = [written(name, "Read more.", title=title) for name, title in (("a", "The sale is off"), ("b", "The sale is off"))]
    assert copies(*brief).origin("b") == "b"
    title = "The sale of the mill by the river is off, says the buyer"
    assert copies(written("a", "", title=title), written("b", "Read more.", title=title)).origin("b") == "a"


def test_what_is_filled_in_from_day_to_day_does_not_hang_together() -> None:
    daily = [written(f"day {n}", AGENCY["en"], n * 20) for n in range(5)]
    found = copies(*daily)
    assert [found.origin(one.id) for one in daily] == ["day 0", "day 0", "day 2", "day 2", "day 4"]


@st.composite
def a_river(draw: st.DrawFn) -> list[Article]:
    words = AGENCY["en"].split()
    return [
        written(f"{n}", " ".join(words[draw(st.integers(0, 14)) :][: draw(st.integers(18, 40))]), draw(st.integers(0, 60)))
        for n in range(draw(st.integers(1, 8)))
    ]


@many
@given(a_river(), st.data())
def test_the_order_in_which_articles_come_or_go_plays_no_part(river: list[Article], data: st.DataObject) -> None:
    stays = [one for one in river if data.draw(st.booleans())]
    in_order = copies(*sorted(stays, key=lambda one: one.order))
    arrived = copies(*data.draw(st.permutations(river)))
    for one in data.draw(st.permutations([one for one in river if one not in stays])):
        arrived.take(one.id)
    assert [arrived.origin(one.id) for one in stays] == [in_order.origin(one.id) for one in stays]
    for one in stays:
        assert one.id in arrived.of(arrived.origin(one.id))


def says(of: Article, stance: StanceName, strength: Strength = Strength.WEAK) -> Reading:
    row = evidence(of, "buyer", stance).model_copy(update={"strength": strength, "outlet": of.outlet})
    return reading(of, [row], ["strike"])


def alerts(ledger: Ledger, course: Sequence[Reading]) -> list[str]:
    return [event.alert for one in course for event in ledger.apply(one).events if isinstance(event, Alert)]


REPRINT = [says(written(name, AGENCY["en"], at), "affirm") for at, name in enumerate(("agency", "gazette", "herald"))]
OWN = says(written("courier", OTHER["en"], 5), "affirm")


def test_reprints_are_one_voice_and_a_report_of_its_own_bears_out_what_they_say() -> None:
    ledger = Ledger(moved_by(MovedBy.CORROBORATED))
    for one in REPRINT:
        ledger.apply(one)
    assert ledger.standing("sale").position("buyer") is None
    assert [row.outlet for row in ledger.state("sale").waiting] == ["agency"]
    ledger.apply(OWN)
    assert ledger.standing("sale").position("buyer") is not None
    assert ledger.state("sale").waiting == ()


def test_evidence_names_its_origin_also_when_that_comes_late() -> None:
    ledger = Ledger(moved_by(MovedBy.ANY))
    outcomes = [ledger.apply(one) for one in [REPRINT[1], REPRINT[2], REPRINT[0]]]
    told = [[event.origin for event in outcome.events if isinstance(event, Evidence)] for outcome in outcomes]
    assert told == [["gazette"], ["gazette"], ["agency"]]
    assert {row.origin for entry in ledger.entries.values() for row in entry.evidence} == {"agency"}
    assert {name for name, _ in outcomes[2].entries} == {"agency", "gazette", "herald"}


def test_a_copy_raises_no_alert_that_another_has_raised() -> None:
    rules = [
        {"alert": "strike", "when": {"match": "strike"}},
        {"alert": "moved", "when": {"party": "buyer", "position": "any"}},
        {"alert": "wave", "when": {"match": "strike", "times": 3, "within": "1d"}},
    ]
    ledger = Ledger(story(rules))
    denial = says(written("denial", "The buyer denied it.", 1.5), "deny")
    course = [REPRINT[0], REPRINT[1], denial, REPRINT[2], OWN]
    assert [alerts(ledger, [one]) for one in course] == [["strike", "moved"], [], ["strike", "wave", "moved"], [], ["strike"]]


@few
@given(st.permutations([*REPRINT, OWN, says(written("denial", AGENCY["en"] + " No, it said.", 2.5), "deny", Strength.STRONG)]))
def test_any_order_gives_the_same_state(order: list[Reading]) -> None:
    states = []
    for course in (order, sorted(order, key=lambda one: one.article.order)):
        ledger = Ledger(moved_by(MovedBy.CORROBORATED))
        for one in course:
            ledger.apply(one)
        states.append([ledger.state(claim) for claim in CLAIMS])
        again = Ledger(moved_by(MovedBy.CORROBORATED), ledger.entries.items(), ledger.memory)
        assert [again.state(claim) for claim in CLAIMS] == states[-1]
    assert states[0] == states[1]
    assert hour(0) <= order[0].article.published_at
