"""Terms and cron: what they stand for, and what is refused where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.cron import check_cron
from monitor.rules.terms import MAX_EXPANSIONS, TermError, expand

EXPANSIONS = {
    "Kremlin": ["Kremlin"],
    "North Korean (troops|soldiers)": ["North Korean troops", "North Korean soldiers"],
    "(a|b) (c|d)": ["a c", "a d", "b c", "b d"],
    "the (elite|) corps": ["the elite corps", "the corps"],
    "((North|South) Korean|Pyongyang) army": ["North Korean army", "South Korean army", "Pyongyang army"],
    "(a|(b|c|)d)": ["a", "bd", "cd", "d"],
    "troop(s|)": ["troops", "troop"],
    "(a|a)": ["a"],
    "deploy*": ["deploy*"],
    "(deploy*|send) troop*": ["deploy* troop*", "send troop*"],
    "  two   spaces ": ["two spaces"],
    "朝鲜(军队|军)": ["朝鲜军队", "朝鲜军"],
}


@pytest.mark.parametrize(("term", "wordings"), EXPANSIONS.items())
def test_a_term_stands_for_its_wordings(term: str, wordings: list[str]) -> None:
    assert list(expand(term)) == wordings


REFUSED = [
    ("(a|b", 0, "never closed"),
    ("x (a|(b|c)", 2, "never closed"),
    ("a)", 1, "closes nothing"),
    ("a|b", 1, "in brackets"),
    ("(|a)", 1, "optional word write (word|)"),
    ("(a||b)", 3, "an alternative is empty"),
    ("x ()", 3, "an alternative is empty"),
    ("Lavrov (Sergey)", 7, "brackets hold alternatives"),
    ("(a|)", 0, "may come out empty"),
    ("", 0, "may come out empty"),
    ("de*ploy", 2, "end of a word"),
    ("*", 0, "end of a word"),
    ("deploy**", 6, "end of a word"),
    ("a *", 2, "end of a word"),
    ("(a*|b)c", 2, "end of a word"),
    ("(((((((((a|b)|c)|d)|e)|f)|g)|h)|i)|j)", 8, "more than 8 deep"),
    ("(a|b)" * 10, 45, f"more than {MAX_EXPANSIONS}"),
]


@pytest.mark.parametrize(("term", "offset", "problem"), REFUSED)
def test_a_broken_term_is_refused_at_the_place(term: str, offset: int, problem: str) -> None:
    with pytest.raises(TermError) as caught:
        expand(term)
    assert problem in str(caught.value)
    assert caught.value.offset == offset


def test_a_long_list_of_alternatives_is_refused_before_it_grows() -> None:
    with pytest.raises(ValueError, match="more than 1000"):
        expand("(" + "|".join(f"w{number}" for number in range(1001)) + ")")


@given(st.text(alphabet="ab (|)*", max_size=40))
def test_any_term_expands_to_clean_wordings_or_is_refused(term: str) -> None:
    try:
        wordings = expand(term)
    except TermError as error:
        assert 0 <= error.offset <= len(term)  # noqa: PT017  not raising is fine too
    else:
        assert 0 < len(wordings) <= MAX_EXPANSIONS
        assert all(wording and not set("(|)") & set(wording) for wording in wordings)


@pytest.mark.parametrize(
    "cron",
    [
        "* * * * *",
        "*/10 6-22 * * mon-fri",
        "0 0 1,15 jan,JUL 0",
        "5-59/15 * * * 7",
        "0 12 29 2 *",
        "0 9 * * fri-sun",
        "0 0 31 2 mon",
    ],
)
def test_cron_fields_are_accepted(cron: str) -> None:
    assert check_cron(f" {cron} ") == cron


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("* * * *", "this has 4"),
        ("0 0 0 * * *", "this has 6"),
        ("60 * * * *", "minute: '60' is not from 0 to 59"),
        ("* 24 * * *", "hour: '24' is not from 0 to 23"),
        ("* * 0 * *", "day of the month: '0' is not from 1 to 31"),
        ("* * * 13 *", "month: '13' is not from 1 to 12 or jan-dec"),
        ("* * * * 8", "day of the week: '8' is not from 0 to 7 or sun-sat"),
        ("* * * * monday", "'monday' is not from 0 to 7"),
        ("*/0 * * * *", "from 1 to 59"),
        ("*/x * * * *", "'*/x' is not a value"),
        ("5/15 * * * *", "5-59/15"),
        ("30-10 * * * *", "runs backwards"),
        ("1,,2 * * * *", "'' is not a value"),
        ("0 0 30 2 *", "no such day"),
        ("@hourly", "'0 * * * *'"),
        ("٣ * * * *", "not from 0 to 59"),
    ],
)
def test_broken_cron_is_refused_in_words(cron: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the words are compared below
        check_cron(cron)
    assert problem in str(caught.value)
