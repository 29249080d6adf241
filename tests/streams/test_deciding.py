"""What people decide and note, on the server: beside readers that go on, kept over re-reading, told to subscribers once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from monitor.engine.kept import Outcome
from monitor.engine.ledger import Ledger
from monitor.engine.rulebook import Rulebook
from monitor.model import ClaimState, Decision, Evidence, Note, Verdict
from monitor.streams.client import Client
from monitor.streams.stories import StoryStore, claim_states, decisions_of, evidence_of, notes_of, write_note
from tests.streams.test_stories import COURSE, NOW, article, events, publish, rulebook, statuses, worker

__all__ = ["rulebook"]  # a fixture
LATER = NOW + timedelta(days=1)


async def evidence(client: Client, name: str) -> Evidence:
    """The only evidence of an article."""
    [row] = [row for row in await evidence_of(client, "test") if row.article == name]
    return row


async def decide(client: Client, rulebook: Rulebook, name: str, verdict: Verdict = Verdict.REJECT) -> Outcome:
    """Decides about it as somebody beside the readers does."""
    made = Decision.about(await evidence(client, name), verdict, why="그런 말이 아니다", by="anna", time=LATER)
    return await StoryStore(client, rulebook.stories["test"]).change(lambda ledger: ledger.decide([made]))


async def loaded(client: Client, rulebook: Rulebook) -> list[ClaimState]:
    """The states that somebody who comes anew works out."""
    store = StoryStore(client, rulebook.stories["test"])
    await store.load()
    return [store.ledger.state(claim) for claim in store.story.story.claims]


async def test_a_reader_beside_takes_it_up_and_goes_on(client: Client, rulebook: Rulebook) -> None:
    reader = await worker(client, rulebook)
    await publish(client, COURSE[:3])
    await reader.drain()
    assert await statuses(client) == {"bridge-built": "confirmed"}
    outcome = await decide(client, rulebook, "a2")  # Red has not confirmed it: what stays is that it denied
    assert await statuses(client) == {"bridge-built": "disputed"}
    assert [kind for kind, _ in (await events(client))["claims"]][-3:] == ["decision", "position.changed", "claim.changed"]
    assert (await events(client))["alerts"][-1] == ("alert", outcome.events[-1].id)

    # The reader's ledger knows nothing of it yet; with its next article it has to.
    await publish(client, [article(5, "Blue denied that the bridge was built")])
    await reader.drain()
    assert await statuses(client) == {"bridge-built": "denied"}
    assert await claim_states(client, "test") == await loaded(client, rulebook)


async def test_it_holds_when_everything_is_read_again_and_nothing_is_told_twice(client: Client, rulebook: Rulebook) -> None:
    await publish(client, COURSE)
    await (await worker(client, rulebook)).drain()
    await decide(client, rulebook, "a2")
    before = await events(client)
    await decide(client, rulebook, "a2")
    await client.xgroup_destroy("monitor:{p0}:articles", "readers")
    assert await (await worker(client, rulebook, "other")).drain() == 4
    assert await events(client) == before
    # Also where all that is known of the articles is lost, and they are read anew.
    await client.delete(*(f"monitor:{{test}}:{name}" for name in ("entries", "state", "ids", "meta", *before)))
    await client.xgroup_destroy("monitor:{p0}:articles", "readers")
    assert await (await worker(client, rulebook, "third")).drain() == 4
    assert await statuses(client) == {"bridge-built": "disputed"}
    assert [one.why for one in await decisions_of(client, "test")] == ["그런 말이 아니다"]


async def test_it_is_worked_out_again_where_a_reader_commits_in_between(client: Client, rulebook: Rulebook) -> None:
    reader = await worker(client, rulebook)
    await publish(client, COURSE[:3])
    await reader.drain()
    made = Decision.about(await evidence(client, "a2"), Verdict.REJECT, why="no", by="anna", time=LATER)
    store, other = (StoryStore(client, rulebook.stories["test"]) for _ in range(2))
    worked: list[Ledger] = []
    await store.load()
    await other.change(lambda ledger: ledger.decide([made.model_copy(update={"id": "other", "evidence": "none"})]))

    def work(ledger: Ledger) -> Outcome:
        worked.append(ledger)
        return ledger.decide([made])

    await store.change(work)
    assert len(worked) == 2
    assert {one.id for one in await decisions_of(client, "test")} == {made.id, "other"}
    assert await claim_states(client, "test") == await loaded(client, rulebook)


async def test_a_note_is_kept_and_told_and_moves_nothing(client: Client, rulebook: Rulebook) -> None:
    reader = await worker(client, rulebook)
    await publish(client, COURSE[:1])
    await reader.drain()
    before = await claim_states(client, "test")
    note = Note.about("test", "bridge-built", text="다리를 보러 간다", by="bo", time=LATER)
    for _ in range(2):
        await write_note(client, note)
    assert await notes_of(client, "test") == [note]
    assert await claim_states(client, "test") == before
    rows = cast("list[Any]", await client.xrange("monitor:{test}:claims"))
    assert [fields["summary"] for _, fields in rows if fields["type"] == "note"] == ["bo on bridge-built: 다리를 보러 간다"]
    await publish(client, COURSE[1:3])
    await reader.drain()
    assert await statuses(client) == {"bridge-built": "confirmed"}
