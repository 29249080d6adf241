"""A language file, checked: `load_pack("en")` reads `en.yaml` beside this module."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from monitor import cache as cache_files

LANGUAGES = ("en", "ru", "uk", "ko", "zh")
"""Languages that have a file, and so are read."""


class CueClass(StrEnum):
    """What a reporting word says that its source does with its content."""

    SAY = "say"
    """states it: says, claims, announces, estimates, shows"""
    CONFIRM = "confirm"
    """states it as so, also of a thing named only: confirms, admits, acknowledges"""
    DENY = "deny"
    """says that it is not so: denies, rejects, refutes, calls it false"""
    DOUBT = "doubt"
    """questions it: doubts, cannot verify, sees no evidence"""
    DECLINE = "decline"
    """does not say: no comment, declines to answer, evades, refers elsewhere"""
    PRESUPPOSE = "presuppose"
    """takes it for granted: condemns, thanks, praises, demands an end of it"""
    ASK = "ask"
    """asks or wonders; states nothing"""
    DO = "do"
    """does itself what the claim says: approves, signs, repeals. A story's own words only: they are words of the claim too"""


class Frame(StrEnum):
    """Where the source and the content of a cue stand."""

    VERB = "verb"
    """source before or, inverted, after; content after or before"""
    NOUN = "noun"
    """possessor before, or after "by", "of", "from"; content after"""
    ACCORDING = "according"
    """source right after the cue; content is the rest of the sentence"""
    FOLLOWING = "following"
    """source right before the cue (Korean 에 따르면, Chinese 方面说); content is the rest of the sentence"""
    PREDICATE = "predicate"
    """no source of its own: the content's speaker, or the sentence's, says so ("it is fake")"""


class Cue(BaseModel):
    """Words of one class and one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cls: CueClass = Field(alias="class")
    frame: Frame = Frame.VERB
    terms: tuple[str, ...]
    spare: bool = Field(default=False, description="Counts only where no other cue stands close behind it")
    negated: bool = Field(default=False, description="The words carry their negation already: nothing around them negates them again")


class Operators(BaseModel):
    """Words that turn what they govern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    negation: tuple[str, ...] = Field(default=(), description="Turn a cue or a content into its opposite")
    neutral: tuple[str, ...] = Field(default=(), description="Hold a negation that turns nothing: not only, never forget")
    unable: tuple[str, ...] = Field(default=(), description="Before a cue of saying: could not, has no way to")
    refusal: tuple[str, ...] = Field(
        default=(), description="With an infinitive or noun of saying: refused to, chose not to, refrained from"
    )
    absence: tuple[str, ...] = Field(
        default=(), description="After a noun that reports, they say that there is none: there was no confirmation"
    )
    hypothetical: tuple[str, ...] = Field(default=(), description="What follows in the clause is not stated: if, whether, may, plans to")
    premise: tuple[str, ...] = Field(
        default=(), description="Open a supposition where `hypothetical` closes one, because the verb comes last: if, even if"
    )
    plain: tuple[str, ...] = Field(
        default=(), description="Wordings that hold one of the others, or a name, and turn nothing: 었을 가능성이 크다, 若干"
    )
    provided: tuple[str, ...] = Field(default=(), description="What stands right before them is not stated: if confirmed, would be")
    dubious: tuple[str, ...] = Field(default=(), description="Said of a content, they question it: contradictory, unproven")
    hearsay: tuple[str, ...] = Field(default=(), description="What follows is spoken of, not stated: reports of, allegations that")
    asked: tuple[str, ...] = Field(default=(), description="What follows is what somebody is asked about: asked about, when pressed on")
    echo: tuple[str, ...] = Field(default=(), description="Beside a name, they repeat what was said before of another: did so too, so did")
    rejection: tuple[str, ...] = Field(default=(), description="Said of a content, they call it untrue: fake, groundless, a lie")
    past: tuple[str, ...] = Field(default=(), description="What is reported is recalled: previously, last year, at first")
    now: tuple[str, ...] = Field(default=(), description="What is reported is news, whatever else the sentence recalls: for the first time")
    pluperfect: tuple[str, ...] = Field(default=(), description="Right before a cue, they put it before the news: had")
    imperfect: tuple[str, ...] = Field(default=(), description="Forms of a cue that recall what somebody used to say: отрицал, называл")


class Pack(BaseModel):
    """One language: data, not code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    letters: str = Field(default="", description="Letters that only this language has among those of its script")
    sentence_end: str = Field(default=".!?…", description="Characters that may end a sentence")
    abbreviations: tuple[str, ...] = Field(default=(), description="Words after whose full stop the sentence goes on")
    quotes: tuple[str, ...] = Field(default=(), description="Pairs of quotation marks, opening and closing")
    offices: tuple[str, ...] = Field(default=(), description="Nouns that, beside the name or adjective of a party, make a speaker")
    groups: tuple[str, ...] = Field(
        default=(), description="Nouns that, after the adjective of a party, are NOT a speaker for it: analysts, media"
    )
    former: tuple[str, ...] = Field(default=(), description="Right before an office, they say that it is held no more: former, ex")
    joiners: tuple[str, ...] = Field(default=(), description="Words that may stand between an office and its country: of, the, 's")
    classes: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Unnamed speakers by class: experts, western-officials")
    pronouns: tuple[str, ...] = Field(default=(), description="Stand for the last speaker")
    personal: tuple[str, ...] = Field(default=(), description="Words of `pronouns` and `possessives` that only people are called: he, her")
    impersonal_pronouns: tuple[str, ...] = Field(default=(), description="Those that people are not called: it, its")
    persons: tuple[str, ...] = Field(default=(), description="Nouns of `offices` that name somebody, not an institution: minister, envoy")
    kin: tuple[tuple[str, ...], ...] = Field(
        default=(), description="Nouns that one and the same speaker may be called by, group by group: envoy, ambassador, embassy"
    )
    object_pronouns: tuple[str, ...] = Field(
        default=(), description="Right beside a cue, they stand for the claim last spoken of: it, them"
    )
    possessives: tuple[str, ...] = Field(default=(), description="Stand for the subject of their sentence: its, their")
    trailing: tuple[str, ...] = Field(
        default=(), description="Verbs that close a clause which says who spoke the quotation right before it: “…。”他说"
    )
    drops_subject: bool = Field(default=False, description="A cue without a source in its sentence has the last speaker")
    having: tuple[str, ...] = Field(default=(), description="Right before a name, they make it who has what follows: у Пентагона нет")
    plurals: tuple[str, ...] = Field(default=(), description="Stand for people named before, who need not be speakers: they, them, those")
    seats: tuple[str, ...] = Field(default=(), description="Between an office and the capital where it sits: the General Staff in Kyiv")
    posted: tuple[str, ...] = Field(default=(), description="Offices that sit in another's capital: ambassador, mission")
    prepositions: tuple[str, ...] = Field(default=(), description="Right before a reporting word, they make it a noun too: amid reports")
    articles: tuple[str, ...] = Field(default=(), description="Right before a reporting word, they make it a noun: the report, a question")
    determiners: tuple[str, ...] = Field(default=(), description="Open the name of a subject that nobody has named before: a, two, several")
    repeats: tuple[str, ...] = Field(default=(), description="Descriptions that stand for the last speaker: the ministry, the statement")
    descriptions: tuple[str, ...] = Field(
        default=(), description="Nouns that stand for the last speaker, in the dictionary form; their forms are worked out"
    )
    relatives: tuple[str, ...] = Field(default=(), description="As subjects, they stand for the name right before them: which, who")
    ours: tuple[str, ...] = Field(default=(), description="Before people, they make them the speaker's own: our")
    allied: tuple[str, ...] = Field(default=(), description="Nouns that one calls another's people, also with `ours`: allies, guests")
    shared: tuple[str, ...] = Field(
        default=(), description="Words of a description that stand for all who last spoke together: statement, they"
    )
    both: tuple[str, ...] = Field(default=(), description="Stand for the two parties last named: both countries, the two sides")
    anaphora: tuple[str, ...] = Field(default=(), description="Stand for the claim last spoken of: this, the report, the accusation")
    recaps: tuple[str, ...] = Field(default=(), description="Stand for the claim that the text is about: these reports, such accusations")
    coordinators: tuple[str, ...] = Field(default=(), description="Open a clause that is not part of the content before: but, while")
    conjunctions: tuple[str, ...] = Field(default=(), description="Join two names into one subject: and, comma")
    passives: tuple[str, ...] = Field(default=(), description="Before the participle of a passive cue; none: any cue may have an agent")
    agents: tuple[str, ...] = Field(default=(), description="Before the source of a passive cue: by")
    case_marked: bool = Field(default=False, description="Names have cases: a possessor stands after its noun, only an adjective before")
    addressees: tuple[str, ...] = Field(default=(), description="Right before a name without case, they make it who is told: to the agency")
    oblique_before: tuple[str, ...] = Field(
        default=(), description="Words right before a name that keep it from being a subject: prepositions"
    )
    locative_source: tuple[str, ...] = Field(
        default=(),
        description="Prepositions after which a name in the locative is the source of an impersonal plural verb: в Кремле заявили",
    )
    impersonal: tuple[str, ...] = Field(default=(), description="Endings of such a verb")
    infinitive: tuple[str, ...] = Field(default=(), description="Endings of an infinitive, which what governs it may follow")
    about_this: tuple[str, ...] = Field(default=(), description="Make the sentence before the content: об этом")
    topic_after: tuple[str, ...] = Field(default=(), description="Right after a name, they make it what the sentence is about (은, 는)")
    subject_after: tuple[str, ...] = Field(default=(), description="Right after a name, they make it a subject (Korean particles)")
    oblique_after: tuple[str, ...] = Field(default=(), description="Right after a name, they keep it from being a subject")
    possessor_after: tuple[str, ...] = Field(default=(), description="Right after a name, they make it a possessor (의)")
    object_after: tuple[str, ...] = Field(
        default=(), description="Right after a word, they make it an object, which no possessor reaches over"
    )
    quotatives: tuple[str, ...] = Field(default=(), description="In a verb's ending, they make its clause what somebody says: 다고, 다는")
    linking: tuple[str, ...] = Field(default=(), description="Those of them that quote and run on to another verb: 다며, 라면서")
    content_end: tuple[str, ...] = Field(default=(), description="Ends of a content, which a late source may follow: 다고, 것으로")
    adnominals: tuple[str, ...] = Field(default=(), description="Endings of a verb that describes the noun after it: 한, 힌, 던")
    auxiliaries: tuple[str, ...] = Field(default=(), description="Beginnings of words that carry the verb before them on: 부인해 온")
    continuing: tuple[str, ...] = Field(
        default=(), description="Open a sentence that has the subject of the one before, unless it names a topic: 또, 이어"
    )
    particles: tuple[str, ...] = Field(default=(), description="May end a Korean word after a name")
    infinitive_marks: tuple[str, ...] = Field(default=(), description='How a text ends before a verb that somebody is told to do: " to"')
    infinitive_first: bool = Field(default=False, description="What governs an infinitive is looked for, and its subject is the source")
    negation_reach: int = Field(
        default=4, description="Words from a negation to what it negates, at most: 2 where it stands before its verb"
    )
    verb_final: bool = Field(default=False, description="The cue stands after its content")
    inverted: bool = Field(default=True, description="The source may stand right after its verb")
    clause_chains: bool = Field(
        default=False, description="Clauses follow one another by commas alone; one without a subject goes on with that of the one before"
    )
    drops_object: bool = Field(default=False, description="A cue with nothing to report speaks of the claim last spoken of: 莫斯科予以否认")
    clausal_before: tuple[str, ...] = Field(
        default=(), description="Prepositions that open a clause too: the name after them can be its subject (有关朝鲜承认…)"
    )
    relativizers: tuple[str, ...] = Field(default=(), description="Right after a verb, they make its clause describe what follows (的)")
    closers: tuple[str, ...] = Field(
        default=(), description="Close a circumstance before the verb, where clauses chain: when, after (时, 后)"
    )
    adverbs: tuple[str, ...] = Field(default=(), description="May stand between a subject and its verb where clauses chain")
    cues: tuple[Cue, ...]
    operators: Operators
    months: tuple[tuple[str, ...], ...] = Field(default=(), description="Names of the twelve months, each in the forms that dates have")
    weekdays: tuple[tuple[str, ...], ...] = Field(default=(), description="Names of the seven days, which are nobody's name")
    date_marks: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None = Field(
        default=None, description="What follows the numbers of year, month and day where dates are written so: 年 月 日"
    )
    complementizers: tuple[str, ...] = Field(default=(), description="Open the content: a time word behind them is the content's (that)")
    since: tuple[str, ...] = Field(default=(), description="Before a time word, they make it a beginning that recalls nothing: since, 自")
    numerals: dict[int, tuple[str, ...]] = Field(default_factory=dict, description="Numbers in words, by value; vague ones by the least")
    multipliers: dict[str, int] = Field(default_factory=dict, description="Words that multiply the digits before them: thousand, тыс")
    measures: tuple[str, ...] = Field(default=(), description="Right after digits, they make them no count: %, th, km, 년")
    counters: tuple[str, ...] = Field(default=(), description="Right after digits, they belong to the number: 명, 人")
    variants: str = Field(default="", description="Pairs of characters, the first of which is read as the second (traditional, simplified)")
    paradigms: tuple[tuple[str, tuple[str, ...]], ...] = Field(
        default=(), description="Name endings and their forms, for languages without a dictionary"
    )
    fleeting: tuple[str, ...] = Field(default=(), description="Words that never inflect in names")


@cache
def load_pack(language: str) -> Pack:
    """The language's file, checked. Raises pydantic.ValidationError when the file is wrong: a fault of the program, not of the user."""
    raw = files(__package__).joinpath(f"{language}.yaml").read_bytes()
    key = cache_files.key_of([language, raw])
    content = cache_files.get("language", key)
    if content is None:
        content = YAML(typ="safe").load(raw.decode("utf-8"))
        cache_files.put("language", key, content)
    return Pack.model_validate(content)


def packs() -> dict[str, Pack]:
    """All languages."""
    return {language: load_pack(language) for language in LANGUAGES}
