"""The records that cross the program's parts, named as in the README's list of words.

Everything here is frozen. Times are aware and in UTC. Offsets are code points into the named field of the article, end exclusive.
The records that go onto a stream (`Match`, `Evidence`, `PositionChanged`, `ClaimChanged`, `Alert` …) are the published contract:
`monitor schema` prints their JSON Schemas, `monitor replay --json` prints the records themselves, one a line.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
"""Version of the published event schemas. Grows when a field is removed or changes its meaning; new optional fields do not count."""


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside the years 1 to 9999") from error


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An aware time, turned to UTC."""


class Stance(StrEnum):
    """What a party does with a claim."""

    AFFIRM = "affirm"
    """says that it is so, or says what presupposes it"""
    DENY = "deny"
    """says that it is not so, or says what excludes it"""
    DOUBT = "doubt"
    """questions it without denying"""
    DECLINE = "decline"
    """is expected to say, and does not: no comment, neither confirms nor denies, evades"""

    @property
    def plain(self) -> bool:
        """Whether this is a yes or a no. Only these decide a status."""
        return self in (Stance.AFFIRM, Stance.DENY)


class When(StrEnum):
    """Whether a text reports a stance as current or recalls it."""

    NOW = "now"
    """news of this article, or the position as it stands"""
    PAST = "past"
    """history as the article recalls it; moves nothing"""


class Strength(StrEnum):
    """How plainly the text gives a piece of evidence."""

    STRONG = "strong"
    """a plain cue, a named or resolved source, the claim's own words"""
    WEAK = "weak"
    """by way of a pronoun, a role, the claim last spoken of, or praise"""


class MovedBy(StrEnum):
    """Which evidence moves a position."""

    ANY = "any"
    """any evidence"""
    STRONG = "strong"
    """strong evidence only"""
    CORROBORATED = "corroborated"
    """strong evidence, or weak evidence that a second outlet bears out with an article that is no copy of the first"""


class Verdict(StrEnum):
    """What a person decides about a piece of evidence."""

    REJECT = "reject"
    """a misreading: it counts as not said"""
    ACCEPT = "accept"
    """rightly read: it counts as strong"""
    UNDO = "undo"
    """it counts as it was read, whatever was decided before"""


class Status(StrEnum):
    """Where a claim stands, from the parties' positions; the first that fits, top down."""

    CONFIRMED = "confirmed"
    """a party that would have to admit it affirms, and none of those denies"""
    DISPUTED = "disputed"
    """some party affirms and some party denies"""
    ASSERTED = "asserted"
    """some party affirms, nobody denies"""
    DENIED = "denied"
    """some party denies, nobody affirms"""
    OPEN = "open"
    """there are positions, but nobody affirms or denies"""
    UNREPORTED = "unreported"
    """no party has a position"""


class Severity(StrEnum):
    """How loudly an alert asks to be read, from loud to quiet."""

    URGENT = "urgent"
    """read now"""
    WARNING = "warning"
    """read soon"""
    NOTICE = "notice"
    """read today"""
    INFO = "info"
    """for the record"""


FieldName = Literal["title", "text"]


def digest(*parts: str) -> str:
    """A deterministic id: 20 hexadecimal digits of SHA-256 over the parts, each closed by a NUL so that they cannot run together."""
    return hashlib.sha256("".join(f"{part}\0" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


class Record(BaseModel):
    """Base of the records: frozen, unknown keys refused, fields given by name or by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Article(Record):
    """One version of one feed entry, normalised."""

    id: str = Field(description="Deterministic: hash of its address, or of feed and entry id. What several feeds bring is one article")
    version: int = Field(default=1, ge=1, description="1 for the first version seen, one more for each change of content")
    feed: str = Field(default="", description="URL of the feed that brought it, empty when it came from a file")
    outlet: str = Field(default="", description="Who published it")
    lang: str = Field(default="", description="Language code (en, ru, uk, ko, zh …), empty when unknown")
    url: str = ""
    title: str = ""
    text: str = Field(default="", description="Plain text; paragraphs are separated by a blank line")
    authors: tuple[str, ...] = Field(default=(), description="Who wrote it, as the feed says")
    categories: tuple[str, ...] = Field(default=(), description="What the feed files it under")
    enclosures: tuple[str, ...] = Field(default=(), description="Addresses of the sound, video or pictures that came with it")
    published_at: Instant = Field(description="Event time, bounded: a missing or absurd date counts as first seen")
    fetched_at: Instant = Field(description="When this version was fetched")

    @property
    def order(self) -> tuple[datetime, str]:
        """Event order: the instant, then the id by code point."""
        return self.published_at, self.id

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from all other versions: each feed has versions of its own."""
        return self.id, self.feed, self.version

    def field(self, name: FieldName) -> str:
        """The title or the text."""
        return self.title if name == "title" else self.text


LISTS = ("authors", "categories", "enclosures")
"""The fields of an article that are lists."""


class Span(Record):
    """A stretch of an article."""

    field: FieldName
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str = Field(description="What stands there")


class Match(Record):
    """A named condition of a story met by an article."""

    id: str
    story: str
    article: str
    version: int
    rule: str = Field(description="Id of the condition under `matches:`")
    time: Instant
    outlet: str = ""
    url: str = ""
    title: str = ""
    spans: tuple[Span, ...] = Field(description="The words that met it")


class Evidence(Record):
    """In this article this party takes this stance on this claim."""

    id: str = Field(description="Hash of story, article, claim, party, stance and when")
    story: str
    article: str
    version: int = Field(description="Version of the article that was read")
    claim: str
    party: str
    stance: Stance
    when: When
    strength: Strength
    speaker: str = Field(description="Who speaks, in the article's words")
    cue: str = Field(description="The words that report the stance")
    quote: str = Field(description="The shortest stretch that shows it")
    field: FieldName
    start: int = Field(ge=0, description="Where the quote starts")
    end: int = Field(ge=0)
    speaker_start: int | None = Field(
        default=None, description="Where the speaker stands in the same field; absent when carried over from elsewhere"
    )
    speaker_end: int | None = None
    cue_start: int | None = Field(default=None, description="Where the cue stands in the same field; absent when there is no cue word")
    cue_end: int | None = None
    why: tuple[str, ...] = Field(default=(), description="The steps that led here, one a line")
    time: Instant = Field(description="Event time of the article")
    outlet: str = ""
    url: str = ""
    title: str = ""
    rules: str = Field(default="", description="Version of the rule set that was read with")
    origin: str = Field(
        default="", description="The article that this one is a copy of, as far as is known: the earliest; its own id when it is none"
    )


class PositionChanged(Record):
    """A party's position on a claim moved."""

    id: str
    story: str
    article: str = Field(description="The article that moved it; empty when it follows from changed rules")
    version: int
    claim: str
    party: str
    from_: Stance | None = Field(alias="from", description="null: the party had no position")
    to: Stance | None = Field(description="null: the evidence for its position was taken back")
    time: Instant = Field(description="Event time of the article that moved it, or when it was decided or the rules changed")
    evidence: str | None = Field(default=None, description="Id of the evidence that the new position rests on")
    speaker: str = ""
    quote: str = ""
    outlet: str = ""
    url: str = ""
    decision: str | None = Field(default=None, description="Id of the decision that it follows from, when it follows from one")
    rules: str | None = Field(default=None, description="Version of the changed rules that it follows from, when it follows from them")


class ClaimChanged(Record):
    """A claim's status changed. At most once per claim and article version, decision, or change of the rules."""

    id: str
    story: str
    article: str = Field(description="The article that changed it; empty when it follows from changed rules")
    version: int
    claim: str
    from_: Status = Field(alias="from")
    to: Status
    time: Instant
    outlet: str = ""
    url: str = ""
    decision: str | None = Field(default=None, description="Id of the decision that it follows from, when it follows from one")
    rules: str | None = Field(default=None, description="Version of the changed rules that it follows from, when it follows from them")


class Alert(Record):
    """What an alert rule makes of a change or of a match."""

    id: str = Field(description="Hash of story, rule, subject, from, to, article and its version, and of a decision or changed rules")
    story: str
    alert: str = Field(
        description="Id of the alert rule; `first-poll` and `import` for the summary of a feed's first poll and of an import"
    )
    severity: Severity
    summary: str
    time: Instant
    article: str
    version: int
    claim: str | None = None
    party: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    speaker: str = ""
    cue: str = ""
    quote: str = ""
    evidence: str | None = None
    outlet: str = ""
    url: str = ""
    title: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    corrects: tuple[str, ...] = Field(
        default=(), description="Ids of alerts that a corrected article, a decision or changed rules take back or replace"
    )
    decision: str | None = Field(default=None, description="Id of the decision that it follows from, when it follows from one")
    rules: str | None = Field(default=None, description="Version of the changed rules that it follows from, when it follows from them")


Words = Annotated[str, Field(min_length=1, max_length=1000)]
"""What a person wrote."""
Name = Annotated[str, Field(min_length=1, max_length=100)]
"""Who wrote it."""


class Decision(Record):
    """What a person decided about a piece of evidence. Of several about the same one the latest holds."""

    id: str = Field(description="Hash of story, evidence, verdict, why, by and time")
    story: str
    evidence: str = Field(description="Id of the evidence. It need not be there: the decision holds for it whenever it is")
    verdict: Verdict
    why: Words
    by: Name = Field(description="Who decided")
    time: Instant = Field(description="When it was decided")
    # What the evidence was, for readers; none of it decides anything.
    article: str
    claim: str
    party: str
    stance: Stance
    when: When
    quote: str = ""
    outlet: str = ""
    url: str = ""

    @classmethod
    def about(cls, row: Evidence | Decision, verdict: Verdict, *, why: str, by: str, time: datetime) -> Decision:
        """A decision about evidence, or once more about the evidence of an earlier one. Raises ValueError when why or by is unfit."""
        evidence = row.evidence if isinstance(row, Decision) else row.id
        return cls(
            id=digest(row.story, evidence, verdict, why, by, time.isoformat()),
            story=row.story,
            evidence=evidence,
            verdict=verdict,
            why=why,
            by=by,
            time=time,
            article=row.article,
            claim=row.claim,
            party=row.party,
            stance=row.stance,
            when=row.when,
            quote=row.quote,
            outlet=row.outlet,
            url=row.url,
        )

    @property
    def order(self) -> tuple[datetime, str]:
        """Of two decisions about the same evidence the one with the greater order holds."""
        return self.time, self.id


class Note(Record):
    """What a person noted about a claim. It moves nothing."""

    id: str = Field(description="Hash of story, claim, text, by and time")
    story: str
    claim: str
    text: Words
    by: Name = Field(description="Who noted it")
    time: Instant = Field(description="When it was noted")

    @classmethod
    def about(cls, story: str, claim: str, *, text: str, by: str, time: datetime) -> Note:
        """A note about a claim. Raises ValueError when text or by is unfit."""
        return cls(id=digest(story, claim, text, by, time.isoformat()), story=story, claim=claim, text=text, by=by, time=time)


class HeldPosition(Record):
    """A party's position as it stands: its latest `now` evidence by event time."""

    party: str
    stance: Stance
    since: Instant = Field(description="Event time since which the party has held this stance without a break")
    evidence: Evidence = Field(description="The evidence that it rests on")


class ClaimState(Record):
    """Where a claim stands now. One field a claim in the hash `monitor:{STORY}:state`."""

    story: str
    claim: str
    text: str = Field(description="The claim in words")
    status: Status
    since: Instant | None = Field(description="Event time of the article that brought this status; null while unreported")
    positions: tuple[HeldPosition, ...]
    waiting: tuple[Evidence, ...] = Field(default=(), description="Weak evidence that waits for a second outlet before it moves its party")
    confirmed_by: tuple[str, ...] = Field(default=(), description="Parties that would have to admit it")


class FeedTrouble(Record):
    """A feed fails, or works again."""

    id: str
    feed: str
    outlet: str = ""
    time: Instant
    failures: int = Field(description="Polls that failed in a row")
    problem: str = Field(description="What went wrong last, in words")
    since: Instant | None = Field(default=None, description="When the first of these polls failed")


class FeedGap(Record):
    """Nothing in a feed is known from the polls before: what stood in it between may never have been seen."""

    id: str
    feed: str
    outlet: str = ""
    time: Instant
    since: Instant = Field(description="The last poll before, up to which nothing is missing")
    entries: int = Field(description="How many entries the feed holds, all of them new")
    problem: str = Field(description="What may be missing, and why, in words")


class RuleProblem(Record):
    """One thing wrong in a rule file."""

    file: str
    line: int
    column: int
    problem: str = Field(description="What is wrong, in words")
    text: str = Field(default="", description="The words at fault")
    hint: str = Field(default="", description="What would be right")


class RulesRejected(Record):
    """Rule files were saved that cannot be used. What was in force before stays in force."""

    id: str
    time: Instant
    count: int = Field(description="How many things are wrong")
    problems: tuple[RuleProblem, ...] = Field(description="The first of them")
    in_force: dict[str, str] = Field(description="Story -> version of its rules, which goes on")


class StoryRulesChange(Record):
    """What changed in a story's rules."""

    story: str
    from_: str | None = Field(alias="from", description="Version before; null: the story is new")
    to: str | None = Field(description="Version now; null: the story is gone, what is known of it stays on the server")
    added: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Section (claims, entities, alerts …) -> names")
    removed: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    altered: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class RulesReloaded(Record):
    """Rules came into force: other ones than before, or the same after a rejected attempt."""

    id: str
    time: Instant
    changes: tuple[StoryRulesChange, ...] = Field(description="Empty: the same rules as before, after ones that could not be used")
    in_force: dict[str, str] = Field(description="Story -> version of its rules")


class Gap(Record):
    """Told to a subscriber in place of entries that a stream dropped before they were read. It stands on no stream itself."""

    stream: str
    after: str = Field(description="The last entry that was read before it")
    missed: int | None = Field(description="How many entries were dropped; null: that is not known")
    reason: Literal["trimmed", "reset"] = Field(
        description="Old entries were trimmed, or the stream began anew: it was flushed or restored"
    )


EVENT_TYPES: dict[str, type[Record]] = {
    "match": Match,
    "evidence": Evidence,
    "position.changed": PositionChanged,
    "claim.changed": ClaimChanged,
    "alert": Alert,
    "decision": Decision,
    "note": Note,
    "feed.failing": FeedTrouble,
    "feed.recovered": FeedTrouble,
    "feed.gap": FeedGap,
    "rules.reloaded": RulesReloaded,
    "rules.rejected": RulesRejected,
}
"""Event type -> record in its `data`."""

Event = Match | Evidence | PositionChanged | ClaimChanged | Alert | Decision | Note
"""What stands on a story's streams: what the core produces from an article or a decision, and what people decided and noted."""

_TYPE_OF: dict[type[Record], str] = {
    Match: "match",
    Evidence: "evidence",
    PositionChanged: "position.changed",
    ClaimChanged: "claim.changed",
    Alert: "alert",
    Decision: "decision",
    Note: "note",
}


def event_type(event: Event) -> str:
    """The event's type as it stands on a stream."""
    return _TYPE_OF[type(event)]


def as_json(record: Record) -> dict[str, Any]:
    """The record as published: JSON values, names as in the schema, absent optionals left out."""
    return record.model_dump(mode="json", by_alias=True, exclude_none=not isinstance(record, (PositionChanged, ClaimState)))
