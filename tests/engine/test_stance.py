"""Who takes which stance: plain English sentences as a specification of reading, and the table behind it.

Each row is a text on the merger story and all the evidence in it, as "party stance claim", with "past" where it is recalled.
"""

import itertools
from datetime import UTC, datetime

import pytest

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.engine.stance import Content, Turn, reported, stance
from monitor.language.pack import CueClass
from monitor.model import Article, Stance

READS: dict[str, tuple[str, list[str]]] = {
    # Plain cues
    "says that it is so": ("Corvane said that it will buy Ambervale.", ["corvane affirm takeover"]),
    "confirms it": ("Corvane confirmed that it will buy Ambervale.", ["corvane affirm takeover"]),
    "confirms a thing named only": ("Ambervale confirmed the takeover of Ambervale.", ["ambervale affirm takeover"]),
    "denies it": ("Corvane denied that it will buy Ambervale.", ["corvane deny takeover"]),
    "rejects a thing named only": ("The Quayside Union rejected the closure of Northquay.", ["quayside-union deny yard-closure"]),
    "says that it is not so": ("Corvane said that it will not buy Ambervale.", ["corvane deny takeover"]),
    "says what excludes it": ("Corvane said that Northquay will stay open.", ["corvane deny yard-closure"]),
    "says that what excludes it is not so": ("The Quayside Union said that Northquay will not stay open.", ["quayside-union affirm yard-closure"]),
    "doubts it": ("The Trade Ministry doubts that Corvane will buy Ambervale.", ["trade-ministry doubt takeover"]),
    "cannot confirm it": ("The Trade Ministry cannot confirm that Corvane will buy Ambervale.", ["trade-ministry doubt takeover"]),
    "declines to comment on it": ("Ambervale declined to comment on the takeover of Ambervale.", ["ambervale decline takeover"]),
    "neither confirms nor denies it": ("Corvane neither confirmed nor denied that it will buy Ambervale.", ["corvane decline takeover"]),
    # Operators over the cue
    "does not confirm it": ("Corvane did not confirm that it will buy Ambervale.", ["corvane decline takeover"]),
    "does not deny it": ("Corvane did not deny that it will buy Ambervale.", ["corvane decline takeover"]),
    # Where source and content stand
    "according to": ("According to the Quayside Union, Northquay will be closed.", ["quayside-union affirm yard-closure"]),
    "the source comes last": ("Northquay will be closed, the Quayside Union said.", ["quayside-union affirm yard-closure"]),
    "a colon": ("Quayside Union: Northquay will be closed.", ["quayside-union affirm yard-closure"]),
    "a passive": ("The closure of Northquay was confirmed by Corvane.", ["corvane affirm yard-closure"]),
    "a quotation": ("“Northquay will be closed,” said Corvane.", ["corvane affirm yard-closure"]),
    "an agency for its party": ("Halden Advisers confirmed that Northquay will be closed.", ["corvane affirm yard-closure"]),
    "two parties, two stances": (
        "The Quayside Union said that Northquay will be closed. Corvane denied that Northquay will be closed.",
        ["quayside-union affirm yard-closure", "corvane deny yard-closure"],
    ),
    "one party, two claims": (
        "Corvane confirmed that it will buy Ambervale. Corvane denied that Northquay will be closed.",
        ["corvane affirm takeover", "corvane deny yard-closure"],
    ),
    # Nesting: the one who speaks counts
    "says of another that it admitted it": ("The Trade Ministry said that Corvane has confirmed the takeover of Ambervale.", ["trade-ministry affirm takeover"]),
    "says of another that it denied it": ("The Trade Ministry said that Corvane has denied the takeover of Ambervale.", []),
    "an outlet in between is nobody": ("The Harbour Gazette reported that Corvane confirmed the takeover of Ambervale.", ["corvane affirm takeover"]),
    # Somebody whom the rules do not know speaks, and no party does
    "a stranger says that": ("Vorin Shipping said that Corvane will buy Ambervale.", []),
    "a stranger says, without that": ("Vorin Shipping said Corvane will buy Ambervale.", []),
    "a stranger speaks last": ("Corvane will buy Ambervale, said Vorin.", []),
    # Marks around nothing but a name
    "a name in marks": ('"Corvane" said that it will buy "Ambervale".', ["corvane affirm takeover"]),
    # Pointing back
    "denies this": ("The Quayside Union said that Northquay will be closed. Corvane denied this.", ["quayside-union affirm yard-closure", "corvane deny yard-closure"]),
    "declines to comment, on what was said before": (
        "The Quayside Union said that Northquay will be closed. Corvane declined to comment.",
        ["quayside-union affirm yard-closure", "corvane decline yard-closure"],
    ),
    "a pronoun for the last speaker": (
        "The Trade Ministry spoke on Monday. The Quayside Union said that the port is busy. It denied that Northquay will be closed.",
        ["quayside-union deny yard-closure"],
    ),
    # Then and now
    "recalls a denial": ("Corvane had previously denied that it will buy Ambervale.", ["corvane deny takeover past"]),
    "recalls a denial of last year": ("Last year Corvane denied that it will buy Ambervale.", ["corvane deny takeover past"]),
    "recalls one and reports the other": (
        "Corvane confirmed that it will buy Ambervale. Corvane had previously denied that it will buy Ambervale.",
        ["corvane affirm takeover", "corvane deny takeover past"],
    ),
    # Nothing that counts
    "an outlet in its own voice": ("Corvane will buy Ambervale.", []),
    "a question": ("Will Corvane buy Ambervale?", []),
    "a plan": ("Corvane said that it may buy Ambervale.", []),
    "asked about it": ("Reporters asked whether Corvane will buy Ambervale.", []),
    "a speaker who is no party": ("The mayor said that Northquay will be closed.", []),
    "the same names and another matter": ("Corvane said that Ambervale has a new ship.", []),
    "nothing of the story": ("The weather will stay mild.", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READS.values(), ids=READS)
@pytest.mark.parametrize("field", ["title", "text"])
def test_reading(field: str, text: str, expected: list[str], rulebook: Rulebook) -> None:
    at = datetime(2024, 3, 1, tzinfo=UTC)
    article = Article(id="a", published_at=at, fetched_at=at).model_copy(update={field: text})
    found = [
        f"{e.party} {e.stance} {e.claim}" + (" past" if e.when == "past" else "") for one in read(article, rulebook) for e in one.evidence
    ]
    assert sorted(found) == sorted(expected)


SAY, CONFIRM, DENY, DOUBT, DECLINE = CueClass.SAY, CueClass.CONFIRM, CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE
PLAIN, NEGATED, UNABLE = Turn.PLAIN, Turn.NEGATED, Turn.UNABLE

TABLE = {
    "says that it is so": (SAY, PLAIN, Content.STATED, Stance.AFFIRM),
    "says that it is not so": (SAY, PLAIN, Content.DENIED, Stance.DENY),
    "speaks of it": (SAY, PLAIN, Content.SPOKEN_OF, None),
    "says what may be": (SAY, PLAIN, Content.SUPPOSED, None),
    "confirms it": (CONFIRM, PLAIN, Content.STATED, Stance.AFFIRM),
    "confirms what is named only": (CONFIRM, PLAIN, Content.SPOKEN_OF, Stance.AFFIRM),
    "confirms that it is not so": (CONFIRM, PLAIN, Content.DENIED, Stance.DENY),
    "does not confirm": (CONFIRM, NEGATED, Content.STATED, Stance.DECLINE),
    "cannot confirm": (CONFIRM, UNABLE, Content.STATED, Stance.DOUBT),
    "denies it": (DENY, PLAIN, Content.STATED, Stance.DENY),
    "denies what is named only": (DENY, PLAIN, Content.SPOKEN_OF, Stance.DENY),
    "denies that it might": (DENY, PLAIN, Content.SUPPOSED, Stance.DENY),
    "does not deny it": (DENY, NEGATED, Content.STATED, Stance.DECLINE),
    "doubts it": (DOUBT, PLAIN, Content.STATED, Stance.DOUBT),
    "does not doubt it": (DOUBT, NEGATED, Content.STATED, Stance.AFFIRM),
    "evades": (DECLINE, PLAIN, Content.STATED, Stance.DECLINE),
    "praises it": (CueClass.PRESUPPOSE, PLAIN, Content.STATED, Stance.AFFIRM),
    "does not praise it": (CueClass.PRESUPPOSE, NEGATED, Content.STATED, None),
    "asks": (CueClass.ASK, PLAIN, Content.STATED, None),
}


@pytest.mark.parametrize(("cue", "turn", "content", "expected"), TABLE.values(), ids=TABLE)
def test_the_table(cue: CueClass, turn: Turn, content: Content, expected: Stance | None) -> None:
    assert stance(cue, turn, content) is expected


def test_the_table_has_an_answer_for_everything() -> None:
    for cue, turn, content in itertools.product(CueClass, Turn, Content):
        assert stance(cue, turn, content) in (None, *Stance)


def test_a_negated_confirmation_or_denial_is_never_plain() -> None:
    for cue, turn, content in itertools.product((SAY, CONFIRM, DENY), (NEGATED, UNABLE), Content):
        taken = stance(cue, turn, content)
        assert taken is None or not taken.plain


@pytest.mark.parametrize("inner", [None, Stance.DENY, Stance.DOUBT, Stance.DECLINE])
def test_who_reports_anothers_denial_or_evasion_takes_no_stance(inner: Stance | None) -> None:
    assert all(reported(cue, turn, inner) is None for cue, turn in itertools.product(CueClass, Turn))


def test_who_says_that_another_affirms_it_affirms_it_and_who_denies_that_denies_it() -> None:
    assert reported(SAY, PLAIN, Stance.AFFIRM) is Stance.AFFIRM
    assert reported(DENY, PLAIN, Stance.AFFIRM) is Stance.DENY
