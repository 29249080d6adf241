"""Stories that are right: how they are found, merged and placed."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.engine import conditions
from monitor.errors import InputError, Place, RuleErrors
from monitor.rules.load import LoadedStory, load_stories, read_stories

ENTITIES = """\
entities:
  russia: {kind: party, names: {en: [Russia, Moscow], ru: Россия}}
  dprk: {kind: party, names: {en: ["North Korea"]}}
  kremlin:
    speaks_for: russia
    names: {en: Kremlin}
  minister:
    speaks_for: [{party: russia, until: 2024-05-12}, {party: dprk, since: 2024-05-12T00:00:00Z}]
    part_of: kremlin
words:
  sending: {en: [sent, deploy*], any: [x]}
"""
CLAIMS = """\
claims:
  troops-sent:
    text: North Korea sent troops
    about: dprk near sending
    confirmed_by: [russia, dprk]
    baseline: [{party: russia, stance: deny, since: 2024-10-01}]
matches:
  storm: dprk
"""
ALERTS = """\
alerts:
  - {alert: admitted, when: {claim: troops-sent, becomes: confirmed}, severity: urgent, summary: "{party}: {claim} {{x}}"}
  - {alert: moved, when: {party: russia, position: any}, throttle: 6h}
  - {alert: storm, when: {match: storm}}
feeds:
  - {url: https://example.org/a.xml, every: 5m, lang: en}
  - {url: https://example.org/b.xml, cron: "*/10 * * * *"}
tests:
  - test: it is confirmed
    articles:
      - at: 2025-04-28
        title: no
        expect:
          {troops-sent: confirmed,
           alerts: [admitted], matches: storm, evidence: [{claim: troops-sent, party: dprk, stance: affirm}]}
"""
WHOLE = "title: Troops\n" + ENTITIES + CLAIMS + ALERTS


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def load_one(folder: Path) -> LoadedStory:
    [loaded] = load_stories(folder)
    return loaded


def test_a_story_is_read_and_named_by_its_folder(tmp_path: Path) -> None:
    loaded = load_one(write(tmp_path / "kursk", {"story.yaml": WHOLE}))
    story = loaded.story
    assert story.story == "kursk"
    assert story.entities["russia"].names["ru"] == ("Россия",)
    assert [tenure.party for tenure in story.entities["minister"].speaks_for] == ["russia", "dprk"]
    assert story.claims["troops-sent"].about == ("dprk near sending",)
    assert story.tests[0].articles[0].title == "no"
    assert len(loaded.version) == 12


def test_a_split_story_equals_a_whole_one(tmp_path: Path) -> None:
    whole = load_one(write(tmp_path / "one" / "kursk", {"story.yaml": WHOLE}))
    half = "alerts:\n  - {alert: storm, when: {match: storm}}\n"
    alerts = ALERTS.replace("  - {alert: storm, when: {match: storm}}\n", "")
    files = {
        "story.yml": "story: kursk\ntitle: Troops",
        "b.yaml": ENTITIES,
        "c.YAML": CLAIMS,
        "d.yaml": alerts,
        "e.yaml": half,
        "f.yaml": "",
    }
    split = load_one(write(tmp_path / "two" / "kursk", files))
    assert split.story == whole.story
    assert split.version == whole.version


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    whole = load_one(write(tmp_path / "one" / "kursk", {"story.yaml": WHOLE}))
    layout = "# a comment\n" + CLAIMS + "\n\n" + ALERTS + ENTITIES + "title: 'Troops'\n"
    same = load_one(write(tmp_path / "two" / "kursk", {"x.yaml": layout.replace("kind: party", "kind: 'party'")}))
    other = load_one(write(tmp_path / "three" / "kursk", {"x.yaml": WHOLE.replace("6h", "7h")}))
    reordered = WHOLE.replace("  - {alert: storm, when: {match: storm}}\n", "").replace(
        "alerts:\n", "alerts:\n  - {alert: storm, when: {match: storm}}\n"
    )
    moved = load_one(write(tmp_path / "four" / "kursk", {"x.yaml": reordered}))
    assert whole.version == same.version == moved.version != other.version


def test_stories_come_in_order_and_strangers_are_ignored(tmp_path: Path) -> None:
    files = {
        "b/story.yaml": "title: B",
        "a/x.yml": "title: A",
        "README.md": "x",
        "c/notes.txt": "x",
        ".git/x.yaml": "{",
        "a/.x.yaml": "{",
    }
    loaded = load_stories(write(tmp_path / "rules", {**files, "a/story.yaml~": "{", "a/README.md": "{"}))
    assert [one.story.story for one in loaded] == ["a", "b"]
    assert [one.story.title for one in loaded] == ["A", "B"]


def test_words_stay_words_and_dates_may_be_quoted(tmp_path: Path) -> None:
    text = "title: 1984\nwords:\n  no: {en: [no, on, yes, true, 112, 1e3, 12:30]}\n"
    text += "claims:\n  c: {text: off, about: no, baseline: [{party: p, stance: deny, since: '2024-01-02'}]}\n"
    text += "entities: {p: {kind: party}}\n"
    story = load_one(write(tmp_path / "2024", {"a.yaml": text})).story
    assert story.title == "1984"
    assert story.words["no"]["en"] == ("no", "on", "yes", "true", "112", "1e3", "12:30")
    assert story.claims["c"].baseline[0].since.isoformat() == "2024-01-02T00:00:00+00:00"


def test_aliases_byte_order_marks_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    text = "title: T\r\nentities:\r\n  a: {names: &n {en: A}}\r\n  b: {names: *n, part_of: [a]}\r\nclaims:\r\nalerts: # none yet\r\n"
    folder = write(tmp_path / "kursk", {})
    (folder / "a.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_one(folder).story.entities["b"].names == {"en": ("A",)}


def test_places_lead_to_values_keys_and_letters(tmp_path: Path) -> None:
    folder = write(tmp_path / "kursk", {"a.yaml": "title: T\n" + CLAIMS.split("matches")[0], "b.yaml": ENTITIES})
    file, places = str(folder / "a.yaml"), load_one(folder).places
    assert places.of("claims", "troops-sent", "about") == Place(file, 5, 12)
    assert places.of("claims", "troops-sent", "about", 0) == Place(file, 5, 12)
    assert places.key("claims", "troops-sent", "about") == Place(file, 5, 5)
    assert places.of("claims", "troops-sent", "confirmed_by", 1) == Place(file, 6, 28)
    assert places.key("claims", "troops-sent", "confirmed_by", 1) == Place(file, 6, 28)
    assert places.of("claims", "troops-sent", "severity") == Place(file, 4, 5)
    assert places.within(("claims", "troops-sent", "about", 0), 5) == Place(file, 5, 17)
    assert places.of("story") == Place(file, 1, 1)
    assert places.of("entities", "kremlin", "names", "en", 0) == Place(str(folder / "b.yaml"), 6, 17)


SCALARS = {
    "plain": ("about: one two", "two", (1, 12)),
    "single quotes": ("about: 'o''e two'", "two", (1, 14)),
    "double quotes": ('about: "o\\"e \\u0041 two"', "two", (1, 21)),
    "plain over lines": ("about: one\n  two", "two", (2, 3)),
    "double quotes over lines": ('about: "one \\\n   two x"', "two", (2, 4)),
    "folded": ("about: >-  # why\n  one\n\n  two\n  three", "three", (5, 3)),
    "literal": ("about: |\n  one\n    two\n", "two", (3, 5)),
    "other scripts": ("about: 한국 two", "two", (1, 11)),
    "behind an anchor its start": ("about: &a one two", "two", (1, 8)),
}


@pytest.mark.parametrize(("text", "word", "expected"), SCALARS.values(), ids=SCALARS)
def test_offsets_lead_through_quotes_and_folds(tmp_path: Path, text: str, word: str, expected: tuple[int, int]) -> None:
    body = "\n".join("    " + line for line in text.split("\n"))
    folder = write(tmp_path / "kursk", {"a.yaml": f"title: T\nclaims:\n  c:\n    text: x\n{body}\n"})
    loaded = load_one(folder)
    [condition] = loaded.story.claims["c"].about
    place = loaded.places.within(("claims", "c", "about"), condition.index(word))
    assert (place.line - 4, place.column - 4) == expected


def test_a_folder_without_a_story_is_explained(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    file = write(tmp_path / "both", {"a.yaml": "title: A", "sub/b.yaml": "title: B"}) / "a.yaml"
    for folder, words in [
        (tmp_path / "none", "does not exist"),
        (tmp_path / "empty", "a story is a folder with a .yaml file in it"),
        (file, "is a file"),
        (tmp_path / "both", r"both rule files \(a.yaml\) and folders with rule files \(sub\)"),
    ]:
        with pytest.raises(InputError, match=words):
            load_stories(folder)


def test_errors_of_all_files_and_stories_come_at_once(tmp_path: Path) -> None:
    files = {
        "a/x.yaml": "title: [",
        "a/y.yaml": "alerts:\n  - {alert: X, when: {claim: nope}}",
        "b/x.yaml": "tilte: T",
        "b/sub/z.yaml": "",
    }
    folder = write(tmp_path / "rules", files)
    with pytest.raises(RuleErrors) as caught:
        load_stories(folder)
    found = [(Path(error.place.file).relative_to(folder).as_posix(), error.problem) for error in caught.value.errors]
    assert [file for file, _ in found] == ["a/x.yaml", "a/y.yaml", "b/sub/z.yaml", "b/x.yaml"]
    assert not any("no claim" in problem for _, problem in found)  # it may stand in the file that cannot be read


def test_a_group_of_words_may_have_each_language_in_a_file_of_its_own(tmp_path: Path) -> None:
    files = {
        "story.yaml": "title: T\nclaims: {sent: {text: T, about: sending}}\n",
        "words-en.yaml": "words: {sending: {en: [sent]}}\n",
        "words-ko.yaml": "words: {sending: {ko: [파병]}}\n",
    }
    assert load_one(write(tmp_path / "kursk", files)).story.words["sending"] == {"en": ("sent",), "ko": ("파병",)}


def test_a_group_of_words_with_one_language_twice_is_an_error_at_the_second(tmp_path: Path) -> None:
    files = {"a.yaml": "title: T\nwords: {sending: {en: [sent]}}\n", "b.yaml": "words: {sending: {ko: [파병], en: [shipped]}}\n"}
    with pytest.raises(RuleErrors) as caught:
        load_one(write(tmp_path / "kursk", files))
    assert [(Path(e.place.file).name, e.place.line, e.place.column, e.text) for e in caught.value.errors] == [("b.yaml", 1, 29, "en")]


SHARED = """\
entities:
  north-korea: {kind: party, names: {en: [North Korea]}}
words:
  sending: {en: [sent]}
"""
USES = """\
title: A story
shared: [parties]
claims:
  c: {text: T, about: north-korea and sending, confirmed_by: north-korea}
"""


def write_all(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_stories_share_entities_and_words_by_naming_a_file(tmp_path: Path) -> None:
    write_all(tmp_path, {"_shared/parties.yaml": SHARED, "one/story.yaml": USES, "two/story.yaml": USES})
    for _ in range(2):  # the second time what was read before is taken from the cache
        both = read_stories(tmp_path, conditions.check)
        assert [(story.story, list(story.entities), list(story.words)) for story, _ in both] == [
            ("one", ["north-korea"], ["sending"]),
            ("two", ["north-korea"], ["sending"]),
        ]
    assert [story.story for story, _ in read_stories(tmp_path / "one", conditions.check)] == ["one"]
    write_all(tmp_path, {"_shared/parties.yaml": SHARED.replace("{en: [sent]}", "{en: [sent, dispatched]}")})
    [one, _] = read_stories(tmp_path, conditions.check)
    assert one[0].words["sending"]["en"] == ("sent", "dispatched")


SHARED_WRONG = {
    # outcome: files beside those above, file, line, column, part of the problem, part of the hint
    "a shared file that is not there": ({"one/story.yaml": USES.replace("[parties]", "[partys]")}, "one/story.yaml", 2, 10, "no shared file", "`parties`"),
    "a mistake in the shared file": ({"_shared/parties.yaml": SHARED.replace("party", "pary")}, "_shared/parties.yaml", 2, 23, "", "`party`"),
    "an entity that both have": (
        {"one/story.yaml": USES + "entities:\n  north-korea: {kind: party}\n"}, "_shared/parties.yaml", 2, 3, "stands twice", "rename one",
    ),
    "a claim in a shared file": ({"_shared/parties.yaml": SHARED + "claims: {}\n"}, "_shared/parties.yaml", 5, 1, "entities and words only", "a file of the story"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "file", "line", "column", "problem", "hint"), SHARED_WRONG.values(), ids=SHARED_WRONG)
def test_what_is_wrong_with_sharing_is_told_at_its_place(
    tmp_path: Path, files: Mapping[str, str], file: str, line: int, column: int, problem: str, hint: str
) -> None:
    write_all(tmp_path, {"_shared/parties.yaml": SHARED, "one/story.yaml": USES, **files})
    with pytest.raises(RuleErrors) as caught:
        read_stories(tmp_path, conditions.check)
    [error] = caught.value.errors
    assert (error.place.file, error.place.line, error.place.column) == (str(tmp_path / file), line, column)
    assert problem in error.problem
    assert hint in error.hint
