"""A story's merged tree against the models: every complaint of pydantic as a placed error in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import takewhile
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from monitor.errors import Place, RuleError, masked
from monitor.rules.nodes import Mapping, Node, Scalar, plain, walk
from monitor.rules.schema import ByLanguage, Story
from monitor.rules.syntax import near_key

_KEY = "[key]"  # how pydantic says that a mapping's key is wrong, not its value
_ONE_OF = "must be one of "


def validate(root: Mapping) -> tuple[Story | None, list[RuleError]]:
    """The story, or None and what is wrong with the tree's shape and values."""
    try:
        return Story.model_validate(plain(root)), []
    except ValidationError as error:
        return None, in_words(error, root, Story)


def check_as(node: Node, annotation: Any) -> list[RuleError]:
    """What is wrong with a part of the tree that should be of this type."""
    try:
        TypeAdapter(annotation).validate_python(plain(node))
    except ValidationError as error:
        return in_words(error, node, annotation)
    return []


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint: the known word closest to this one, or all of them when they are few, or else what is given."""
    words = sorted(known)
    like = word.strip().lower().replace(" ", "-")
    close = difflib.get_close_matches(like, words, n=5, cutoff=0.6)
    if close:
        # People rarely mistake a word's beginning: `denies` is meant for `deny`, though `decline` shares as many letters.
        best = max(close, key=lambda one: _common_start(like, one) / 10 + difflib.SequenceMatcher(None, like, one).ratio())
        return f"did you mean `{best}`?"
    return f"one of {', '.join(words)}" if 0 < len(words) <= 16 and not otherwise else otherwise


_NUMBERS = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), ("must be a whole number", "in digits, like 3")),
    **dict.fromkeys(("float_parsing", "float_type", "finite_number"), ("must be a number", "in digits, like 2.5")),
    **dict.fromkeys(("bool_parsing", "bool_type"), ("must be true or false", "write true or false")),
}
"""What pydantic says of numbers and truth: problem and hint."""
_MEANT = {
    "english": "en",
    "us": "en",
    "gb": "en",
    "russian": "ru",
    "ukrainian": "uk",
    "ua": "uk",
    "korean": "ko",
    "kr": "ko",
    "kp": "ko",
    "chinese": "zh",
    "cn": "zh",
    "tw": "zh",
    "critical": "urgent",
    "high": "urgent",
    "error": "urgent",
    "medium": "notice",
    "low": "info",
    "debug": "info",
    "confirm": "affirm",
    "confirms": "affirm",
    "admit": "affirm",
    "admits": "affirm",
    "reject": "deny",
    "rejects": "deny",
    "evade": "decline",
    "evades": "decline",
    "silent": "decline",
    "question": "doubt",
    "before": "past",
    "background": "past",
    "organization": "agency",
    "organisation": "agency",
    "institution": "agency",
    "group": "unit",
    "military": "unit",
    "army": "unit",
    "location": "place",
    "region": "place",
    "city": "place",
    "state": "country",
    "media": "outlet",
    "newspaper": "outlet",
    "human": "person",
    "people": "person",
    "agreement": "treaty",
    "weak": "any",
    "all": "any",
}
"""Words that people write for one that may stand there, whatever their letters are like."""


def _chosen(word: str, allowed: Iterable[str]) -> str:
    """A hint at which of the allowed words was meant; "" when that is anybody's guess."""
    known, written = list(allowed), word.strip().lower()
    first = re.split("[-_ ]", written)[0]
    meant = next((one for one in (_MEANT.get(written), first, _MEANT.get(first)) if one in known), None)
    return f"did you mean `{meant}`?" if meant else did_you_mean(word, known, " ").strip()


def in_words(error: ValidationError, root: Node, annotation: Any) -> list[RuleError]:
    """Pydantic's errors, one a place and fault, in order of place."""
    details = error.errors(include_url=False)
    unknown: dict[tuple[str | int, ...], str] = {}  # parent -> hints at its unknown keys
    for detail in details:
        if detail["type"] == "extra_forbidden":
            *parent, key = detail["loc"]
            hint = did_you_mean(str(key), _keys_at(annotation, parent))
            unknown[tuple(parent)] = unknown.get(tuple(parent), "") + hint
    found: dict[tuple[Place, str], RuleError] = {}
    for detail in details:
        if detail["type"] == "missing" and f"mean `{detail['loc'][-1]}`" in unknown.get(detail["loc"][:-1], ""):
            continue  # it is there, misspelt, and that is reported
        if detail["type"] == "too_short" and getattr(walk(root, detail["loc"])[0], "items", None):
            continue  # pydantic counts the items that are right only
        one = _placed(detail, root, annotation)
        fault = one.problem if detail["type"] in ("missing", "extra_forbidden") else ""
        earlier = found.get((one.place, fault))
        if earlier is None:
            found[one.place, fault] = one
        elif earlier.problem.startswith(_ONE_OF) and one.problem.startswith(_ONE_OF):
            # The members of a union complain one by one; what they allow belongs together.
            allowed = [*earlier.problem.removeprefix(_ONE_OF).split(", "), *one.problem.removeprefix(_ONE_OF).split(", ")]
            hint = _chosen(one.text, allowed)
            found[one.place, fault] = RuleError(one.place, _ONE_OF + ", ".join(dict.fromkeys(allowed)), one.text, hint)
    return sorted(found.values())


def _placed(detail: ErrorDetails, root: Node, annotation: Any) -> RuleError:
    loc = detail["loc"]
    node, key, steps = walk(root, loc)
    kind = detail["type"]
    if kind == "missing":
        field = _fields_at(annotation, loc[:-1]).get(str(loc[-1]), "")
        place, owner = (key.place, key.value or "") if key is not None else (node.place, "")
        return RuleError(place, f"missing `{loc[-1]}`", owner, f"add `{loc[-1]}:`" + (f", {_lower(field)}" if field else ""))
    if kind == "extra_forbidden" and key is not None:
        return RuleError(key.place, "unknown key", str(loc[-1]), did_you_mean(str(loc[-1]), _keys_at(annotation, loc[:-1])))
    if loc and loc[-1] == _KEY and key is not None:
        return _wrong_value(detail, key.place, key.value or "", annotation, loc)
    if isinstance(node, Scalar) and node.value is None:
        hint = "give it a value, or delete it"
        return RuleError(node.place, f"`{key.value}` has no value" if key is not None else "nothing stands here", hint=hint)
    text = masked(node.value or "") if isinstance(node, Scalar) else ""
    return _wrong_value(detail, node.place, text, annotation, loc[:steps])


def _wrong_value(detail: ErrorDetails, place: Place, text: str, annotation: Any, path: Iterable[str | int]) -> RuleError:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in ("enum", "literal_error"):
        allowed = [*re.findall(r"'([^']*)'", str(context["expected"]))]
        return RuleError(place, _ONE_OF + ", ".join(allowed), text, _chosen(text, allowed))
    if kind == "string_pattern_mismatch":
        return _wrong_pattern(str(context["pattern"]), place, text)
    if kind == "value_error":
        problem, _, hint = str(context["error"]).partition("; ")
        return RuleError(place, problem, text, hint)
    if kind == "too_short":
        return RuleError(place, "the list is empty", text, "write at least one")
    if kind in ("tuple_type", "list_type"):
        return RuleError(place, "must be a list", text, "write [a, b], or one item a line, each after `- `")
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        keys, languages = _keys_at(annotation, path), "its keys are languages: en, ru, uk, ko, zh, any"
        listed = f"its keys are {', '.join(keys)}" if keys else languages if _by_language(annotation, path) else "write `key: value`"
        return RuleError(place, "must be keys and values", text, near_key(text) or listed)
    if kind in _NUMBERS:
        return RuleError(place, _NUMBERS[kind][0], text, _NUMBERS[kind][1])
    if kind in ("greater_than", "greater_than_equal"):
        least = f"{context['ge']} or more" if "ge" in context else f"more than {context['gt']}"
        return RuleError(place, f"must be {least}", text, "write a larger number")
    if kind == "string_type":
        return RuleError(place, "must be text", text, "put it in quotes if it contains brackets, or a colon and a space")
    return RuleError(place, _lower(detail["msg"]), text)


def _wrong_pattern(pattern: str, place: Place, text: str) -> RuleError:
    if pattern.startswith("^https?"):
        return RuleError(place, "not the address of a feed", text, "it begins with http:// or https:// and holds no space")
    if pattern.startswith("^FEED_"):
        return RuleError(
            place, "not an environment variable for feeds", text, "its name begins with FEED_ and is in capitals, like FEED_LOGIN"
        )
    if "{2,3}" in pattern:
        return RuleError(place, "not a language", text, "two or three lower-case letters, like en, ru, uk, ko, zh")
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    hint = f"did you mean `{slug}`?" if slug else "like troops-sent"
    return RuleError(place, "a name here has lower-case letters, digits and single hyphens", text, hint)


def _common_start(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _keys_at(annotation: Any, path: Iterable[str | int]) -> list[str]:
    return list(_fields_at(annotation, path))


def _fields_at(annotation: Any, path: Iterable[str | int]) -> dict[str, str]:
    """The keys that may stand at a path, as written in files, with their descriptions; empty where any key or none may stand."""
    here = _type_at(annotation, path)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        # A single value may stand for a list of one, as in `speaks_for: russia`.
        inner = _bare(get_args(here)[0]) if get_origin(here) is tuple else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return {}
        here = inner
    return {field.alias or name: field.description or "" for name, field in here.model_fields.items()}


def _by_language(annotation: Any, path: Iterable[str | int]) -> bool:
    """Whether words by language stand at a path."""
    here = _type_at(annotation, path)
    return get_origin(here) is dict and get_args(here)[0] == get_args(ByLanguage)[0]


def _type_at(annotation: Any, path: Iterable[str | int]) -> Any:
    """The type of what may stand at a path; None where the path leads nowhere."""
    here = _bare(annotation)
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            named = {field.alias or name: field for name, field in here.model_fields.items()}
            here = _bare(named[str(part)].annotation) if str(part) in named else None
        elif get_origin(here) in (dict, tuple):
            here = _bare(get_args(here)[1 if get_origin(here) is dict else 0])
        else:
            return None
    return here


def _bare(annotation: Any) -> Any:
    """The annotation without Annotated and without `| None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation
