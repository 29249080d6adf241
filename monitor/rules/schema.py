"""What may stand in a story's rule files, as pydantic models.

A story is one folder. Its files (`story.yaml`, or split into `entities.yaml`, `claims.yaml` … in any way) are merged by top-level key
before they are checked against `Story`. Text conditions (`about:` and the like) are strings here; `monitor.engine.conditions` parses them.
The descriptions are what an editor shows as hover text.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from monitor.errors import masked
from monitor.model import MovedBy, Severity, Stance, Status, When
from monitor.rules.cron import check_cron

PLACEHOLDERS = frozenset({"claim", "party", "speaker", "from", "to", "quote", "outlet", "title", "alert", "match", "status", "count"})
"""What an alert's `summary` may name in braces."""

LANGUAGES = ("en", "ru", "uk", "ko", "zh")
"""Languages that are read. Texts in others are matched only."""

EVERY = timedelta(minutes=15)
"""The interval of a feed that says neither `every` nor `cron`."""

_OURS = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
        "te",
        "trailer",
        "upgrade",
        "expect",
    }
)
"""Headers on which fetching itself relies."""

_DURATION = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(value: object) -> timedelta:
    """`"90s"`, `"5m"`, `"6h"`, `"2d"`, `"1w"` -> a positive timedelta. Raises ValueError with what would be right."""
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or len(found[1]) > 6 or int(found[1]) == 0:
        bare = value.strip() if isinstance(value, str) else ""
        like = f"write {bare}m if these are minutes" if bare.isdigit() and int(bare) else "write one of them, like 5m, 6h or 90m"
        raise ValueError(f"a duration is a number and one of s, m, h, d, w; {like}")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, tuple)) or value is None else [value]


def parse_instant(value: object) -> datetime:
    """A YAML date or time, or an ISO string -> an aware UTC time (a bare date is its midnight). Raises ValueError."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        try:
            return parse_instant(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            pass
    raise ValueError("a date is written 2025-04-28 or 2025-04-28T09:00:00Z")


def _printable(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _without_login(url: str) -> str:
    if masked(url) != url:
        raise ValueError("an address in a rule holds no password; write `auth: FEED_…`, an environment variable that holds user:password")
    return url


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError("not the name of a header; like Cookie or X-Api-Key")
    if name.lower() in _OURS:
        raise ValueError("this header is the program's own; take it out")
    return name


Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="Lower-case letters, digits and hyphens")]
Text = Annotated[str, AfterValidator(_printable)]
Terms = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
ByLanguage = dict[Literal["en", "ru", "uk", "ko", "zh", "any"], Terms]
"""Language -> terms. `any` holds in every language. A term may use `(a|b)` and a trailing `*`."""
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(lambda duration: f"{int(duration.total_seconds())}s", return_type=str, when_used="json"),
]
Moment = Annotated[datetime, BeforeValidator(parse_instant)]
Variable = Annotated[str, Field(pattern=r"^FEED_[A-Z0-9_]+$")]
"""An environment variable for a feed. The prefix keeps a rule from naming, and a feed from getting, other secrets of the machine."""
Condition = Annotated[str, AfterValidator(_printable)]
Conditions = Annotated[tuple[Condition, ...], BeforeValidator(_as_list)]
Ids = Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)]


class Rule(BaseModel):
    """Base of everything in a rule file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    """What sort of thing an entity is. It decides how its names inflect and whether it can speak."""

    PARTY = "party"
    """a side whose positions are followed"""
    PERSON = "person"
    """a human being"""
    OFFICE = "office"
    """a function that a person holds"""
    AGENCY = "agency"
    """an organisation that speaks"""
    COUNTRY = "country"
    """a state that is not a party"""
    PLACE = "place"
    """a region, town, building"""
    UNIT = "unit"
    """troops, a formation"""
    TREATY = "treaty"
    """an agreement or other document"""
    OUTLET = "outlet"
    """a publisher; it passes on what others say"""
    THING = "thing"
    """anything else"""


class Tenure(Rule):
    """For which party something speaks, and from when to when."""

    party: Identifier = Field(description="Party that it speaks for in this time")
    since: Moment | None = Field(default=None, description="First day, inclusive")
    until: Moment | None = Field(default=None, description="First day on which it no longer does")


def _tenures(value: object) -> object:
    items = [value] if isinstance(value, (str, dict)) else value
    return [{"party": item} if isinstance(item, str) else item for item in items] if isinstance(items, list) else items


class Entity(Rule):
    """A named thing."""

    kind: Kind = Field(default=Kind.THING, description="What sort of thing it is")
    names: ByLanguage = Field(default_factory=dict, description="Names by language; grammatical forms are worked out")
    adjectives: ByLanguage = Field(
        default_factory=dict,
        description="Adjectives made from the name (Russian, российский): with an office or a noun like `officials` they name a speaker",
    )
    roles: ByLanguage = Field(default_factory=dict, description="Descriptions that stand for it in this story (head of the General Staff)")
    later: ByLanguage = Field(
        default_factory=dict,
        description="Shorter names that count once it, or what it is part of, has been named in the text (the soldiers)",
    )
    speaks_for: Annotated[tuple[Tenure, ...], BeforeValidator(_tenures)] = Field(
        default=(), description="Party that it speaks for, or a list of {party, since, until}"
    )
    part_of: Ids = Field(default=(), description="Entities that this one belongs to")
    speaker_class: Identifier | None = Field(
        default=None,
        alias="class",
        description="For parties: a class of unnamed speakers from the language files (experts, western-officials)",
    )

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Held(Rule):
    """A position that was known before the first article."""

    party: Identifier = Field(description="Whose position it is")
    stance: Stance = Field(description="What the party says of the claim")
    since: Moment = Field(description="Day or time since which it holds, UTC unless an offset is given")
    quote: str = Field(default="", description="What was said, or where it stands")
    speaker: str = Field(default="", description="Who said it")


class Claim(Rule):
    """A statement in dispute."""

    text: Text = Field(description="The claim in one sentence")
    about: Conditions = Field(min_length=1, description="Conditions, any of which says that a sentence states or mentions the claim")
    contrary: Conditions = Field(default=(), description="Conditions whose wording states the opposite")
    conceded_by: Conditions = Field(
        default=(),
        description="Conditions whose wording, from a party's own mouth, presupposes the claim (praise, thanks, medals)",
    )
    evaded_by: Conditions = Field(default=(), description="Conditions whose wording, from a party's own mouth, leaves the claim open")
    named_by: Conditions = Field(
        default=(),
        description="Conditions whose wording only names the claim, so that it can be denied, doubted or evaded, but not affirmed",
    )
    implied_by: Conditions = Field(
        default=(), description="Conditions whose wording takes the claim for granted where it is stated as so (our soldiers there)"
    )
    confirmed_by: Ids = Field(default=(), description="Parties that would have to admit it; empty: it can never be confirmed")
    moved_by: MovedBy = Field(
        default=MovedBy.ANY,
        description="Which evidence moves a position: any; only strong (plain cue, named source, the claim's own words); or corroborated: "
        "strong, or found in two outlets",
    )
    baseline: tuple[Held, ...] = Field(default=(), description="Positions known beforehand, dated")


class Trigger(Rule):
    """What sets an alert off: a claim's status, a party's position, or a match. All that is given must fit."""

    claim: Ids = Field(default=(), description="Only these claims")
    becomes: Annotated[tuple[Status, ...], BeforeValidator(_as_list)] = Field(
        default=(), description="The claim's status changes to one of these"
    )
    leaves: Annotated[tuple[Status, ...], BeforeValidator(_as_list)] = Field(
        default=(), description="The claim's status changes from one of these"
    )
    party: Ids = Field(default=(), description="A position of one of these parties changes")
    position: Annotated[tuple[Stance | Literal["any"], ...], BeforeValidator(_as_list)] = Field(
        default=(), description="A party's position changes to one of these, or `any`"
    )
    moved_by: MovedBy | None = Field(
        default=None,
        description="Counts only changes that such evidence makes, whatever moves the claim itself: any, strong, corroborated",
    )
    match: Ids = Field(default=(), description="One of these conditions under `matches:` is met")
    times: int | None = Field(
        default=None, ge=2, description="With `match` and `within`: only when so many articles meet it within that time"
    )
    within: Duration | None = Field(default=None, description="The time for `times` and `above_usual`, like 1h")
    above_usual: float | None = Field(
        default=None,
        gt=1,
        description="With `match` and `within`: only when it is met so many times as often as usual, by the 28 such times before",
    )

    @model_validator(mode="after")
    def _one_subject(self) -> Trigger:
        status, position = bool(self.becomes or self.leaves), bool(self.party or self.position)
        if self.match and (status or position or self.claim or self.moved_by):
            raise ValueError("`match` stands alone: an alert is on a match, or on a claim")
        if status and position:
            raise ValueError("an alert is on a status (`becomes`, `leaves`) or on a position (`party`, `position`), not both")
        if (self.times or self.above_usual) and not (self.match and self.within):
            raise ValueError("`times` and `above_usual` count matches; give `match` and `within` beside them")
        if self.within and not (self.times or self.above_usual):
            raise ValueError("`within` stands beside `times` (how many articles) or `above_usual` (how many times the usual number)")
        if not (self.match or status or position or self.claim):
            raise ValueError("say what sets it off: `becomes`, `leaves`, `party`, `position`, `match` or `claim`")
        return self


class AlertRule(Rule):
    """An alert. The smallest is `{alert: admitted, when: {claim: some-claim, becomes: confirmed}}`."""

    alert: Identifier = Field(description="Name of the alert")
    when: Trigger = Field(description="What sets it off")
    severity: Severity = Field(default=Severity.NOTICE, description="How loudly it asks to be read (default: notice)")
    summary: Text | None = Field(
        default=None,
        description="Template: {claim} {party} {speaker} {from} {to} {quote} {outlet} {title} {alert} {match} {status} {count}",
    )
    throttle: Duration | None = Field(
        default=None,
        description="At most one for the same subject within this time, by event time; for an alert that counts, its `within` if not given",
    )
    final: bool = Field(
        default=False, description="Where it fits, the alerts that stand after it are not asked about the same change or match"
    )
    labels: dict[str, str] = Field(default_factory=dict, description="Words of your own that the alert carries along: name -> text")


class Feed(Rule):
    """A feed to poll. The same URL may stand in several stories; it is polled once, by the shortest interval."""

    url: Annotated[
        str,
        Field(pattern=r"^https?://[^\s/]+\S*$", description="Address of an RSS or Atom feed, over http or https"),
        AfterValidator(_without_login),
    ]
    every: Duration | None = Field(
        default=None,
        description="How often to poll it as a rule, like 5m (the default is 15m); a busy feed is polled oftener, a quiet one less",
    )
    fastest: Duration | None = Field(
        default=None, description="The shortest interval, for a busy feed (default: half of `every`, but not under a minute)"
    )
    slowest: Duration | None = Field(
        default=None, description="The longest interval, for a quiet feed or one that asks for it (default: four times `every`)"
    )
    cron: Annotated[str, AfterValidator(check_cron)] | None = Field(
        default=None, description="Five fields of cron in UTC, instead of `every`; 0 and 7 are Sunday"
    )
    failing_after: Duration = Field(
        default=timedelta(hours=6), description="How long it must fail before `feed.failing` is told (default: 6h)"
    )
    lang: str = Field(default="", pattern=r"^([a-z]{2,3})?$", description="Language of its texts")
    outlet: str = Field(default="", description="Who publishes it (default: the host name)")
    full_text: bool = Field(default=False, description="Whether the page that each article links to is read for its full text")
    auth: Variable | None = Field(
        default=None, description="Environment variable that holds `user:password` for it; its name begins with FEED_"
    )
    headers: dict[Annotated[str, AfterValidator(_header)], Variable] = Field(
        default_factory=dict, description="Headers to send: name -> environment variable that holds the value; its name begins with FEED_"
    )

    @model_validator(mode="after")
    def _one_login(self) -> Feed:
        if self.auth and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("`auth` makes the header Authorization; give one of them")
        return self

    @model_validator(mode="after")
    def _one_schedule(self) -> Feed:
        if self.every and self.cron:
            raise ValueError("a feed is polled by `every` or by `cron`, not by both")
        if self.cron and (self.fastest or self.slowest):
            raise ValueError("`fastest` and `slowest` belong to `every`; a feed with `cron` is polled at its times")
        every = self.every or EVERY
        if self.fastest and self.fastest > every:
            raise ValueError("`fastest` is longer than `every`")
        if self.slowest and self.slowest < every:
            raise ValueError("`slowest` is shorter than `every`")
        return self


class Expected(Rule):
    """Evidence that a test expects."""

    claim: Identifier = Field(description="Which claim it is about")
    party: Identifier = Field(description="Whose stance it is")
    stance: Stance = Field(description="What the party says of the claim")
    when: When = Field(default=When.NOW, description="Whether it is news or recalled (default: now)")


class TestArticle(Rule):
    """An article in a test."""

    at: Moment = Field(description="When it was published")
    title: str = Field(default="", description="Its headline")
    text: str = Field(default="", description="Its text")
    lang: str = Field(default="", description="Its language; without it, worked out from the letters")
    outlet: str = Field(default="", description="Who published it")
    expect: dict[str, Any] = Field(
        default_factory=dict,
        description="Claim -> status after this article; `alerts`, `matches` -> names raised or met by it; "
        "`evidence` -> list of {claim, party, stance, when}",
    )


class Test(Rule):
    """A course of articles and what must hold after each."""

    test: Text = Field(description="What is shown")
    articles: tuple[TestArticle, ...] = Field(min_length=1, description="Articles, read in this order")


class Story(Rule):
    """A story: all of its rule files, merged."""

    story: Identifier = Field(description="The story's name: its folder's name")
    title: Text = Field(description="What the story is about, in a few words")
    shared: Ids = Field(
        default=(), description="Files of the folder `_shared` beside the stories, whose entities and words belong to this story too"
    )
    entities: dict[Identifier, Entity] = Field(
        default_factory=dict, description="Who and what takes part: id -> kind, names, for whom it speaks"
    )
    words: dict[Identifier, ByLanguage] = Field(default_factory=dict, description="Vocabulary for conditions: name -> terms by language")
    cues: dict[Literal["say", "confirm", "deny", "doubt", "decline", "do"], ByLanguage] = Field(
        default_factory=dict,
        description="Words of this story that report what a speaker does with a claim, beside the languages' own: class -> terms",
    )
    claims: dict[Identifier, Claim] = Field(
        default_factory=dict, description="Statements in dispute: id -> text, wording, who would admit it"
    )
    matches: dict[Identifier, Condition] = Field(default_factory=dict, description="Named conditions")
    alerts: tuple[AlertRule, ...] = Field(default=(), description="What to be told of")
    feeds: tuple[Feed, ...] = Field(default=(), description="Feeds to poll")
    tests: tuple[Test, ...] = Field(default=(), description="Articles and what must hold after each; `monitor test` runs them")
