"""Korean, construction by construction: who takes which stance on what, and when, in sentences made for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

RULES = Path(__file__).parent.parent.parent / "rules"
AT = datetime(2025, 4, 29, 3, tzinfo=UTC)
T, K, D, C, B, S, H, R = (
    "troops-sent",
    "kursk-retaken",
    "thousand-dead",
    "combat-ready",
    "treaty-basis",
    "support-continues",
    "troops-return-home",
    "dprk-responsible",
)

Row = tuple[str, str, str]
"""What it shows; the text, with " // " between title and body where it has a title; what is read: "claim party stance[ past]" by comma."""

ATTRIBUTION: list[Row] = [
    ("topic, quoted clause, verb", "국정원은 북한이 러시아에 전투병을 보냈다고 밝혔다.", "T south-korea affirm"),
    ("subject instead of topic", "젤렌스키 대통령이 북한군 2명을 생포했다고 발표했다.", "T ukraine affirm"),
    ("source after its content", "북한군이 쿠르스크에 투입됐다고 우크라이나군 총참모부가 전했다.", "T ukraine affirm"),
    ("source inside the verb's phrase", "북한이 이미 1만 명을 러시아에 파병한 것으로 미국은 보고 있다.", "T united-states affirm"),
    ("according to", "우크라이나 정보총국에 따르면 북한 병력이 쿠르스크 전선에 배치됐다.", "T ukraine affirm"),
    ("an outlet passes on", "로이터통신은 미 국방부 당국자를 인용해 북한군이 쿠르스크에서 싸우고 있다고 보도했다.", "T united-states affirm"),
    ("unnamed western officials", "익명의 서방 당국자들은 쿠르스크의 북한군 가운데 1천 명이 숨졌다고 BBC에 말했다.", "T western-officials affirm, D western-officials affirm"),
    ("an analyst", "한 군사 전문가는 러시아에 간 북한군이 현대전 경험이 부족하다고 진단했다.", "C experts deny, T experts affirm"),
    ("two joined speakers", "한국과 미국은 북한군이 러시아에 파견됐다고 확인했다.", "T south-korea affirm, T united-states affirm"),
    ("two parties in one word", "한미 당국은 북한군이 전투에 참여했다고 확인했다.", "T south-korea affirm, T united-states affirm"),
    ("two sources, two clauses", "우크라이나는 북한군이 참전했다고 주장했지만 러시아는 이를 부인했다.", "T ukraine affirm, T russia deny"),
    ("topic in the content", "젤렌스키 대통령은 러시아는 북한군 파병을 숨기고 있다고 비판했다.", "T ukraine affirm"),
    ("predicate noun", "북한군이 쿠르스크에서 철수하지 않고 전투를 이어가고 있다는 것이 우크라이나군의 설명이다.", "T ukraine affirm"),
    ("headline quotation", "국정원 “북한군 1천500명 블라디보스토크 도착” // ", "T south-korea affirm"),
    ("headline with a comma", "게라시모프, “쿠르스크 완전 해방” 보고 // ", "K russia affirm"),
    ("headline noun for a verb", "합참, 북한군 추가 파병 정황 포착 발표 // ", "T south-korea affirm"),
    ("headline with one letter for a country", "美 “북한군 1만명 쿠르스크 투입” // ", "T united-states affirm"),
    ("two quotations in a headline", "러 “가짜뉴스” 우크라 “북한군 이미 참전” // ", "T ukraine affirm"),
    ("noun with a possessor", "북한이 군대를 보냈다는 우크라이나의 주장에 대해 중국은 논평을 거부했다.", "T ukraine affirm, T china decline"),
    ("an unknown verb after a quotation", "자하로바 대변인은 북한군이 러시아 땅을 함께 지켜 줬다고 목청을 높였다.", "T russia affirm"),
    ("KCNA", "조선중앙통신은 북한 군인들이 러시아의 싸움에 참전하여 영웅적으로 싸웠다고 보도했다.", "T north-korea affirm"),
    ("polite ending", "미 국무부는 북한군이 전투에 참여하고 있다고 밝혔습니다.", "T united-states affirm"),
    ("adnominal: the source described", "파병을 부인해 온 러시아가 28일 북한군의 참전을 공식 인정했다.", "T russia affirm, T russia deny past"),
    ("adnominal: the claim described", "러시아가 인정한 북한군 파병은 국제사회의 우려를 키웠다.", "T russia affirm"),
    ("a noun that ends a list's clause", "▲ 28일 = 북한 중앙군사위, 조약 4조에 따른 러시아 파병 선언", "T north-korea affirm, B north-korea affirm"),
    ("a headline goes on about whom it named", "북한, 러시아 파병 시인…\"조약에 따른 참전\" 선언 // ", "T north-korea affirm, B north-korea affirm"),
    ("a headline's noun for its verb", "젤렌스키, 북한군 쿠르스크 추가 투입 주장 // ", "T ukraine affirm"),
    ("a cleft sentence", "북한이 러시아 파병을 공식 인정한 것은 이번이 처음이다.", "T north-korea affirm"),
    ("both countries", "러시아는 말이 없었다. 북한군이 쿠르스크에 있다는 것을 두 나라는 확인해 주지 않았다.", "T north-korea decline, T russia decline"),
    ("a speaker and an office behind the name", "마르크 뤼터 나토 사무총장은 북한군 부대가 쿠르스크에 배치됐다고 확인했다.", "T nato affirm"),
]  # fmt: skip

NESTING: list[Row] = [
    ("a third party's word", "우크라이나는 러시아가 북한군 참전을 인정했다고 지적했다.", "T ukraine affirm"),
    ("a third party's denial", "미국은 러시아가 북한군 파병을 부인했다고 전했다.", ""),
    ("a quotation within a report", "로이터통신은 페스코프 대변인이 북한군 파병설을 가짜뉴스라고 일축했다고 보도했다.", "T russia deny"),
]

STANCES: list[Row] = [
    ("admits", "러시아가 북한군의 쿠르스크 파병을 처음으로 시인했다.", "T russia affirm"),
    ("denies", "크렘린궁은 북한군 파병설을 부인했다.", "T russia deny"),
    ("calls it fake", "페스코프 대변인은 북한군이 우크라이나에서 싸운다는 보도는 가짜뉴스라고 말했다.", "T russia deny"),
    ("calls it fake and dismisses it", "러시아 외무부는 북한군 참전 주장은 허위라며 일축했다.", "T russia deny"),
    ("groundless rumour", "북한 대표는 러시아 파병이 근거 없는 소문이라고 반박했다.", "T north-korea deny"),
    ("turned into a fake", "크렘린궁은 북한군 파병설을 허위 정보로 치부했다.", "T russia deny"),
    ("never sent", "북한은 러시아에 군대를 보낸 적이 없다고 밝혔다.", "T north-korea deny"),
    ("cannot confirm", "미 국방부는 북한군이 우크라이나에서 싸우고 있는지 확인할 수 없다고 밝혔다.", "T united-states doubt"),
    ("sees no evidence", "백악관은 북한군이 전투에 참여했다는 증거를 찾지 못했다고 밝혔다.", "T united-states doubt"),
    ("not confirmed", "나토 사무총장은 북한군 파병은 아직 확인되지 않았다고 말했다.", "T nato doubt"),
    ("doubts", "미국은 북한군 파병 보도에 의문을 제기했다.", "T united-states doubt"),
    ("contradictory information", "페스코프 대변인은 북한군 파병에 대해 “모순되는 정보가 많다”고 말했다.", "T russia doubt"),
    ("no comment", "크렘린궁은 북한군 파병에 대한 논평을 거부했다.", "T russia decline"),
    ("neither confirms nor denies", "푸틴 대통령은 북한군 파병을 시인도 부인도 하지 않았다.", "T russia decline"),
    ("NCND", "러시아는 북한군 파병에 대해 NCND 입장을 유지했다.", "T russia decline"),
    ("avoids an answer", "푸틴 대통령은 북한군 파병 여부를 묻는 질문에 즉답을 피했다.", "T russia decline"),
    ("spares words", "중국 외교부는 북한군 파병에 대해 말을 아꼈다.", "T china decline"),
    ("knows nothing of it", "중국 외교부 대변인은 북한군 파병과 관련해 아는 바가 없다고 말했다.", "T china decline"),
    ("did not deny", "푸틴 대통령은 북한군 파병을 부인하지 않았다.", "T russia decline"),
    ("does not confirm", "북한은 러시아 파병을 인정하지 않고 있다.", "T north-korea decline"),
    ("refers elsewhere", "페스코프 대변인은 북한군 참전에 관한 질문에 국방부에 문의하라고 했다.", "T russia decline"),
    ("vague answer", "러시아 대사는 북한군 파병 질문에 모호한 답변을 내놨다.", "T russia decline"),
    ("silence", "북한은 러시아 파병에 대해 침묵하고 있다.", "T north-korea decline"),
    ("not mentioned", "조선중앙통신은 북한군 파병에 대해 한 줄도 쓰지 않았다.", "T north-korea decline"),
    ("sends elsewhere with the question", "북한군이 쿠르스크에 있다. 페스코프 대변인은 질문을 국방부에 하라며 돌려보냈다.", "T russia decline"),
    ("nothing was confirmed", "나토 대변인은 북한군 파병에 대해 확인된 바 없다고 밝혔다.", "T nato doubt"),
    ("condemns", "유럽연합은 북한의 러시아 파병을 강력히 규탄했다.", "T european-union affirm"),
    ("condemns as a breach", "한국 정부는 북한의 러시아 파병이 유엔 안보리 결의 위반이라고 규탄했다.", "T south-korea affirm, B south-korea deny"),
    ("demands an end", "한국 정부는 러시아에 파병된 북한군의 즉각 철수를 촉구했다.", "T south-korea affirm"),
    ("thanks", "푸틴 대통령은 쿠르스크에서 싸운 북한 장병들에게 감사를 표했다.", "T russia affirm"),
    ("honours the fallen", "김정은 국무위원장은 쿠르스크에서 전사한 파병 군인들을 추모했다.", "T north-korea affirm"),
]  # fmt: skip

MODALITY: list[Row] = [
    ("if", "미국은 북한이 러시아에 병력을 보냈다면 심각한 사태라고 말했다.", ""),
    ("if so", "영국 외무부는 사실이라면 북한군 파병은 위험한 전개라고 밝혔다.", ""),
    ("may", "국방부 장관은 북한이 러시아에 병력을 보낼 가능성이 있다고 말했다.", ""),
    ("plans", "우크라이나는 북한이 러시아에 병력을 파병할 계획이라고 주장했다.", ""),
    ("whether", "기자는 북한이 러시아에 군대를 보냈는지 물었다.", ""),
    ("a question", "국정원은 북한군 파병을 확인했을까? 아무도 모른다.", ""),
    ("likely has", "국정원은 북한군이 쿠르스크에 투입됐을 가능성이 크다고 밝혔다.", "T south-korea affirm"),
    ("has begun to", "우크라이나는 북한이 러시아에 군대를 보내기 시작했다고 발표했다.", "T ukraine affirm"),
    ("can confirm", "뤼터 사무총장은 북한군의 러시아 파병을 확인할 수 있다고 말했다.", "T nato affirm"),
]

TIME: list[Row] = [
    ("earlier", "앞서 크렘린궁은 북한군 파병설을 부인했다.", "T russia deny past"),
    ("last October", "러시아는 지난해 10월 북한군 파병설을 가짜뉴스라고 일축했다.", "T russia deny past"),
    ("has said before", "국정원은 북한군이 쿠르스크에 배치됐다고 밝힌 바 있다.", "T south-korea affirm past"),
    ("until now", "북한은 그동안 러시아 파병을 부인해 왔다.", "T north-korea deny past"),
    ("at first", "애초 러시아는 북한군 파병설을 일축했다.", "T russia deny past"),
    ("a month ago", "한 달 전 나토는 북한군 파병을 확인했다고 밝혔다.", "T nato affirm past"),
    ("the content's own time", "국정원은 북한이 지난해 10월 러시아에 병력을 파병했다고 밝혔다.", "T south-korea affirm"),
    ("for the first time", "북한은 지난해 10월 시작된 러시아 파병을 처음으로 인정했다.", "T north-korea affirm"),
    ("still not", "북한은 여전히 러시아 파병을 인정하지 않고 있다.", "T north-korea decline"),
]

ANAPHORA: list[Row] = [
    ("this", "우크라이나는 북한군이 쿠르스크에서 싸우고 있다고 밝혔다. 러시아는 이를 부인했다.", "T ukraine affirm, T russia deny"),
    ("about this", "우크라이나는 북한군이 쿠르스크에서 싸우고 있다고 밝혔다. 이에 대해 크렘린궁은 논평하지 않았다.", "T ukraine affirm, T russia decline"),
    ("the report in question", "북한군이 쿠르스크에 도착했다고 국정원이 밝혔다. 러시아 외무부는 해당 보도를 일축했다.", "T south-korea affirm, T russia deny"),
    ("dropped subject", "국정원은 북한군의 쿠르스크 이동을 확인했다고 밝혔다. 북한군 사상자가 발생했다고 덧붙였다.", "T south-korea affirm"),
    ("dropped object", "우크라이나는 북한군이 참전했다고 주장했다. 페스코프 대변인은 거짓말이라며 일축했다.", "T ukraine affirm, T russia deny"),
    ("cannot verify the reports", "북한군이 쿠르스크에 도착했다. 조약에 따른 파병이라는 말도 있다. 미국은 그 보도가 정확한지 확인할 수 없다고 했다.", "T united-states doubt"),
    ("the pronoun", "젤렌스키 대통령은 27일 텔레그램에 글을 올렸다. 그는 북한군이 쿠르스크에서 싸우고 있다고 주장했다.", "T ukraine affirm"),
    ("goes on without a subject", "미 국무부는 29일 성명을 냈다. 또 북한이 전쟁을 장기화한 책임을 져야 한다고 강조했다.", "R united-states affirm"),
    ("title and text", "러시아 “북한군 참전, 사실무근” // 페스코프 대변인은 29일 이같이 말했다.", "T russia deny"),
]  # fmt: skip

CLAIMS: list[Row] = [
    ("all of Kursk", "게라시모프 총참모장은 쿠르스크주가 완전히 해방됐다고 보고했다.", "K russia affirm"),
    ("the last village", "러시아 국방부는 쿠르스크의 마지막 마을을 탈환했다고 발표했다.", "K russia affirm"),
    ("fighting goes on", "우크라이나군은 쿠르스크에서 방어 작전이 계속되고 있다고 밝혔다.", "K ukraine deny"),
    ("positions are held", "우크라이나 총참모부는 쿠르스크 일부 지역을 여전히 통제하고 있다고 반박했다.", "K ukraine deny"),
    ("went into the fighting", "북한군이 러시아로 갔다. 국정원은 이 병사들이 최전선에 뛰어들었다고 전했다.", "T south-korea affirm"),
    ("side by side", "푸틴 대통령은 북한군을 두고 우리 군인들과 어깨를 나란히 하고 싸웠다고 말했다.", "T russia affirm"),
    ("whose soldiers", "북한군이 쿠르스크에 왔다. 젤렌스키 대통령은 러시아 병사들이 피곤해 보인다고 말했다.", ""),
    ("in line with the treaty", "북한은 이번 파병이 북러 조약에 전적으로 부합한다고 주장했다. 러시아에서 싸운 군인들 이야기다.", "T north-korea affirm, B north-korea affirm"),
    ("lawful", "러시아 외무부는 북한군의 참전이 국제법에 어긋나지 않는다고 밝혔다.", "T russia affirm, B russia affirm"),
    ("support without condition", "김정은 위원장은 러시아의 투쟁을 앞으로도 변함없이 지지하겠다고 말했다.", "S north-korea affirm"),
    ("stands by", "김정은 위원장은 언제나 러시아와 함께할 것이라고 다짐했다.", "S north-korea affirm"),
    ("bears responsibility", "미 국무부는 북한이 전쟁을 장기화한 데 책임이 있다고 밝혔다.", "R united-states affirm"),
    ("well trained", "시르스키 총사령관은 북한군이 잘 훈련돼 있고 사기가 높다고 평가했다.", "T ukraine affirm, C ukraine affirm"),
    ("cannon fodder", "미 국방부는 쿠르스크의 북한군이 총알받이로 쓰이고 있다고 지적했다.", "T united-states affirm, C united-states deny"),
    ("not trained", "국정원은 쿠르스크의 북한군이 현대전에 대한 이해가 부족하다고 분석했다.", "T south-korea affirm, C south-korea deny"),
    ("will come home", "북한은 파병 군인들이 곧 고향으로 돌아올 것이라고 밝혔다. 러시아에 간 북한군이다.", "T north-korea affirm, H north-korea affirm"),
]  # fmt: skip

QUANTITIES: list[Row] = [
    ("a thousand in digits and a word", "서방 당국자들은 쿠르스크에서 북한군 1천 명이 전사했다고 밝혔다.", "T western-officials affirm, D western-officials affirm"),
    ("four thousand", "젤렌스키 대통령은 북한군 4000명이 숨졌다고 주장했다. 쿠르스크 전선 이야기다.", "T ukraine affirm, D ukraine affirm"),
    ("thousands", "우크라이나는 쿠르스크에서 북한군 수천 명이 전사했다고 밝혔다.", "T ukraine affirm, D ukraine affirm"),
    ("three hundred", "국정원은 쿠르스크에서 북한군 300여 명이 숨졌다고 추산했다.", "T south-korea affirm"),
    ("eleven thousand sent, a hundred dead", "국정원은 러시아에 파병된 북한군 1만1천 명 가운데 100여 명이 숨졌다고 밝혔다.", "T south-korea affirm"),
]  # fmt: skip

PLAIN: list[Row] = [
    (
        "a nominal claim before the topic that denies it",
        "북한군이 러시아에 파병됐다는 한국 정부의 주장을 러시아는 부인했다.",
        "T south-korea affirm, T russia deny",
    ),
    (
        "a nominal claim is false, its denier last",
        "쿠르스크 전역을 해방했다는 러시아의 주장은 사실이 아니라고 우크라이나군이 밝혔다.",
        "K russia affirm, K ukraine deny",
    ),
    (
        "two topics joined, recalled",
        "러시아와 북한은 그동안 북한군의 쿠르스크 파병을 인정하지 않았다.",
        "T russia decline past, T north-korea decline past",
    ),
    (
        "so many days after another's date",
        "러시아가 지난달 26일 북한군의 쿠르스크 참전을 공식 확인한 지 이틀 만에 북한도 파병을 인정했다.",
        "T russia affirm past, T north-korea affirm",
    ),
    (
        "not prepared for modern war",
        "북한군은 쿠르스크에 있다. 북한군은 현대전에 대한 준비가 돼 있지 않다고 전문가들이 평가했다.",
        "C experts deny, T experts affirm",
    ),
]

NEAR_MISSES: list[Row] = [
    ("labourers", "국정원은 북한이 러시아에 노동자 수천 명을 보냈다고 밝혔다.", ""),
    ("shells", "미국은 북한이 러시아에 포탄 수백만 발을 제공했다고 밝혔다.", ""),
    ("another war", "북한은 베트남전에 조종사를 파병한 사실을 인정했다.", ""),
    ("the submarine", "푸틴 대통령은 쿠르스크호 침몰 희생자들을 추모했다.", ""),
    ("a missile", "합참은 북한이 동해상으로 탄도미사일을 발사했다고 밝혔다.", ""),
    ("a share of Kursk", "게라시모프 총참모장은 쿠르스크의 86%를 되찾았다고 보고했다.", ""),
    ("members of parliament", "북한군 사진 // 한 야당 의원은 정부가 사과해야 한다고 주장했다.", ""),
    ("an outlet's own voice", "북한군이 쿠르스크에서 싸우고 있다.", ""),
    ("drones", "합참은 평양 무인기 침투 주장에 대해 확인해 줄 수 없다고 밝혔다.", ""),
]

ROWS = [*ATTRIBUTION, *NESTING, *STANCES, *MODALITY, *TIME, *ANAPHORA, *CLAIMS, *QUANTITIES, *PLAIN, *NEAR_MISSES]
OPTIONAL = {("K", "affirm"), ("K", "deny"), ("T", "affirm")}


@pytest.fixture(scope="module")
def kursk() -> Rulebook:
    return open_rulebook(RULES)


@pytest.mark.parametrize(("text", "expected"), [pytest.param(text, expected, id=name) for name, text, expected in ROWS])
def test_a_korean_construction_is_read(text: str, expected: str, kursk: Rulebook) -> None:
    title, _, body = text.rpartition(" // ") if " // " in text else ("", "", text)
    found = read(Article(id="a", title=title, text=body.strip(), lang="ko", published_at=AT, fetched_at=AT), kursk)
    names = dict(zip((T, K, D, C, B, S, H, R), "TKDCBSHR", strict=True))
    stances = {
        f"{names[e.claim]} {e.party} {e.stance.value}{' past' if e.when == 'past' else ''}" for reading in found for e in reading.evidence
    }
    assert stances == {one for one in expected.split(", ") if one}
