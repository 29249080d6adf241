"""Histories carried from server to server: the same state there, nothing twice, one summary instead of old alerts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from monitor import importing
from monitor.archive import Archive
from monitor.engine.rulebook import Rulebook
from monitor.errors import InputError
from monitor.exporting import WHAT, What, held, lines
from monitor.feeds.articles import content_hash, recognisable
from monitor.importing import Imported, read_history, take_in
from monitor.lines import lines_of, writing
from monitor.model import Article, Decision, Note, Verdict
from monitor.replay import row_of
from monitor.streams.client import Client
from monitor.streams.polls import Committed, Polls
from monitor.streams.stories import StoryStore, claim_states, decisions_of, evidence_of, notes_of, write_note
from tests.streams.test_stories import COURSE, NOW, article, events, publish, rulebook, worker

__all__ = ["rulebook"]  # a fixture
URL = "https://wire.example/rss"
FED = [one.model_copy(update={"feed": URL}) for one in COURSE]


def written(path: Path, articles: Sequence[Article]) -> Path:
    path.write_text("".join(json.dumps(row_of(one)) + "\n" for one in articles), encoding="utf-8")
    return path


async def carried(client: Client, rulebook: Rulebook, file: Path, what: Sequence[What] = WHAT) -> Imported:
    history = read_history([(file, file.name)], what, rulebook.stories)
    return await take_in(history, client, 1, rulebook.stories, Archive(file.parent / "archive"))


async def exported(client: Client, path: Path, archive: Path, what: Sequence[What] = WHAT, since: datetime | None = None) -> Path:
    kept = await held(client, ["test"], since)
    with writing(path, packed=True) as file:
        file.writelines(f"{line}\n" for line in lines(what, kept, Archive(archive), since, only_told=False))
    return path


async def polled(client: Client, articles: Sequence[Article]) -> Committed:
    """What a poll of the feed brings."""
    polls = Polls(client, 1)
    await polls.hasten([URL], NOW)
    [lease] = await polls.lease(NOW, timedelta(minutes=1), 1, "token")
    rows = [(one, content_hash(one), recognisable(one)) for one in articles]
    return await polls.commit(lease, state={}, articles=rows, next_due=NOW, first=True)


async def everything(client: Client) -> list[object]:
    """All that a server knows of the story."""
    of = (claim_states, evidence_of, decisions_of, notes_of)
    return [await one(client, "test") for one in of]


async def lived(client: Client, rulebook: Rulebook, folder: Path) -> None:
    """A history as a daemon makes it, with what people said of it."""
    await publish(client, [*COURSE, article(4, "Blue denied that the bridge was built")])
    await (await worker(client, rulebook)).drain()
    Archive(folder / "archive").append([*COURSE, article(4, "Blue denied that the bridge was built")])
    [row] = [row for row in await evidence_of(client, "test") if row.article == "a2"]
    decision = Decision.about(row, Verdict.REJECT, why="그런 말이 아니다", by="anna", time=NOW + timedelta(days=1))
    await StoryStore(client, rulebook.stories["test"]).change(lambda ledger: ledger.decide([decision]))
    await write_note(client, Note.about("test", "bridge-built", text="다리", by="bo", time=NOW))


@pytest.mark.parametrize("what", [WHAT, ("evidence", "decisions"), ("articles", "decisions")], ids=["all", "no articles", "no evidence"])
async def test_a_history_is_the_same_on_an_empty_server(client: Client, rulebook: Rulebook, tmp_path: Path, what: Sequence[What]) -> None:
    await lived(client, rulebook, tmp_path)
    before = await everything(client)
    file = await exported(client, tmp_path / "history.jsonl", tmp_path / "archive", what)
    await client.flushall()
    (tmp_path / "other").mkdir()
    done = await carried(client, rulebook, file.rename(tmp_path / "other" / "history.jsonl"), what)
    assert await everything(client) == before
    assert (done.evidence, done.decisions, done.notes, done.archived) == (4, 1, 1, 5 if "articles" in what else 0)
    archived = list(Archive(tmp_path / "other" / "archive").articles())
    assert archived == (list(Archive(tmp_path / "archive").articles()) if "articles" in what else [])


async def test_all_that_it_would_have_raised_is_one_summary(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    done = await carried(client, rulebook, written(tmp_path / "old.jsonl", FED))
    [alert] = cast("list[Any]", await client.xrange("monitor:{test}:alerts"))
    assert (alert[1]["subject"], alert[1]["summary"]) == (
        "import",
        "Import of old.jsonl: bridge-built is confirmed (blue affirms, red affirms)",
    )
    assert [one.id for one in done.summaries] == [alert[1]["id"]]
    assert json.loads(alert[1]["data"])["labels"]["stands_for"] == "3"


async def test_importing_twice_changes_nothing(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    await lived(client, rulebook, tmp_path)
    file = await exported(client, tmp_path / "history.jsonl", tmp_path / "archive")
    before = (await everything(client), await events(client))
    for _ in range(2):
        assert await carried(client, rulebook, file) == Imported()
        assert (await everything(client), await events(client)) == before


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, 4])
async def test_killed_on_the_way_it_goes_on_from_there(
    client: Client, rulebook: Rulebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    monkeypatch.setattr(importing, "_TOGETHER", 1)
    file = written(tmp_path / "old.jsonl", FED)
    commit, commits = StoryStore.commit, 0

    async def dying(store: StoryStore, outcomes: Any, **more: Any) -> bool:
        nonlocal commits
        commits += 1
        if commits > killed_after:
            raise KeyboardInterrupt
        return await commit(store, outcomes, **more)

    monkeypatch.setattr(StoryStore, "commit", dying)
    with pytest.raises(KeyboardInterrupt):
        await carried(client, rulebook, file)
    monkeypatch.setattr(StoryStore, "commit", commit)
    await carried(client, rulebook, file)
    [alert] = cast("list[Any]", await client.xrange("monitor:{test}:alerts"))
    assert json.loads(alert[1]["data"])["labels"]["stands_for"] == "3"
    assert [state.status for state in await claim_states(client, "test")] == ["confirmed"]
    assert len(list(Archive(tmp_path / "archive").articles())) == 4


async def test_polls_go_on_from_what_was_imported(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    await carried(client, rulebook, written(tmp_path / "old.jsonl", FED))
    done = await polled(client, [FED[0], FED[2].model_copy(update={"title": "Nothing of the sort"}), FED[1]])
    assert (done.new, done.changed) == (0, 1)
    reader = await worker(client, rulebook)
    assert await reader.drain() == 1
    assert [state.status for state in await claim_states(client, "test")] == ["disputed"]


async def test_a_correction_afterwards_names_the_summary(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    done = await carried(client, rulebook, written(tmp_path / "old.jsonl", FED))
    await polled(client, [FED[2].model_copy(update={"title": "Nothing of the sort"})])
    await (await worker(client, rulebook)).drain()
    [_, (_, fields)] = cast("list[Any]", await client.xrange("monitor:{test}:alerts"))
    assert json.loads(fields["data"])["corrects"] == [done.summaries[0].id]


async def test_what_the_file_says_of_an_article_counts_and_later_versions_win(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    await lived(client, rulebook, tmp_path)
    file = await exported(client, tmp_path / "history.jsonl", tmp_path / "archive", ("evidence",))
    newer = article(1, "Nothing of the sort", version=2)
    more = written(tmp_path / "more", [COURSE[0], COURSE[1], newer, article(4, "Blue denied that the bridge was built")])
    there = [line.replace('"quote":"Blue', '"quote":"(as read there) Blue') for line in lines_of(file)]
    with writing(file, packed=False) as output:
        output.writelines(f"{line}\n" for line in (*there, *lines_of(more)))
    await client.flushall()
    await carried(client, rulebook, file)
    found = {row.article: row.quote for row in await evidence_of(client, "test")}
    assert found.keys() == {"a0", "a2", "a4"}
    assert found["a4"].startswith("(as read there)")


async def test_beside_a_reader_that_goes_on_both_take_effect(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    reader = await worker(client, rulebook)
    await publish(client, [COURSE[2]])
    await reader.drain()
    await carried(client, rulebook, written(tmp_path / "old.jsonl", COURSE[:2]))
    await publish(client, [article(5, "Red denied that the bridge was built")])
    await reader.drain()
    assert [state.status for state in await claim_states(client, "test")] == ["disputed"]
    assert {row.article for row in await evidence_of(client, "test")} == {"a0", "a1", "a2", "a5"}


BAD = {
    "half a line": "{",
    "no article": '{"id": "x"}',
    "a type that there is not": '{"type": "status", "id": "x"}',
    "evidence without a stance": '{"type": "evidence", "story": "test", "id": "x"}',
    "a story that is not here": '{"type": "note", "story": "other", "id": "x"}',
    "a story that is no name": '{"type": "note", "story": [1], "id": "x"}',
    "an article from the future": json.dumps(row_of(article(0, "x").model_copy(update={"published_at": datetime(2999, 1, 1, tzinfo=UTC)}))),
}


async def test_every_line_that_cannot_be_used_is_named_and_nothing_is_imported(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    file = written(tmp_path / "old.jsonl", FED)
    file.write_text(file.read_text() + "\n" + "\n".join(BAD.values()) + "\n" + "}\n" * 30)
    with pytest.raises(InputError) as caught:
        await carried(client, rulebook, file)
    told = str(caught.value).splitlines()
    assert [line.split(" ")[0] for line in told[: len(BAD)]] == [f"old.jsonl:{number}:" for number in range(6, 6 + len(BAD))]
    assert "bring its rules" in told[4]
    assert told[-2:] == [f"and {len(BAD) + 30 - 20} more", "nothing was imported: mend the lines, or take them out"]
    assert await client.keys("*") == []
    assert not (tmp_path / "archive").exists()


async def test_an_export_since_a_time_has_what_was_published_and_decided_since(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    await lived(client, rulebook, tmp_path)
    file = await exported(client, tmp_path / "history.jsonl", tmp_path / "archive", since=NOW + timedelta(hours=2))
    rows = [json.loads(line) for line in lines_of(file)]
    assert [(row["type"], row.get("article", row["id"])) for row in rows if row["type"] != "decision"] == [
        ("evidence", "a2"),
        ("evidence", "a4"),
        ("article", "a2"),
        ("article", "a3"),
        ("article", "a4"),
    ]
    assert [row["why"] for row in rows if row["type"] == "decision"] == ["그런 말이 아니다"]
