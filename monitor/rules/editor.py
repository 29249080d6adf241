"""The rule files' JSON Schema, by which editors complete, explain and underline: made from the models.

It is draft-07, which YAML language servers know best. A story may be split into files in any way, so each file may hold any of the
top-level keys and none is required. What the loader takes is valid here too: one value for a list of one, numbers for words.
"""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from monitor.model import MovedBy, Severity, Stance, Status, When
from monitor.rules import schema as models
from monitor.rules.cron import check_cron
from monitor.rules.schema import Expected, Kind, Story

DRAFT = "http://json-schema.org/draft-07/schema#"
_DURATION = {"type": "string", "pattern": r"^\s*[0-9]{1,6}\s*[smhdw]\s*$"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-?\d{2}-?\d{2}([T ].+)?$"}
_CRON = {"type": "string", "pattern": r"^\s*(\S+\s+){4}\S+\s*$"}
_ID = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_PLAIN = ["string", "number", "boolean"]
"""What a YAML parser makes of a word: the loader takes `title: 1984` as text."""
_KEYS = {
    "en": "English",
    "ru": "Russian",
    "uk": "Ukrainian",
    "ko": "Korean",
    "zh": "Chinese",
    "any": "In texts of every language",
    "say": "Words that report",
    "confirm": "Words that admit",
    "deny": "Words that deny",
    "doubt": "Words that question",
    "decline": "Words that evade",
    "do": "Words for what a party does itself, where that is the claim (approves, signs); they stand in the claim's condition too",
}
"""What keys mean that are chosen from a few."""
_ENUMS: tuple[type[Enum], ...] = (Kind, MovedBy, Severity, Stance, Status, When)


def rule_schema() -> dict[str, Any]:
    """The schema of a rule file, as JSON values."""
    made = Story.model_json_schema(by_alias=True, schema_generator=_Generator)
    definitions: dict[str, Any] = made.pop("$defs")
    expected = Expected.model_json_schema(by_alias=True, schema_generator=_Generator)
    definitions |= {**expected.pop("$defs"), "Expected": expected}
    expect = definitions["TestArticle"]["properties"]["expect"]
    definitions["TestArticle"]["properties"]["expect"] = _expect(expect["description"])
    for one in _ENUMS:
        definitions[one.__name__]["enumDescriptions"] = list(_said_of(one).values())
    made |= {"$schema": DRAFT, "title": "Rule file of a story", "definitions": definitions, "additionalProperties": False}
    del made["required"]
    for section in made["properties"].values():
        if section.get("type") in ("object", "array"):
            section["type"] = [section["type"], "null"]  # a section with everything in it commented out
    tidied = _tidied(made)
    assert isinstance(tidied, dict)  # noqa: S101 - narrowed for the type checker
    first = ("$schema", "title", "description", "type")
    return {key: tidied[key] for key in (*first, *(key for key in tidied if key not in first))}


def _expect(description: str) -> dict[str, Any]:
    names = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    return {
        "type": "object",
        "description": description,
        "properties": {
            "alerts": {"description": "Names of the alerts that this article raises, [] for none", **names},
            "matches": {"description": "Names of the matches that it meets, [] for none", **names},
            "evidence": {
                "description": "All evidence found in it, [] for none",
                "type": "array",
                "items": {"$ref": "#/$defs/Expected"},
            },
        },
        "additionalProperties": {"description": "The claim's status after this article", "$ref": "#/$defs/Status"},
    }


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas, with what our validators take before the models see it."""

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        made.pop("$schema", None)
        return made

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        function = schema["function"]["function"]
        if function is models.parse_duration:
            return dict(_DURATION)
        if function is models.parse_instant:
            return dict(_MOMENT)
        many = super().function_before_schema(schema)
        if function in (models._as_list, models._tenures) and "items" in many:
            item = many["items"]
            if function is models._tenures:
                item = {"anyOf": [dict(_ID), item]}
                many = {**many, "items": item}
            return {"anyOf": [item, many]}
        return many

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        function = schema["function"]["function"]
        if function is check_cron:
            return dict(_CRON)
        made = super().function_after_schema(schema)
        return {**made, "pattern": r"\S"} if function is models._printable else made

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        made = super().str_schema(schema)
        return made if "pattern" in made else {**made, "type": list(_PLAIN)}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # editors would write empty lists and nulls into the file

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # None says that the key is left out; a key without a value is an error


def _tidied(value: Any) -> Any:
    """In draft-07: `definitions`, and a reference with words beside it wrapped, as it would hide them. Without made-up titles.

    What keys may be is said by naming them: editors complete `properties`, and no `propertyNames`.
    """
    if isinstance(value, list):
        return [_tidied(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {
        key: {name: _tidied(one) for name, one in part.items()} if key in ("properties", "definitions") else _tidied(part)
        for key, part in value.items()
        if key != "title" or "$schema" in value
    }
    allowed = made.pop("propertyNames", {}).get("enum")
    if allowed:
        made["properties"] = {name: {"description": _KEYS[name], **made["additionalProperties"]} for name in allowed}
    if allowed or "patternProperties" in made:
        made["additionalProperties"] = False
    if "$ref" in made:
        made["$ref"] = str(made["$ref"]).replace("#/$defs/", "#/definitions/")
        if len(made) > 1:
            made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made


@cache
def _said_of(enum: type[Enum]) -> dict[str, str]:
    """Each value of an enumeration with the words below it where it is declared."""
    [declared] = ast.parse(inspect.getsource(enum)).body
    assert isinstance(declared, ast.ClassDef)  # noqa: S101 - narrowed for the type checker
    found: dict[str, str] = {}
    for member, words in zip(declared.body, declared.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant):
            found[str(ast.literal_eval(member.value))] = str(words.value.value)
    return found
