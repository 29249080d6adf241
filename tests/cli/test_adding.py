"""`monitor feeds add`, `import`, `export`, `test`: a list of feeds that people keep, in files that stay theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.errors import MonitorError

RULES = """\
title: A story
entities:
  kremlin: {kind: party, names: {en: [Kremlin]}}
claims:
  troops-sent: {text: Troops were sent, about: "troops"}
matches:
  troops: troops
feeds:
  # Wires
  - {url: 'http://wire.example/rss', outlet: Wire}  # theirs
"""
FEED = """<rss version="2.0"><channel><title>One \x07</title><language>en-GB</language><ttl>30</ttl>
<item><guid>a</guid><title>The Kremlin denied that troops were sent</title><pubDate>Mon, 02 Jun 2025 10:00:00 GMT</pubDate></item>
<item><guid>b</guid><title>날씨</title></item></channel></rss>"""
PAGE = "".join(f'<link rel="alternate" type="application/rss+xml" href="{name}.xml">' for name in ("one", "two"))
OPML = """<opml version="1.0"><body><outline text="Wire again" xmlUrl="https://wire.example/rss/"/><outline text="Other" xmlUrl="https://wire.example/b"/>
<outline text="신문" xmlUrl="https://paper.example/rss" language="ko"/><outline text="bad" xmlUrl="gopher://x"/></body></opml>"""


@dataclass(frozen=True)
class Ran:
    """What a command wrote. problem: what it ended with."""

    out: str
    err: str
    problem: str


def feeds(*arguments: str | Path, stdin: str = "") -> Ran:
    """`monitor feeds …`, in this process."""
    done = CliRunner().invoke(app, ["feeds", *map(str, arguments)], input=stdin.encode())
    if done.exception is not None and not isinstance(done.exception, MonitorError):
        raise done.exception
    assert not any(sign in done.output for sign in "\x07\x1b")
    return Ran(done.stdout, done.stderr, str(done.exception or ""))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that names two feeds."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in (("index.html", f"<!doctype html>{PAGE}"), ("one.xml", FEED), ("two.xml", FEED)):
        (folder / name).write_text(text, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder of one story."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "story.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def added(rules: Path) -> str:
    """What has been put at the end of the story's file."""
    text = (rules / "tiny" / "story.yaml").read_text(encoding="utf-8")
    assert text.startswith(RULES)
    return text.removeprefix(RULES)


def test_a_page_with_several_feeds_asks_which_and_all_is_an_answer(site: str, rules: Path) -> None:
    asked = feeds("add", f"{site}/", "--rules", rules)
    assert "2 feeds" in asked.problem
    assert added(rules) == ""
    assert [line.split()[0] for line in asked.out.splitlines()] == [f"{site}/one.xml", f"{site}/two.xml"]
    assert feeds("add", site.removeprefix("http://"), "--all", "--every", "5m", "--rules", rules).problem == ""
    assert added(rules) == "".join(f'  - {{url: "{site}/{name}.xml", every: 5m, lang: en}}\n' for name in ("one", "two"))


def test_a_feed_is_added_once_by_whatever_address(rules: Path) -> None:
    ran = feeds("add", "https://www.wire.example/rss/?utm_source=x", "--unseen", "--rules", rules)
    assert (ran.problem, ran.err) == ("", "tiny has http://wire.example/rss already\n")
    assert added(rules) == ""


def test_what_another_story_polls_is_named_as_there(rules: Path) -> None:
    (rules / "other").mkdir()
    (rules / "other" / "story.yaml").write_text("title: x\n", encoding="utf-8")
    assert "--story other or tiny" in feeds("add", "https://wire.example/rss/", "--unseen", "--rules", rules).problem
    assert feeds("add", "https://wire.example/rss/", "--unseen", "--rules", rules, "--story", "other").problem == ""
    assert 'feeds:\n  - {url: "http://wire.example/rss", outlet: Wire}' in (rules / "other" / "story.yaml").read_text(encoding="utf-8")


def test_a_list_is_added_to_what_is_there_and_comes_back(rules: Path) -> None:
    ran = feeds("import", "-", "--lang", "en", "--rules", rules, stdin=OPML)
    assert ran.problem == "1 of 4 cannot be used, 2 were added"
    assert "gopher://x cannot be used" in ran.err
    assert added(rules) == (
        '  - {url: "https://wire.example/b", lang: en, outlet: Wire}\n  - {url: "https://paper.example/rss", lang: ko, outlet: 신문}\n'
    )
    again = feeds("import", "-", "--rules", rules, stdin=feeds("export", "--rules", rules).out)
    assert (again.problem, again.err) == ("", "tiny has 3 of them already\n")


def test_a_file_of_another_kind_is_left_to_a_person_with_the_lines_to_put_in(rules: Path) -> None:
    (rules / "tiny" / "story.yaml").write_text("{title: x}", encoding="utf-8")
    ran = feeds("add", "https://b.example/", "--unseen", "--rules", rules)
    assert ran.out == '  - {url: "https://b.example/"}\n'
    assert "by hand" in ran.problem
    assert (rules / "tiny" / "story.yaml").read_text(encoding="utf-8") == "{title: x}"


def test_a_feed_is_tried_and_nothing_is_kept(site: str, rules: Path) -> None:
    ran = feeds("test", f"{site}/one.xml", "--rules", rules)
    for part in ("title     One", "utf-8", "entries   2, 1 of them", "2025-06-02 10:00", "XML forbids", "→ tiny: troops", "no date"):
        assert part in ran.out
    row = json.loads(feeds("test", f"{site}/one.xml", "--json", "--entries", "1", "--rules", rules / "none").out)
    assert (row["entries"], row["language"], len(row["articles"]), row["told"]) == (2, "en-GB", 1, 0)
    assert "`monitor feeds add` looks for its feeds" in feeds("test", f"{site}/", "--rules", rules).problem


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("add", "http://127.0.0.1:9/"), "no feed at http://127.0.0.1:9/: nothing answers"),
        (("add", "https://a.example/", "--unseen", "--every", "5"), "1 of 1 cannot be used"),
        (("import", "none.opml"), "none.opml cannot be read: No such file"),
        (("import", __file__), "not an OPML file"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(rules: Path, arguments: tuple[str, ...], problem: str) -> None:
    ran = feeds(*arguments, "--rules", rules)
    assert problem in ran.problem
    assert "\n" not in ran.problem
    assert added(rules) == ""
