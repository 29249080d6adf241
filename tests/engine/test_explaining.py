"""What is said about a reading is true of it, whatever the text: nothing breaks it, nothing touched is left out, every place is there."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.pipeline import explain
from monitor.engine.rulebook import Rulebook
from monitor.engine.why.chain import chain, repeats
from monitor.engine.why.inquiry import inquire
from monitor.engine.why.untaken import Because, untaken
from monitor.model import Stance, When
from tests.engine.test_pipeline import AT, LANGUAGES, TEXTS, article, shared

CLAIMS = st.sampled_from(["takeover", "yard-closure", "deal-cleared"])
PLAIN = {Stance.AFFIRM, Stance.DENY}
PARTIES = st.sampled_from(["corvane", "ambervale", "competition-board", "trade-ministry"])


@shared
@given(TEXTS, TEXTS, LANGUAGES)
def test_whatever_is_touched_is_taken_or_has_a_reason(rulebook: Rulebook, text: str, title: str, lang: str) -> None:
    for one in explain(article(text, title, lang), rulebook):
        story = rulebook.stories[one.reading.story]
        left = untaken(one.sentences, one.trace, story, AT)
        taken = {(t.index, t.proposition.claim) for t in one.trace.tried if t.taken is not None}
        given_reasons = {(u.index, u.claim) for u in left}
        for read in one.sentences:
            touched = {(read.sentence.index, p.claim) for p in read.propositions if not (p.own or p.implied)}
            assert touched <= taken | given_reasons
        for u in left:
            field = one.reading.article.field(u.field)
            assert 0 <= u.start < u.end <= len(field)
            assert u.reason.text
            if u.reason.word is not None:
                a, b = u.reason.word
                assert field[a:b] in u.reason.text


@shared
@given(TEXTS, LANGUAGES, st.none() | CLAIMS, st.none() | PARTIES)
def test_a_question_is_answered_by_findings_or_by_the_one_step_that_failed(
    rulebook: Rulebook, text: str, lang: str, claim: str | None, party: str | None
) -> None:
    for one in explain(article(text, "", lang), rulebook):
        story = rulebook.stories[one.reading.story]
        answer = inquire(one, untaken(one.sentences, one.trace, story, AT), story, claim, party)
        assert bool(answer.findings) != bool(answer.steps)
        assert [step.passed for step in answer.steps] == [True] * (len(answer.steps) - 1) + [False] * bool(answer.steps)
        for place in (place for step in answer.steps for place in step.places):
            assert 0 <= place.start <= place.end <= len(text)


@shared
@given(TEXTS, LANGUAGES)
def test_every_finding_has_a_chain_from_its_speaker_to_its_strength(rulebook: Rulebook, text: str, lang: str) -> None:
    for one in explain(article(text, "", lang), rulebook):
        for finding in one.findings:
            links = chain(finding, one)
            kinds = [link.kind for link in links]
            assert [kind for kind in kinds if kind not in ("reporter", "of", "cue")] == [
                "speaker", "party", "stance", "claim", "when", "strength",
            ]  # fmt: skip
            assert "cue" in kinds
            assert all(link.because for link in links[-2:])
            assert all(0 <= a <= b <= len(text) for _, (a, b) in repeats(finding, one))


@shared
@given(TEXTS, LANGUAGES)
def test_what_is_evaded_beside_a_plain_position_is_not_kept_and_is_shown(rulebook: Rulebook, text: str, lang: str) -> None:
    for one in explain(article(text, "", lang), rulebook):
        now: dict[tuple[str, str], set[Stance]] = {}
        for finding in one.findings:
            if finding.when is When.NOW:
                now.setdefault((finding.claim, finding.party), set()).add(finding.stance)
        assert not any(stances & PLAIN and stances - PLAIN for stances in now.values())
        left = untaken(one.sentences, one.trace, rulebook.stories[one.reading.story], AT)
        assert len(one.trace.outweighed) == sum(u.reason.because is Because.OUTWEIGHED for u in left)
