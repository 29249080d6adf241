"""Mistakes that people make, each in a file of its own: what is told, and where, is what an analyst needs to put it right.

Beside `test_errors.py`, which goes through the checks one by one, this goes through the people: how they type, paste, save and guess.
In the texts `▶` marks where an error is expected: its line and column are those of the letter that follows. The conditions are those
of the engine.
"""

import gzip
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.engine import conditions
from monitor.errors import RuleError, RuleErrors
from monitor.rules.load import load_stories
from tests.rules.test_errors import ROWS, marks
from tests.rules.test_load import write

T = "title: T\n"
PARTIES = T + "entities: {russia: {kind: party, names: {en: Russia}}, north-korea: {kind: party}, kremlin: {kind: office}}\n"
CLAIM = PARTIES + "words: {sending: {en: [sent]}}\nclaims: {troops-sent: {text: T, about: sending}}\n"
WHEN = "when: {party: russia}"
URL = "url: 'http://a.org'"
MEANT_FOR_A_PROGRAMMER = (
    "pydantic",
    "Input should",
    "ruamel",
    "block mapping",
    "scalar",
    "token",
    "flow",
    "codec",
    "None",
    "dict",
    "tuple",
    "str ",
    "validat",
    "parser",
)


class Mistake(NamedTuple):
    name: str
    text: str
    problem: str
    hint: str = ""


def condition(text: str) -> str:
    """A match of this condition, quoted as it should be."""
    return CLAIM + f"matches:\n  m: '{text}'\n"


def test_of(expect: str) -> str:
    """A test that expects this."""
    return CLAIM + f"alerts: [{{alert: a, {WHEN}}}]\ntests: [{{test: t, articles: [{{at: 2025-01-01, title: x, expect: {{{expect}}}}}]}}]\n"


test_of.__test__ = False  # type: ignore[attr-defined]  # a helper, whatever its name begins with

TYPED = [
    Mistake("an equals sign for a colon", "title = T\n".replace("title", "▶title"), "not text", "`title: …`"),
    Mistake("no space behind the colon", "▶title:T\n", "not text", "a space"),
    Mistake("no space behind a deeper colon", T + "claims:\n  sent:\n    ▶text:T\n", "keys and values", ""),
    Mistake("no space behind a dash", T + "alerts:\n  ▶-{alert: a}\n", "`alerts` must be a list", "`- `"),
    Mistake("a full-width colon", "▶title：T\n", "not text", "`：`"),
    Mistake("a full-width colon after a key", T + "▶claims： {}\n", "no colon", "`：`"),
    Mistake("a no-break space to indent", T + "claims:\n▶\u00a0\u00a0sent: {text: T, about: x}\n", "no-break space", "ordinary spaces"),
    Mistake("an ideographic space to indent", T + "claims:\n▶\u3000sent: {text: T, about: x}\n", "space", "ordinary spaces"),
    Mistake("an invisible space in a key", T + "▶cla\u200bims: {}\n", "invisible", "delete"),
    Mistake("a byte order mark inside a file", T + "▶\ufeffclaims: {}\n", "invisible", "delete"),
    Mistake("a Cyrillic letter in a key", T + "▶сlaims: {}\n", "unknown key", "`claims`"),
    Mistake("a key in capitals", T + "▶Claims: {}\n", "unknown key", "did you mean `claims`?"),
    Mistake("a key in another language", T + "▶утверждения: {}\n", "unknown key", "claims"),
    Mistake("a key in the plural", T + "claims: {c: {text: T, ▶abouts: x}}\n", "unknown key", "did you mean `about`?"),
    Mistake(
        "a hyphen for an underscore",
        T + "claims: {c: {text: T, about: x, ▶confirmed-by: russia}}\n",
        "unknown key",
        "did you mean `confirmed_by`?",
    ),
    Mistake(
        "an underscore for a hyphen", CLAIM + "alerts: [{alert: a, when: {claim: ▶troops_sent}}]\n", "lower-case letters", "`troops-sent`"
    ),
    Mistake("an id in capitals", CLAIM + "alerts: [{alert: a, when: {claim: ▶Troops-Sent}}]\n", "lower-case letters", "`troops-sent`"),
    Mistake("an id with a space", CLAIM + "alerts: [{alert: a, when: {party: ▶north korea}}]\n", "lower-case letters", "`north-korea`"),
    Mistake("an id in Russian", T + "entities: {▶россия: {kind: party}}\n", "lower-case letters", "like"),
    Mistake("an id that ends in a hyphen", T + "entities: {▶russia-: {kind: party}}\n", "lower-case letters", "did you mean `russia`?"),
    Mistake(
        "curly quotes for straight ones",
        CLAIM + "alerts: [{alert: a, when: {claim: ▶“troops-sent”}}]\n",
        "lower-case letters",
        "`troops-sent`",
    ),
    Mistake(
        "a quote that is never closed, lines later",
        T + "claims:\n  c: {text: ▶'T, about: x}\n  d: {text: T, about: y}\n",
        "never closed",
        "close it",
    ),
    Mistake("several names without brackets", T + "entities: {a: {kind: party, names: {en: Smith, ▶Jones}}}\n", "no colon", "[a, b]"),
    Mistake(
        "a comma in a text",
        T + f"alerts: [{{alert: a, {WHEN.replace('russia', 'a')}, summary: No, ▶not so}}]\nentities: {{a: {{kind: party}}}}\n",
        "no colon",
        "in quotes",
    ),
    Mistake("an apostrophe in single quotes", T + "entities: {a: {names: {en: ['Workers' ▶Party']}}}\n", "comma or a closing bracket", ""),
    Mistake(
        "quotes in double quotes",
        T + 'entities: {a: {names: {en: "the "▶Storm" Corps"}}}\n',
        "the quotes close before this",
        "single quotes",
    ),
    Mistake(
        "a colon in a claim's text",
        T + "claims:\n  c:\n    text: Kim▶: troops were sent\n    about: x\n",
        "a key cannot stand here",
        "in quotes",
    ),
    Mistake("a star to begin a name", T + "entities: {a: {names: {en: [▶*ov]}}}\n", "nothing has this name", "in quotes"),
    Mistake("an exclamation mark to begin a text", T + "claims: {c: {text: ▶!Attack, about: x}}\n", "no tags", "in quotes"),
    Mistake("an ampersand to begin a name", T + "entities: {a: {names: {en: [▶& Sons]}}}\n", "need a name", "in quotes"),
    Mistake(
        "a bracket to begin a condition",
        T + "claims: {c: {text: T, about: [a or b] ▶and c}}\n",
        "comma or a closing bracket",
        "begins with one",
    ),
    Mistake(
        "a brace for a placeholder unquoted",
        PARTIES + "alerts:\n  - {alert: a, " + WHEN + ", summary: {party} ▶now}\n",
        "comma or a closing bracket",
        "begins with one",
    ),
    Mistake("a backtick", T + "claims: {c: {text: ▶`T`, about: x}}\n", "cannot start with this character", "in quotes"),
    Mistake(
        "a list's comma forgotten between braces", PARTIES + "alerts: [{alert: a, " + WHEN + "} ▶{alert: b, " + WHEN + "}]\n", "comma", ""
    ),
    Mistake("one brace too many", PARTIES + "alerts:\n  - {alert: a, " + WHEN + "}▶}\n", "closes nothing", "bracket"),
    Mistake("one bracket too many", T + "entities: {a: {names: {en: [A]▶]}}}\n", "closes nothing", "bracket"),
    Mistake(
        "a list item at the key's own level is fine, a key below it is not",
        T + "alerts:\n- alert: a\n ▶when: {claim: c}\n",
        "does not fit the lines above",
        "indentation",
    ),
    Mistake(
        "a key indented less than its sisters",
        T + "claims:\n    a: {text: T, about: x}\n  ▶b: {text: T, about: x}\n",
        "does not fit the lines above",
        "indentation",
    ),
    Mistake("a tab behind spaces", T + "claims:\n  a:\n  ▶\ttext: T\n", "tab", "spaces"),
    Mistake("a tab in the middle of a text", "title: T▶\tx\nzz: 1\n", "a tab cannot stand here", "a space"),
    Mistake(
        "a merge marker of git in a list",
        PARTIES + "alerts:\n▶<<<<<<< HEAD\n  - {alert: a, " + WHEN + "}\n=======\n>>>>>>> other\n",
        "merge",
        "conflict",
    ),
    Mistake("JSON with a comment", '{"title": "T", // none\n"claims"▶: {}}\n', "comma", ""),
    Mistake(
        "a comma forgotten at a line's end",
        PARTIES + "alerts: [\n  {alert: a, " + WHEN + "}\n  ▶{alert: b, " + WHEN + "}\n]\n",
        "a comma",
        "",
    ),
    Mistake("HTML for YAML", "▶<!DOCTYPE html>\n<html><body>404</body></html>\n", "not text", "start with a key"),
    Mistake(
        "an anchor twice is the last one, a wrong alias not",
        T + "entities: {a: {names: &n {en: A}}, b: {names: ▶*m}}\n",
        "nothing has this name",
        "&m",
    ),
    Mistake("an alias before its anchor", T + "entities: {a: {names: ▶*n}, b: {names: &n {en: A}}}\n", "nothing has this name", ""),
    Mistake("a merge key of a list", T + "entities: {a: &a {kind: party}, b: {▶<<: [*a]}}\n", "do not merge", "write the keys out"),
]

VALUES = [
    Mistake("a yes for a list", T + "entities: {a: {speaks_for: ▶yes}}\n", "no party of this name", ""),
    Mistake("a number for a section", T + "claims: ▶5\n", "`claims` must be keys and values", ""),
    Mistake("a text for a list", T + "feeds: ▶http://a.org\n", "`feeds` must be a list", "`- `"),
    Mistake("a feed that is an address only", T + "feeds: [▶'http://a.org']\n", "must be keys and values", "url"),
    Mistake("an alert that is a name only", PARTIES + "alerts: [▶admitted]\n", "must be keys and values", "alert, when"),
    Mistake("an entity that is a list of names", T + "entities: {a: ▶[A, B]}\n", "must be keys and values", "names"),
    Mistake("an entity that is a name", T + "entities: {a: ▶Russia}\n", "must be keys and values", "names"),
    Mistake("names without a language", T + "entities: {a: {names: ▶Russia}}\n", "must be keys and values", "language"),
    Mistake("words without a language", T + "words: {w: ▶[sent]}\n", "must be keys and values", "language"),
    Mistake("a language by its full name", T + "words: {w: {▶english: [sent]}}\n", "must be one of en", "did you mean `en`?"),
    Mistake("Ukraine's country code", T + "words: {w: {▶ua: [x]}}\n", "must be one of en", "did you mean `uk`?"),
    Mistake("Korea's country code", T + "words: {w: {▶kr: [x]}}\n", "must be one of en", "did you mean `ko`?"),
    Mistake("China's country code", T + "words: {w: {▶cn: [x]}}\n", "must be one of en", "did you mean `zh`?"),
    Mistake("a language with its region", T + "words: {w: {▶zh-CN: [x]}}\n", "must be one of en", "did you mean `zh`?"),
    Mistake("a null for a name", T + "entities: {a: {names: {en: [A, ▶null]}}}\n", "nothing stands here", "delete it"),
    Mistake("an empty name", T + "entities: {a: {names: {en: [A, ▶'']}}}\n", "must not be empty", ""),
    Mistake("a claim's text that is a list", T + "claims: {c: {text: ▶[T], about: x}}\n", "must be text", ""),
    Mistake("a condition that is keys", T + "claims: {c: {text: T, about: ▶{all: [a, b]}}}\n", "must be text", ""),
    Mistake("a condition in a list in a list", T + "claims: {c: {text: T, about: [▶[a]]}}\n", "must be text", ""),
    Mistake("a kind from another program", T + "entities: {a: {kind: ▶organization}}\n", "must be one of party", ""),
    Mistake("a kind in capitals", T + "entities: {a: {kind: ▶Party}}\n", "must be one of party", "did you mean `party`?"),
    Mistake(
        "a stance as a verb",
        test_of("evidence: [{claim: troops-sent, party: russia, stance: ▶denies}]"),
        "must be one of affirm",
        "did you mean `deny`?",
    ),
    Mistake(
        "a stance as a noun",
        test_of("evidence: [{claim: troops-sent, party: russia, stance: ▶denial}]"),
        "must be one of affirm",
        "did you mean `deny`?",
    ),
    Mistake(
        "a stance of admission", test_of("evidence: [{claim: troops-sent, party: russia, stance: ▶confirm}]"), "must be one of affirm", ""
    ),
    Mistake(
        "a status for a stance",
        CLAIM + "alerts: [{alert: a, when: {party: russia, position: ▶denied}}]\n",
        "must be one of affirm",
        "did you mean `deny`?",
    ),
    Mistake(
        "a stance for a status",
        CLAIM + "alerts: [{alert: a, when: {claim: troops-sent, becomes: ▶deny}}]\n",
        "must be one of confirmed",
        "did you mean `denied`?",
    ),
    Mistake(
        "a time in words",
        test_of("evidence: [{claim: troops-sent, party: russia, stance: deny, when: ▶before}]"),
        "must be one of now, past",
        "",
    ),
    Mistake("a strength of nothing", CLAIM.replace("about: sending", "about: sending, moved_by: ▶weak"), "must be one of any, strong", ""),
    Mistake("a severity from syslog", PARTIES + "alerts: [{alert: a, severity: ▶critical, " + WHEN + "}]\n", "must be one of urgent", ""),
    Mistake("a severity in a list", PARTIES + "alerts: [{alert: a, severity: ▶[urgent], " + WHEN + "}]\n", "must be one of urgent", ""),
    Mistake("a duration without its unit", T + "feeds: [{" + URL + ", every: ▶15}]\n", "a number and one of s, m, h, d, w", "5m"),
    Mistake("a duration with a unit in words", T + "feeds: [{" + URL + ", every: ▶15 min}]\n", "a number and one of s, m, h, d, w", ""),
    Mistake("a duration of two units", T + "feeds: [{" + URL + ", every: ▶1h30m}]\n", "a number and one of s, m, h, d, w", ""),
    Mistake("a negative duration", T + "feeds: [{" + URL + ", every: ▶-5m}]\n", "a number and one of s, m, h, d, w", ""),
    Mistake(
        "a fraction of an hour", PARTIES + "alerts: [{alert: a, throttle: ▶1.5h, " + WHEN + "}]\n", "a number and one of s, m, h, d, w", ""
    ),
    Mistake(
        "months of throttle", PARTIES + "alerts: [{alert: a, throttle: ▶2mo, " + WHEN + "}]\n", "a number and one of s, m, h, d, w", ""
    ),
    Mistake("a date day first", CLAIM + "tests: [{test: t, articles: [{at: ▶28.04.2025}]}]\n", "2025-04-28", ""),
    Mistake("a date month first", CLAIM + "tests: [{test: t, articles: [{at: ▶04/28/2025}]}]\n", "2025-04-28", ""),
    Mistake("a date without its day", CLAIM + "tests: [{test: t, articles: [{at: ▶2025-04}]}]\n", "2025-04-28", ""),
    Mistake(
        "a date of an hour that is none",
        CLAIM + "tests: [{test: t, articles: [{at: '▶2025-04-28T25:00:00Z'}]}]\n".replace("'▶", "▶'"),
        "2025-04-28",
        "",
    ),
    Mistake(
        "a tenure's date in words",
        PARTIES.replace("kremlin: {kind: office}", "kremlin: {speaks_for: {party: russia, since: ▶May 2024}}"),
        "2025-04-28",
        "",
    ),
    Mistake("an address without its scheme", T + "feeds: [{url: ▶www.a.org/rss}]\n", "not the address of a feed", "https://"),
    Mistake("an address with a space", T + "feeds: [{url: ▶'http://a.org/my feed'}]\n", "not the address of a feed", ""),
    Mistake("an address of mail", T + "feeds: [{url: ▶'mailto:a@b.org'}]\n", "not the address of a feed", ""),
    Mistake("a file for an address", T + "feeds: [{url: ▶'file:///etc/passwd'}]\n", "not the address of a feed", "http://"),
    Mistake("an address without a host", T + "feeds: [{url: ▶'http://'}]\n", "not the address of a feed", ""),
    Mistake("an address with a password", T + "feeds: [{url: ▶'https://desk:sesame@a.org/rss'}]\n", "no password", "`auth: FEED_…`"),
    Mistake("a password for a variable", T + "feeds: [{" + URL + ", auth: ▶'desk:sesame'}]\n", "not an environment variable", "FEED_LOGIN"),
    Mistake(
        "another secret of the machine",
        T + "feeds: [{" + URL + ", auth: ▶AWS_SECRET_ACCESS_KEY}]\n",
        "not an environment variable",
        "FEED_",
    ),
    Mistake(
        "a header that is none", T + "feeds: [{" + URL + ", headers: {▶'X Key:': FEED_KEY}}]\n", "not the name of a header", "X-Api-Key"
    ),
    Mistake(
        "a header of the program's own", T + "feeds: [{" + URL + ", headers: {▶Host: FEED_HOST}}]\n", "the program's own", "take it out"
    ),
    Mistake("two logins", T + "feeds: [▶{" + URL + ", auth: FEED_A, headers: {authorization: FEED_B}}]\n", "`auth` makes", "one of them"),
    Mistake("a cron of a name", T + "feeds: [{" + URL + ", cron: ▶'@daily'}]\n", "'0 0 * * *'", ""),
    Mistake("a cron of six fields", T + "feeds: [{" + URL + ", cron: ▶0 0 0 * * *}]\n", "five fields", ""),
    Mistake("a cron of a minute that is none", T + "feeds: [{" + URL + ", cron: ▶60 * * * *}]\n", "minute", ""),
    Mistake("a cron of a day that never comes", T + "feeds: [{" + URL + ", cron: ▶0 0 31 2 *}]\n", "no such day", ""),
    Mistake("a cron that starts with a star, unquoted", T + "feeds: [{" + URL + ", cron: ▶*/5 * * * *}]\n", "need a name", "in quotes"),
    Mistake("a language in capitals", T + "feeds: [{" + URL + ", lang: ▶EN}]\n", "not a language", "like en"),
    Mistake("a language with its region, of a feed", T + "feeds: [{" + URL + ", lang: ▶en-US}]\n", "not a language", "like en"),
    Mistake(
        "a count without its time",
        CLAIM + "matches: {m: russia}\nalerts: [{alert: a, when: ▶{match: m, times: 3}}]\n",
        "count matches",
        "`within`",
    ),
    Mistake(
        "a count in words",
        CLAIM + "matches: {m: russia}\nalerts: [{alert: a, when: {match: m, within: 1h, times: ▶three}}]\n",
        "whole number",
        "",
    ),
    Mistake(
        "a count of one",
        CLAIM + "matches: {m: russia}\nalerts: [{alert: a, when: {match: m, within: 1h, times: ▶1}}]\n",
        "must be 2 or more",
        "larger",
    ),
    Mistake("a final that is neither", PARTIES + "alerts: [{alert: a, final: ▶maybe, " + WHEN + "}]\n", "true or false", ""),
    Mistake("a label that is a list", PARTIES + "alerts: [{alert: a, labels: {desk: ▶[a]}, " + WHEN + "}]\n", "must be text", ""),
    Mistake("a status that no test can expect", test_of("troops-sent: ▶true"), "must be one of confirmed", ""),
    Mistake("a test's alerts as keys", test_of("alerts: ▶{a: 1}"), "must be a list", "[a, b]"),
    Mistake("a test's evidence as text", test_of("evidence: ▶none"), "must be a list", ""),
    Mistake(
        "a test's expectation as text",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: ▶confirmed}]}]\n",
        "must be keys and values",
        "",
    ),
    Mistake("a test's article that is a list", CLAIM + "tests: [{test: t, articles: [▶[x]]}]\n", "must be keys and values", "at, title"),
    Mistake("a test's articles that are one", CLAIM + "tests: [{test: t, articles: ▶{at: 2025-01-01}}]\n", "must be a list", "`- `"),
]

NAMES = [
    Mistake(
        "a party's other name", CLAIM.replace("about: sending", "about: sending, confirmed_by: ▶Russia"), "lower-case letters", "`russia`"
    ),
    Mistake(
        "an office for a party",
        CLAIM.replace("about: sending", "about: sending, confirmed_by: [russia, ▶kremlin]"),
        "not a party",
        "`kind: party`",
    ),
    Mistake("a claim for a party", CLAIM + "alerts: [{alert: a, when: {party: ▶troops-sent}}]\n", "no party of this name", ""),
    Mistake(
        "a party for a claim", CLAIM + "alerts: [{alert: a, when: {claim: ▶russia}}]\n", "no claim of this name", "an entity has this name"
    ),
    Mistake(
        "a claim for a match",
        CLAIM + "alerts: [{alert: a, when: {match: ▶troops-sent}}]\n",
        "no match of this name",
        "a claim has this name",
    ),
    Mistake(
        "words for a match",
        CLAIM + "alerts: [{alert: a, when: {match: ▶sending}}]\n",
        "no match of this name",
        "a group of words has this name",
    ),
    Mistake(
        "an alert's own name for its claim",
        CLAIM + "alerts: [{alert: admitted, when: {claim: ▶admitted}}]\n",
        "no claim of this name",
        "one of troops-sent",
    ),
    Mistake("half a name", CLAIM + "alerts: [{alert: a, when: {claim: ▶troops}}]\n", "no claim of this name", "`troops-sent`"),
    Mistake("a cycle of two", T + "entities:\n  a: {part_of: ▶b}\n  b: {part_of: a}\n", "a → b → a", "delete one"),
    Mistake(
        "a cycle of four, begun in the middle",
        T + "entities:\n  x: {part_of: a}\n  a: {part_of: ▶b}\n  b: {part_of: c}\n  c: {part_of: d}\n  d: {part_of: a}\n",
        "a → b → c → d → a",
        "",
    ),
    Mistake("part of words", CLAIM.replace("kind: office", "kind: office, part_of: ▶sending"), "no entity of this name", ""),
    Mistake(
        "a speaker for an office",
        PARTIES.replace("kremlin: {kind: office}", "kremlin: {kind: office}, peskov: {speaks_for: ▶kremlin}"),
        "not a party",
        "`kind: party`",
    ),
    Mistake("words and an entity of one name", PARTIES + "words: {▶kremlin: {en: K}}\n", "an entity has this name too", "rename"),
    Mistake(
        "an alert twice", PARTIES + "alerts: [{alert: a, " + WHEN + "}, {alert: ▶a, " + WHEN + "}]\n", "has this name already", "rename"
    ),
    Mistake("an expectation for a match", test_of("▶storm: open"), "no claim of this name", ""),
    Mistake("an expectation of a misspelt section", test_of("▶alert: [a]"), "no claim of this name", "`alerts`"),
    Mistake("an expected alert misspelt", test_of("alerts: [▶aa]"), "no alert of this name", "`a`"),
    Mistake(
        "a placeholder in another language",
        PARTIES + "alerts: [{alert: a, " + WHEN + ", summary: 'Заява: ▶{партія}'}]\n",
        "unknown placeholder",
        "party",
    ),
    Mistake(
        "a placeholder in the plural",
        PARTIES + "alerts: [{alert: a, " + WHEN + ", summary: '한국 ▶{parties}'}]\n",
        "unknown placeholder",
        "did you mean `party`?",
    ),
    Mistake(
        "a placeholder in double braces",
        PARTIES + "alerts: [{alert: a, " + WHEN + ", summary: '{{party▶}'}]\n",
        "a brace without its partner",
        "{{",
    ),
    Mistake("a placeholder of nothing", PARTIES + "alerts: [{alert: a, " + WHEN + ", summary: 'x ▶{}'}]\n", "unknown placeholder", "claim"),
    Mistake(
        "a placeholder with spaces",
        PARTIES + "alerts: [{alert: a, " + WHEN + ", summary: '▶{ party }'}]\n",
        "unknown placeholder",
        "`party`",
    ),
]

CONDITIONS = [
    Mistake("a word behind a word of an id", condition("sending ▶russia"), "side by side", "`and`, `or` or `near`"),
    Mistake("an id misspelt", condition("russia near ▶north-koera"), "no entity or vocabulary has this id", "`north-korea`"),
    Mistake("an id of nothing", condition("russia near ▶storm-corps"), "no entity or vocabulary has this id", "in quotes"),
    Mistake("an and to begin with", condition("▶and russia"), "missing here", ""),
    Mistake("an or at the end", condition("russia or▶"), "missing here", ""),
    Mistake("a near without its other side", condition("russia near 5▶"), "missing here", ""),
    Mistake("a near of a near", condition("russia near ▶near sending"), "missing here", ""),
    Mistake("a distance of ages", condition("russia near ▶99999 sending"), "further than any text", "near 10"),
    Mistake("a parenthesis never closed", condition("russia and ▶(sending or go"), "never closed", "close it"),
    Mistake("a parenthesis never opened", condition("russia▶) and sending"), "never opened", ""),
    Mistake("a quotation never closed", condition('russia and ▶"cannon fodder'), "never closed", ""),
    Mistake("empty quotation marks", condition('russia and ▶""'), "empty quotation marks", ""),
    Mistake("empty parentheses", condition("russia and (▶)"), "missing here", ""),
    Mistake("only a not", condition("▶not russia"), "`not` needs something beside it", "this and not that"),
    Mistake("an alternative that is only a not", condition("russia or ▶not sending"), "`not` needs something beside it", ""),
    Mistake("only a number", condition("▶number >= 1000"), "nothing in this must be there", "beside it"),
    Mistake("a pattern that is none", condition('russia near regex("▶[0-9")'), "this is no pattern", "RE2"),
    Mistake("a pattern that finds nothing everywhere", condition('russia near regex("▶x*")'), "finds nothing", "RE2"),
    Mistake("a language that is a word", condition("russia and lang(▶Russian)"), "no language's code", "like ru"),
    Mistake("a party that is none", condition("party(▶rusia) near sending"), "no party has this id", "`russia`"),
    Mistake("only where it comes from", condition("▶lang(ru)"), "nothing in this must be there", "a word or an entity"),
    Mistake("anywhere near something", condition("russia near ▶anywhere(sending)"), "no place", "and anywhere"),
    Mistake("a star in a word", condition("russia near ▶de*ploy"), "`*`", ""),
    Mistake("a star alone", condition("russia near ▶*"), "`*`", ""),
    Mistake("programmers' and", condition("russia & ▶& sending"), "missing here", ""),
    Mistake("an and in capitals is an and", condition("russia AND ▶north-koera"), "no entity", "`north-korea`"),
    Mistake("parentheses within parentheses", condition("(" * 50 + "▶(" + "russia" + ")" * 51), "more than 50 deep", "`words:`"),
    Mistake("far into a Chinese condition", condition("派兵 or 出兵 or ▶russa-x"), "no entity", ""),
    Mistake("far into a Korean condition", condition("파병 near 5 ▶(북한"), "never closed", ""),
    Mistake("behind an emoji", condition("🚀 near ▶(x"), "never closed", ""),
    Mistake(
        "on the third line of a folded one",
        CLAIM + "matches:\n  m: >-\n    russia and\n    sending and\n    (russia or ▶north-koera)\n",
        "no entity",
        "`north-korea`",
    ),
    Mistake("a number that is none", condition("russia near number ▶>= many"), "this compares nothing", "number >= 1000"),
    Mistake(
        "in the third of a claim's conditions",
        CLAIM.replace("about: sending", "about: [sending, russia, 'russia near ▶sendng-x']"),
        "no entity",
        "",
    ),
]

TERMS = [
    Mistake("a bar without brackets", T + "entities: {a: {names: {en: ['Kremlin▶|Moscow']}}}\n", "in brackets", "(troops|soldiers)"),
    Mistake("a bracket never closed", T + "entities: {a: {names: {ko: [북한 ▶(군|병사]}}}\n", "never closed", ""),
    Mistake("a bracket never opened", T + "entities: {a: {names: {zh: [朝鲜军▶)]}}}\n", "closes nothing", ""),
    Mistake("an alternative for nothing", T + "words: {w: {ru: ['(▶|войска)']}}\n", "alternative is empty", "(word|)"),
    Mistake("only an optional word", T + "words: {w: {ru: ['▶(войска|)']}}\n", "may come out empty", ""),
    Mistake("one alternative", T + "entities: {a: {names: {en: ['Lavrov ▶(Sergey)']}}}\n", "brackets hold alternatives", "(word|)"),
    Mistake("a star inside a word", T + "words: {w: {uk: [відправ▶*ли]}}\n", "end of a word", ""),
    Mistake("a star of its own", T + "words: {w: {uk: ['військо ▶*']}}\n", "end of a word", ""),
    Mistake("a thousand wordings too many", T + "words: {w: {en: ['" + "(a|b)" * 9 + "▶(a|b)']}}\n", "more than 1000", "split it"),
    Mistake(
        "brackets in brackets in brackets", T + "words: {w: {en: ['" + "(" * 8 + "▶(a|b" + ")|c" * 8 + ")']}}\n", "more than 8 deep", ""
    ),
]

MISTAKES = TYPED + VALUES + NAMES + CONDITIONS + TERMS


def errors_in(folder: Path) -> list[RuleError]:
    """What is told of a story, as `monitor check` tells it."""
    with pytest.raises(RuleErrors) as caught:
        load_stories(folder, conditions.check)
    return caught.value.errors


def for_an_analyst(error: RuleError) -> bool:
    """Whether an error speaks of the file, not of the libraries that read it."""
    return not any(word in f"{error.problem} {error.hint}" for word in MEANT_FOR_A_PROGRAMMER)


@pytest.mark.parametrize("case", MISTAKES, ids=[one.name for one in MISTAKES])
def test_a_mistake_is_told_where_it_stands_with_what_would_be_right(tmp_path: Path, case: Mistake) -> None:
    folder = write(tmp_path / "kursk", {"story.yaml": case.text.replace("▶", "")})
    errors = errors_in(folder)
    told = [str(error) for error in errors]
    assert [(error.place.line, error.place.column) for error in errors] == marks(case.text), told
    assert case.problem in errors[0].problem, told
    assert case.hint in errors[0].hint, told
    assert all(for_an_analyst(error) and error.problem for error in errors), told
    assert errors[0].hint or case.problem, told


BYTES = [
    ("UTF-16 with its mark", "title: T\n".encode("utf-16"), (1, 1), "UTF-16", "UTF-8"),
    ("UTF-16 without its mark", "title: T\n".encode("utf-16-le"), (1, 1), "UTF-16", "UTF-8"),
    ("UTF-16, big end first", "title: Курск\n".encode("utf-16-be"), (1, 1), "UTF-16", "UTF-8"),
    ("UTF-32", "title: T\n".encode("utf-32"), (1, 1), "UTF-32", "UTF-8"),
    ("Windows-1251", "title: T\n# Курск\n".encode("cp1251"), (2, 3), "not UTF-8", "UTF-8"),
    ("KOI8-R", "title: Курск\n".encode("koi8-r"), (1, 8), "not UTF-8", "UTF-8"),
    ("Latin-1", "title: café\n".encode("latin-1"), (1, 11), "not UTF-8", "UTF-8"),
    ("Korean Windows", "title: 북한\n".encode("cp949"), (1, 8), "not UTF-8", "UTF-8"),
    ("Chinese GBK", "title: 朝鲜\n".encode("gbk"), (1, 8), "not UTF-8", "UTF-8"),
    ("behind good letters of two and four bytes", "title: Курск 🚀 ".encode() + b"\xff\n", (1, 16), "not UTF-8", "UTF-8"),
    ("cut off within a letter", "title: Курск".encode()[:-1], (1, 12), "cut off", "whole"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(40), (1, 1), "not a text file", ""),
    ("something compressed", gzip.compress(b"title: T\n"), (1, 1), "not a text file", ""),
    ("an office document", b"PK\x03\x04" + bytes(60), (1, 1), "not a text file", ""),
    ("a NUL in the middle", b"title: T\nstory: \0\n", (2, 8), "NUL", "UTF-8"),
    ("a file of NULs, as a crash leaves it", bytes(4096), (1, 1), "not a text file", ""),
    ("ten megabytes", b"# x\n" * 2_500_000, (1, 1), "larger than 2 MB", "several files"),
    ("cut off in a bracket", b"title: T\nclaims: {a: {text: T, about: x", (2, 13), "never closed", ""),
    ("cut off in a quote", b'title: T\nclaims: {a: {text: "T', (2, 20), "never closed", ""),
    ("cut off behind a key", b"title: T\nclaims:\n  a", (3, 3), "keys and values", ""),
    ("old Mac line ends", b"title: T\rzz: 1\r", (2, 1), "unknown key", ""),
    ("mixed line ends", b"title: T\r\n\nzz: 1\r", (3, 1), "unknown key", ""),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "place", "problem", "hint"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_bytes_that_are_no_rules_say_what_they_are(tmp_path: Path, raw: bytes, place: tuple[int, int], problem: str, hint: str) -> None:
    (tmp_path / "kursk").mkdir()
    (tmp_path / "kursk" / "story.yaml").write_bytes(raw)
    error = errors_in(tmp_path)[0]
    assert ((error.place.line, error.place.column), True) == (place, problem in error.problem and hint in error.hint), str(error)
    assert for_an_analyst(error)


def test_there_are_more_than_two_hundred_of_them() -> None:
    assert len(MISTAKES) + len(ROWS) + len(BYTES) > 200
    assert len({one.text for one in MISTAKES} | {one.text for one in ROWS}) > 200
