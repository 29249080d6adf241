"""What the models cannot see: names that must exist, and the small languages inside strings.

Works on the tree rather than on the models, so that a story with a wrong value still gets its names checked, and every error
has its place at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter

from monitor.errors import RuleError
from monitor.model import Status
from monitor.rules.check import check_as, did_you_mean
from monitor.rules.nodes import Entry, Mapping, Node, Scalar, Sequence
from monitor.rules.schema import PLACEHOLDERS, Expected, Kind, parse_instant
from monitor.rules.terms import TermError, expand

EXPECTED_LISTS = ("alerts", "matches", "evidence")
"""Keys under a test's `expect:` that are not claims; no claim may have these names."""
OWN_ALERTS = ("first-poll", "import")
"""The alerts that the program raises itself; no rule may have their names."""


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """One thing wrong in a condition. `offset`: where in the condition, in code points; the rest as in `RuleError`."""

    offset: int
    text: str
    problem: str
    hint: str = ""


ConditionCheck = Callable[[str, frozenset[str]], list[ConditionProblem]]
"""(condition, ids of entities and words) -> what is wrong with it."""


def check_references(root: Mapping, *, complete: bool, check_condition: ConditionCheck | None = None) -> list[RuleError]:
    """All errors of these kinds. `complete` is False when a file of the story could not be read: then names may be missing."""
    checker = _Checker(root, complete, check_condition)
    for check in (checker.entities, checker.part_of_cycles, checker.words, checker.cues, checker.claims, checker.matches, checker.alerts):
        check()
    checker.feeds()
    checker.tests()
    return checker.errors


@dataclass
class _Checker:
    root: Mapping
    complete: bool
    check_condition: ConditionCheck | None
    errors: list[RuleError] = field(default_factory=list)

    def __post_init__(self) -> None:
        entities = entries(get(self.root, "entities"))
        self.parties = {entry.key.value or "" for entry in entities if text_of(get(entry.value, "kind")) == Kind.PARTY}
        kinds = {entry.key.value or "": text_of(get(entry.value, "kind")) for entry in entities}
        self.maybe_parties = self.parties | {name for name, kind in kinds.items() if kind is not None and kind not in list(Kind)}
        self.ids = {name: set(keys(get(self.root, name))) for name in ("entities", "words", "claims", "matches")}
        alerts = items(get(self.root, "alerts"))
        self.ids["alerts"] = {name for alert in alerts if (name := text_of(get(alert, "alert"))) is not None}
        self.condition_ids = frozenset(self.ids["entities"] | self.ids["words"])

    def report(self, scalar: Scalar, problem: str, hint: str = "") -> None:
        self.errors.append(RuleError(scalar.place, problem, scalar.value or "", hint))

    def known(self, scalars: list[Scalar], section: str, noun: str) -> None:
        """Each of these must be a name from that section."""
        for scalar in scalars:
            if self.complete and scalar.value not in self.ids[section]:
                hint = self.elsewhere(scalar) or did_you_mean(scalar.value or "", self.ids[section]) or f"add it under `{section}:`"
                self.report(scalar, f"there is no {noun} of this name", hint)

    def elsewhere(self, scalar: Scalar) -> str:
        """A hint that something of another kind has the name."""
        kinds = {"entities": "an entity", "words": "a group of words", "claims": "a claim", "matches": "a match", "alerts": "an alert"}
        found = [what for section, what in kinds.items() if section != "alerts" and scalar.value in self.ids[section]]
        return f"{found[0]} has this name: does it belong under another key?" if found else ""

    def party(self, scalars: list[Scalar]) -> None:
        """Each of these must be an entity of kind party."""
        for scalar in scalars:
            if not self.complete or scalar.value in self.maybe_parties:
                continue
            hint = did_you_mean(scalar.value or "", self.parties)
            if scalar.value in self.ids["entities"]:
                self.report(scalar, "this entity is not a party", "; ".join(filter(None, ["give it `kind: party`", hint])))
            else:
                self.report(
                    scalar,
                    "there is no party of this name",
                    self.elsewhere(scalar) or hint or "add it under `entities:` with `kind: party`",
                )

    def entities(self) -> None:
        for entry in entries(get(self.root, "entities")):
            entity = entry.value
            speaks_for = get(entity, "speaks_for")
            tenures: list[Node] = [speaks_for] if isinstance(speaks_for, (Scalar, Mapping)) else items(speaks_for)
            self.party([party for tenure in tenures for party in _party_of(tenure)])
            if isinstance(entity, Mapping) and tenures and entry.key.value in self.parties:
                key = entity.entries["speaks_for"].key
                self.report(key, "a party speaks for itself only", "delete `speaks_for`, or give the entity another `kind`")
            self._tenures(tenures)
            self.known(scalars(get(entity, "part_of")), "entities", "entity")
            for names in ("names", "adjectives", "roles"):
                self._terms(get(entity, names))

    def _tenures(self, tenures: list[Node]) -> None:
        spans: list[tuple[datetime, datetime]] = []
        for tenure in tenures:
            since, until = get(tenure, "since"), get(tenure, "until")
            start, end = _moment(since, datetime.min.replace(tzinfo=UTC)), _moment(until, datetime.max.replace(tzinfo=UTC))
            if start is None or end is None:
                continue  # not a date: reported with the values
            if end <= start and isinstance(until, Scalar):
                self.report(until, "ends before it begins", "`until` is the first day on which it no longer speaks for the party")
            elif any(start < other_end and other_start < end for other_start, other_end in spans):
                hint = "end one with `until` where the other has `since`"
                self.errors.append(RuleError(tenure.place, "overlaps with an earlier time in this list", text_of(tenure) or "", hint))
            spans.append((start, end))

    def part_of_cycles(self) -> None:
        edges = {entry.key.value or "": scalars(get(entry.value, "part_of")) for entry in entries(get(self.root, "entities"))}
        order = list(edges)
        while True:
            try:
                TopologicalSorter({name: [one.value for one in whole] for name, whole in edges.items()}).prepare()
            except CycleError as error:
                cycle = error.args[1][:0:-1]  # from part to whole; its end, which is its start, once
                first = cycle.index(min(cycle, key=order.index))
                cycle = [*cycle[first:], *cycle[:first]]
                whole = next(one for one in edges[cycle[0]] if one.value == cycle[1 % len(cycle)])
                self.report(whole, "an entity cannot be part of itself: " + " → ".join([*cycle, cycle[0]]), "delete one of these")
                edges[cycle[0]] = [one for one in edges[cycle[0]] if one.value != whole.value]
            else:
                return

    def words(self) -> None:
        entities = get(self.root, "entities")
        for entry in entries(get(self.root, "words")):
            if isinstance(entities, Mapping) and entry.key.value in entities.entries:
                place = entities.entries[entry.key.value or ""].key.place
                self.report(entry.key, f"an entity has this name too, at {place}", "rename one: conditions use both by name")
            self._terms(entry.value)

    def _terms(self, by_language: Node | None) -> None:
        for entry in entries(by_language):
            for term in scalars(entry.value):
                try:
                    expand(term.value or "")
                except TermError as error:
                    if (term.value or "").strip():  # an empty one is reported with the values
                        problem, _, hint = str(error).partition("; ")
                        self.errors.append(RuleError(term.at(error.offset), problem, term.value or "", hint))

    def cues(self) -> None:
        for entry in entries(get(self.root, "cues")):
            self._terms(entry.value)

    def claims(self) -> None:
        for entry in entries(get(self.root, "claims")):
            if entry.key.value in EXPECTED_LISTS:
                self.report(entry.key, "a claim cannot have this name: tests use it", f"rename it, like `{entry.key.value}-claim`")
            for conditions in ("about", "contrary", "conceded_by", "evaded_by", "implied_by", "named_by"):
                self._conditions(get(entry.value, conditions))
            self.party(scalars(get(entry.value, "confirmed_by")))
            for held in items(get(entry.value, "baseline")):
                self.party(scalars(get(held, "party")))

    def matches(self) -> None:
        for entry in entries(get(self.root, "matches")):
            self._conditions(entry.value)

    def _conditions(self, node: Node | None) -> None:
        for scalar in scalars(node):
            text = scalar.value or ""
            if self.check_condition is None or not text.strip():
                continue
            for one in self.check_condition(text, self.condition_ids):
                # In an incomplete story a bare word may be a name from the file that cannot be read.
                if self.complete or not re.fullmatch(r"[a-z0-9-]+", one.text):
                    self.errors.append(RuleError(scalar.at(one.offset), one.problem, one.text, one.hint))

    def alerts(self) -> None:
        seen: dict[str, Scalar] = {}
        for alert in items(get(self.root, "alerts")):
            for name in scalars(get(alert, "alert")):
                if name.value in seen:
                    self.report(name, f"an alert has this name already, at {seen[name.value].place}", "rename one")
                elif name.value in OWN_ALERTS:
                    self.report(name, "the program's own alert has this name", "rename it")
                seen.setdefault(name.value or "", name)
            when = get(alert, "when")
            self.known(scalars(get(when, "claim")), "claims", "claim")
            self.known(scalars(get(when, "match")), "matches", "match")
            self.party(scalars(get(when, "party")))
            for summary in scalars(get(alert, "summary")):
                self._summary(summary)

    def _summary(self, summary: Scalar) -> None:
        for found in re.finditer(r"\{\{|\}\}|\{([^{}]*)\}|[{}]", summary.value or ""):
            place, name = summary.at(found.start()), found[1]
            if name is None and len(found[0]) == 1:
                self.errors.append(RuleError(place, "a brace without its partner", found[0], "write {claim}, or {{ and }} for braces"))
            elif name is not None and name not in PLACEHOLDERS:
                known = ", ".join(sorted(PLACEHOLDERS))
                hint = did_you_mean(name, PLACEHOLDERS, f"one of {known}")
                self.errors.append(RuleError(place, "unknown placeholder", found[0], hint))

    def feeds(self) -> None:
        seen: dict[str, Scalar] = {}
        for feed in items(get(self.root, "feeds")):
            for url in scalars(get(feed, "url")):
                if url.value in seen:
                    self.report(url, f"this feed stands here already, at {seen[url.value].place}", "delete one")
                seen.setdefault(url.value or "", url)

    def tests(self) -> None:
        for test in items(get(self.root, "tests")):
            for article in items(get(test, "articles")):
                for entry in entries(get(article, "expect")):
                    self._expected(entry)

    def _expected(self, entry: Entry) -> None:
        name, value = entry.key.value, entry.value
        if name in ("alerts", "matches"):
            self.errors += check_as(value, tuple[str, ...]) if not isinstance(value, Scalar) or value.value is None else []
            self.known(scalars(value), name, "alert" if name == "alerts" else "match")
        elif name == "evidence":
            self.errors += check_as(value, tuple[Expected, ...])
            for one in items(value):
                self.known(scalars(get(one, "claim")), "claims", "claim")
                self.party(scalars(get(one, "party")))
        else:
            if self.complete and name not in self.ids["claims"]:
                known = self.ids["claims"] | set(EXPECTED_LISTS)
                self.report(entry.key, "there is no claim of this name", did_you_mean(name or "", known) or "add it under `claims:`")
                return
            self.errors += check_as(value, Status)


def get(node: Node | None, key: str) -> Node | None:
    """The value under a key, if this is a mapping that has it."""
    return node.entries[key].value if isinstance(node, Mapping) and key in node.entries else None


def entries(node: Node | None) -> list[Entry]:
    """The keys and values, if this is a mapping."""
    return list(node.entries.values()) if isinstance(node, Mapping) else []


def keys(node: Node | None) -> list[str]:
    """The keys, if this is a mapping."""
    return list(node.entries) if isinstance(node, Mapping) else []


def items(node: Node | None) -> list[Node]:
    """The items, if this is a list."""
    return list(node.items) if isinstance(node, Sequence) else []


def scalars(node: Node | None) -> list[Scalar]:
    """The texts in a list, or the one text that stands for a list of one."""
    return [one for one in [node, *items(node)] if isinstance(one, Scalar) and one.value is not None]


def text_of(node: Node | None) -> str | None:
    """The text, if this is one."""
    return node.value if isinstance(node, Scalar) else None


def _party_of(tenure: Node) -> list[Scalar]:
    return scalars(tenure) if isinstance(tenure, Scalar) else scalars(get(tenure, "party"))


def _moment(node: Node | None, default: datetime) -> datetime | None:
    """The time that stands there, the default when nothing does, None when it is not a time."""
    if not isinstance(node, Scalar) or node.value is None:
        return default
    try:
        return parse_instant(node.value)
    except ValueError:
        return None
