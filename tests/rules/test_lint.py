"""Rules that are legal but suspicious: each finding stands where a person would look, and what is deliberate stays quiet.

In the texts `▶` marks where a finding is expected: its line and column are those of the letter that follows.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.engine import conditions
from monitor.errors import InputError
from monitor.rules import lint as linter
from monitor.rules.lint import Finding, check_folder, codes
from monitor.rules.load import load_stories
from tests.rules.test_errors import marks
from tests.rules.test_load import write

ROOT = Path(__file__).parents[2]
HEAD = "title: T\nentities:\n  russia: {kind: party, names: {en: Russia}}\n  dprk: {kind: party, names: {en: North Korea}}\n"
TESTED = "tests: [{test: t, articles: [{at: 2025-01-01, title: x, expect: {sent: open}}]}]\n"
CLAIM = "claims: {sent: {text: T, about: shipped, confirmed_by: russia}}\n" + TESTED
TWO = "claims: {sent: {text: T, about: shipped, confirmed_by: russia}, ready: {text: T, about: fit, confirmed_by: dprk}}\n"
URL = "'https://outlet.example/rss'"


class Row(NamedTuple):
    outcome: str
    text: str
    code: str = ""
    """Of every finding; "": there is none."""
    problem: str = ""


def about(condition: str) -> str:
    """A story with this as its claim's only condition."""
    return (
        HEAD
        + f"words: {{go: {{en: [gone]}}}}\nmatches: {{m: go}}\nclaims: {{sent: {{text: T, about: {condition}, confirmed_by: russia}}}}\n"
        + TESTED
    )


def named(names: str, kind: str = "person") -> str:
    """A story with somebody of these names beside the parties."""
    return HEAD + f"  somebody: {{kind: {kind}, names: {{{names}}}}}\n" + CLAIM


def alerts(*rows: str) -> str:
    """A story with one tested claim and these alerts."""
    return HEAD + CLAIM + "alerts:\n" + "".join(f"  - {{{row}}}\n" for row in rows)


ROWS = [
    Row("a sound story", HEAD + CLAIM),
    Row("a place in no condition", HEAD + "  ▶kursk: {kind: place, names: {en: Kursk}}\n" + CLAIM, "unused-entity", "no condition names"),
    Row("a place in a condition", HEAD + "  kursk: {kind: place, names: {en: Kursk}}\nmatches: {m: kursk}\n" + CLAIM),
    Row("a place that others are part of", HEAD + "  kursk: {kind: place, names: {en: Kursk}}\n  office: {kind: office, part_of: kursk, names: {en: The Office}}\n" + CLAIM),
    Row("an outlet in no condition is a voice of its own", named("en: Reuters", "outlet")),
    Row("a thing that speaks", HEAD + "  tower: {speaks_for: russia, names: {en: Spasskaya Tower}}\n" + CLAIM),
    Row("words in no condition", HEAD + "words: {▶shipping: {en: [shipped]}}\n" + CLAIM, "unused-words"),
    Row("words in two files, once told", HEAD + "words:\n  ▶shipping: {en: [shipped], ru: [отправил]}\n" + CLAIM, "unused-words"),
    Row("an entity without a name", HEAD + "  ▶somebody: {kind: person}\n" + CLAIM, "nameless"),
    Row("words without a word", HEAD + "words: {▶shipping: {en: []}}\n" + CLAIM.replace("shipped", "shipped or shipping"), "nameless"),
    Row("a party that nobody can hear", HEAD + "  ▶usa: {kind: party}\n" + CLAIM, "silent-party", "never be heard"),
    Row("a party heard through its spokesman", HEAD + "  usa: {kind: party}\n  kirby: {kind: person, speaks_for: usa, names: {en: Kirby}}\n" + CLAIM),
    Row("a party that is a class of speakers", HEAD + "  pundits: {kind: party, class: experts}\n" + CLAIM),
    Row("a month for a name", named("en: [Theresa May, ▶May]"), "alias-everywhere", "common word of the language"),
    Row("a pronoun for a name", named("ru: [▶он]"), "alias-everywhere", "common word"),
    Row("a common word in brackets", named("en: ['(Theresa |)▶May']"), "alias-everywhere", "common word"),
    Row("an acronym that is a word in small letters", named("en: [IT, US]", "agency")),
    Row("a letter for a name", named("en: ▶K"), "alias-everywhere", "one letter"),
    Row("a character for a name", named("zh: [金正恩, ▶金]"), "alias-everywhere", "one character"),
    Row("a Korean syllable has its own bounds", named("ko: [김]")),
    Row("a short stem for a name", named("en: [▶Ki*]"), "alias-everywhere", "`Ki*` begins many words"),
    Row("a short stem among words", about("'dprk near stem'").replace("words: {", "words: {stem: {ru: [бой, ▶на*]}, "), "alias-everywhere"),
    Row("a short stem beside another word", about("'dprk near stem'").replace("words: {", "words: {stem: {ru: [вступ* в бо*, '(в|на) бой']}, ")),
    Row("a name of two parties", HEAD.replace("en: Russia", "en: [Russia, the capital]").replace("en: North", "en: [▶The  Capital, North").replace("Korea}", "Korea]}") + CLAIM, "shared-alias", "`russia` has this name too"),
    Row("a name shared after its brackets are opened", HEAD + "  kim: {kind: person, names: {en: ['Kim (Il|Jong) Un']}}\n  jong: {kind: person, names: {en: [▶Kim Jong Un]}}\n" + CLAIM, "shared-alias"),
    Row("a name shared in other languages", HEAD + "  a: {kind: outlet, names: {en: [Post]}}\n  b: {kind: outlet, names: {ru: [Post]}}\n" + CLAIM),
    Row("a name shared by two that speak for one", HEAD + "  a: {kind: agency, speaks_for: russia, names: {en: [The Ministry]}}\n  b: {kind: person, speaks_for: russia, names: {en: [The Ministry]}}\n" + CLAIM),
    Row("a star that takes another's name", HEAD + "  port: {kind: agency, names: {en: [▶Port*]}}\n  line: {kind: agency, names: {en: [New Portland Line]}}\n" + CLAIM, "star-takes-name", "“New Portland Line” too, which is `line`"),
    Row("a star in brackets that takes another's name", HEAD + "  port: {kind: agency, names: {en: [▶'(Old|Port) A*']}}\n  line: {kind: agency, names: {en: [Port Albany]}}\n" + CLAIM, "star-takes-name"),
    Row("a star that takes a name for every language", HEAD + "  port: {kind: agency, names: {ru: [▶Порт*]}}\n  line: {kind: agency, names: {any: [Портал]}}\n" + CLAIM, "star-takes-name"),
    Row("a star over a name in another language, or inside a word", HEAD + "  port: {kind: agency, names: {en: [Port*]}}\n  line: {kind: agency, names: {ru: [Portal], en: [Newport]}}\n" + CLAIM),
    Row("a star over a name of the same party", HEAD + "  port: {speaks_for: russia, names: {en: [Port*]}}\n  line: {speaks_for: russia, names: {en: [Portland]}}\n" + CLAIM),
    Row("a Cyrillic name in English", named("en: [Ivanov, ▶Иванов]"), "foreign-letters", "`en` words have no 'И'"),
    Row("a Latin name in Chinese", named("zh: [CNN]", "outlet")),
    Row("a Latin letter in a Russian word", HEAD + "words: {w: {ru: [от▶pавил]}}\nmatches: {m: w}\n" + CLAIM, "mixed-letters", "two alphabets"),
    Row("a Cyrillic letter in an English word", named("en: [Pesk▶оv]"), "mixed-letters"),
    Row("a claim without a test", HEAD + TWO.replace("ready:", "▶ready:") + TESTED, "claim-without-test"),
    Row("a claim tested by its evidence", HEAD + TWO + TESTED.replace("sent: open", "sent: open, evidence: [{claim: ready, party: dprk, stance: deny}]")),
    Row("a claim that nobody has to admit", HEAD + CLAIM.replace("claims: {sent", "claims: {▶sent").replace(", confirmed_by: russia", ""), "claim-never-confirmed"),
    Row("a baseline of an outsider", HEAD + CLAIM.replace("russia}", "russia, baseline: [{party: ▶dprk, stance: deny, since: 2024-01-01}]}"), "baseline-of-outsider", "not among those"),
    Row("a baseline of one who would admit it", HEAD + CLAIM.replace("russia}", "russia, baseline: [{party: russia, stance: deny, since: 2024-01-01}]}")),
    Row("an alert on a change to what it leaves", alerts("alert: ▶a, when: {becomes: open, leaves: open}"), "alert-never-fires", "reach that status"),
    Row("an alert on what one party cannot do", alerts("alert: ▶a, when: {becomes: disputed}").replace(HEAD.split("\n")[3] + "\n", ""), "alert-never-fires"),
    Row("an alert on a match that is never met", alerts("alert: ▶a, when: {match: m}") + "matches: {m: number < 0 near x}\n", "alert-never-fires never-met"),
    Row("an alert on claims that there are not", HEAD + "alerts: [{alert: ▶a, when: {becomes: open}}]\n", "alert-never-fires", "no claims"),
    Row("an alert on a confirmation that can come", alerts("alert: a, when: {becomes: confirmed}")),
    Row("a quieter alert for some of the same", alerts("alert: all, when: {becomes: [open, denied]}, severity: warning", "alert: ▶some, when: {becomes: open}"), "alert-shadowed", "fires `all` too"),
    Row("a louder alert for some of the same", alerts("alert: all, when: {becomes: [open, denied]}, severity: warning", "alert: some, when: {becomes: open}, severity: urgent")),
    Row("the same alert twice", alerts("alert: one, when: {party: russia}", "alert: ▶two, when: {party: russia, position: deny}"), "alert-shadowed"),
    Row("the same alert twice, the wider last", alerts("alert: ▶one, when: {party: russia, position: deny}", "alert: two, when: {party: russia}"), "alert-shadowed"),
    Row("two alike keep the first", alerts("alert: one, when: {party: russia}", "alert: ▶two, when: {party: russia}"), "alert-shadowed", "fires `one` too"),
    Row("an alert behind a final one that takes all of it", alerts("alert: one, when: {party: russia}, final: true", "alert: ▶two, when: {party: russia, position: deny}, severity: urgent"), "alert-never-fires", "`one` is final"),
    Row("a final alert that takes some of what comes behind", alerts("alert: one, when: {party: russia, position: deny}, severity: info, final: true", "alert: two, when: {party: russia}")),
    Row("the same event told in other words", alerts("alert: one, when: {party: russia}", "alert: two, when: {party: russia}, summary: '{quote}'")),
    Row("a throttle over several statuses", alerts("alert: a, throttle: ▶6h, when: {becomes: [confirmed, denied]}"), "throttle-hides-changes"),
    Row("a throttle over any position", alerts("alert: a, throttle: ▶6h, when: {party: russia, position: any}"), "throttle-hides-changes"),
    Row("a throttle on one status", alerts("alert: a, throttle: 6h, when: {becomes: denied}")),
    Row("a throttle of seconds", alerts("alert: a, throttle: ▶5s, when: {becomes: denied}"), "pointless-throttle"),
    Row("a feed without its language", HEAD + CLAIM + f"feeds: [{{url: ▶{URL}, outlet: O}}]\n", "feed-without-language"),
    Row("a feed in a language that is not read", HEAD + CLAIM + f"feeds: [{{url: {URL}, lang: ▶de, outlet: O}}]\n", "feed-not-read"),
    Row("a feed without its outlet", HEAD + CLAIM + f"feeds: [{{url: ▶{URL}, lang: en}}]\n", "feed-without-outlet"),
    Row("a feed asked every ten seconds", HEAD + CLAIM + f"feeds: [{{url: {URL}, lang: en, outlet: O, every: ▶10s}}]\n", "hasty-feed"),
    Row("a busy feed asked every ten seconds", HEAD + CLAIM + f"feeds: [{{url: {URL}, lang: en, outlet: O, fastest: ▶10s}}]\n", "hasty-feed"),
    Row("a sound feed", HEAD + CLAIM + f"feeds: [{{url: {URL}, lang: en, outlet: O, every: 1m}}]\n"),
    Row("nothing in the sentence", about("▶anywhere(dprk) and not go"), "condition-without-anchor"),
    Row("nothing in the sentence in one alternative", about("▶go or anywhere(dprk)"), "condition-without-anchor"),
    Row("something in the sentence", about("go and anywhere(dprk)")),
    Row("a pattern in the sentence", about("'regex(\"Order No. [0-9]+\") and anywhere(dprk)'")),
    Row("a number in the sentence", about("number >= 100 and anywhere(dprk)")),
    Row("nothing but the article's language", about("▶lang(ru) and anywhere(dprk)"), "condition-without-anchor"),
    Row("a match is of the whole article", about("go").replace("m: go", "m: anywhere(go)")),
    Row("a word asked for and forbidden", about("dprk near go and not ▶go"), "never-met", "asks for something and forbids it"),
    Row("forbidden in a list of others", about("dprk and not (russia or ▶dprk)").replace("(russia or ▶dprk)", "(▶russia or dprk)"), "never-met"),
    Row("forbidden near, asked for nearer", about("go near 2 dprk and not ▶dprk near 8 go"), "never-met"),
    Row("forbidden nearer than asked for", about("go near 8 dprk and not dprk near 2 go")),
    Row("forbidden in one alternative only", about("(go or (dprk and russia)) and not russia")),
    Row("asked for anywhere, forbidden here", about("go and anywhere(dprk) and not dprk")),
    Row("asked for here, forbidden anywhere", about("go and dprk and not ▶anywhere(dprk)").replace("▶anywhere(", "anywhere(▶"), "never-met"),
    Row("a number that is none", about("go near ▶number < 0").replace("go near ▶", "▶go near "), "never-met"),
    Row("words that have none", about("go near ▶none").replace("words: {", "words: {▶none: {en: []}, "), "nameless never-met"),
    Row("an alternative twice", about("go or dprk or ▶go"), "repeated-condition", "side by side"),
    Row("a condition twice", about("[go near dprk, ▶go near 10 dprk]"), "repeated-condition", "here already"),
    Row("a claim and its opposite in the same words", about("go, contrary: ▶go"), "repeated-condition", "under `about` too"),
    Row("a name for the letters of an entity", about("go near ▶Russia"), "literal-like-id", "not the entity"),
    Row("a name for the letters of an entity with a hyphen", about("go near ▶North Korea").replace("dprk:", "north-korea:"), "literal-like-id"),
    Row("letters that are meant", about("go near \"Russia\"").replace("about: go near \"Russia\"", "about: 'go near \"Russia\"'")),
    Row("a test that expects nothing", HEAD + CLAIM.replace("tests: [", "tests: [{test: ▶u, articles: [{at: 2025-01-01, title: x}]}, "), "test-expects-nothing"),
    Row("a test that expects that nothing is found", HEAD + CLAIM.replace("tests: [", "tests: [{test: u, articles: [{at: 2025-01-01, title: x, expect: {evidence: []}}]}, ")),
]  # fmt: skip


def findings(folder: Path, text: str) -> list[Finding]:
    """What lint says of a story in one file."""
    write(folder / "kursk", {"story.yaml": text.replace("▶", "")})
    [loaded] = load_stories(folder / "kursk", conditions.check)
    return linter.lint(loaded)


@pytest.mark.parametrize("case", ROWS, ids=[one.outcome for one in ROWS])
def test_what_is_suspicious_is_found_and_placed_and_what_is_not_is_left_alone(tmp_path: Path, case: Row) -> None:
    found = findings(tmp_path, case.text)
    assert {one.code for one in found} == set(case.code.split()), [str(one) for one in found]
    assert [(one.place.line, one.place.column) for one in found] == marks(case.text) or len(case.code.split()) > 1, [
        str(one) for one in found
    ]
    assert all(case.problem in one.problem and one.hint for one in found)


def test_every_code_has_a_row_and_a_page_whose_number_is_its_own() -> None:
    told = {code for case in ROWS for code in case.code.split()}
    assert set(codes()) - told == {"bad-ignore", "useless-ignore"}
    numbers = [one.number for one in codes().values()]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"L\d{3}", number) for number in numbers)


def test_every_code_is_in_the_readme_in_the_words_of_its_page() -> None:
    rows = re.findall(r"^\| `(L\d+)` \| `([\w-]+)` \| (.*?) \|$", (ROOT / "rules" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(one.number, name, one.says) for name, one in codes().items()]


def test_a_page_is_found_by_name_and_number_and_a_wrong_one_names_the_nearest() -> None:
    assert linter.page("shared-alias") == linter.page("l106") == linter.page(" L106 ")
    with pytest.raises(InputError, match="did you mean `shared-alias`"):
        linter.page("shared-name")


SILENCED = [
    ("on its line", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore unused-entity because it comes next week\n", []),
    ("by its number", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore L101 because it comes next week\n", []),
    ("from the line above", "  # monitor: ignore unused-entity because it comes next week\n\n  # Kursk\n  kursk: {kind: place, names: {en: Kursk}}\n", []),
    ("two at once", "  kursk: {kind: place, names: {en: K}}  # monitor: ignore unused-entity, L105 because it comes\n", []),
    ("not without a reason", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore unused-entity\n", ["unused-entity", "bad-ignore"]),
    ("not without a code", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore because why not\n", ["unused-entity", "bad-ignore"]),
    ("not by a code that there is not", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore unsued-entity because x\n", ["unused-entity", "bad-ignore"]),
    ("not by another code", "  kursk: {kind: place, names: {en: Kursk}}  # monitor: ignore nameless because x\n", ["unused-entity", "useless-ignore"]),
    ("not from the line below", "  kursk: {kind: place, names: {en: Kursk}}\n  # monitor: ignore unused-entity because x\n", ["unused-entity", "useless-ignore"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SILENCED], ids=[row[0] for row in SILENCED])
def test_a_comment_with_a_reason_silences_a_finding(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [one.code for one in findings(tmp_path, HEAD + text + CLAIM)] == expected


@pytest.mark.parametrize("folder", [ROOT / "rules", ROOT / "tests" / "stories"], ids=["shipped", "merger"])
def test_our_own_rules_are_clean(folder: Path) -> None:
    assert [str(finding) for checked in check_folder(folder) for finding in checked.findings] == []


def test_findings_are_kept_until_a_file_changes(tmp_path: Path) -> None:
    text = HEAD + "  kursk: {kind: place, names: {en: Kursk}}\n" + CLAIM
    file = write(tmp_path / "kursk", {"story.yaml": text}) / "story.yaml"
    first = check_folder(tmp_path)
    assert [(one.code, one.place.file) for one in first[0].findings] == [("unused-entity", str(file))]
    assert check_folder(tmp_path) == first
    file.write_text(text.replace("  kursk:", "\n  kursk:"), encoding="utf-8")
    assert [one.place.line for one in check_folder(tmp_path)[0].findings] == [first[0].findings[0].place.line + 1]
