"""The JSON schemas of tools, as short as a reader can do with. No tool is known here."""

from typing import Any

from pydantic import BaseModel

UNREAD = frozenset(
    {"maxLength", "minLength", "maxItems", "minItems", "format", "minimum", "additionalProperties"}
)
"""Of what a model is to give. A call is checked all the same, and told in words what is wanted."""

WIDE = 2**31 - 1
"""Bounds from here on are those of a column, which a model comes nowhere near."""


def input_schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """What a model reads before it calls: names, types, what limits it, defaults that surprise."""
    schema: dict[str, Any] = _without_unread(_compact(arguments.model_json_schema()))
    schema["properties"].get("limit", {}).pop("default", None)  # an answer says what it left out
    return schema


def output_schema(result: type[BaseModel]) -> dict[str, Any]:
    """What a client checks an answer with."""
    schema: dict[str, Any] = _compact(result.model_json_schema())
    return schema


def _without_unread(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_unread(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_unread(one) for name, one in value.items()}
        if key == "properties"
        else _without_unread(value)
        for key, value in _one_of_types(schema).items()
        if not (key in UNREAD or (key == "maximum" and value >= WIDE))
    }


def _one_of_types(schema: dict[str, Any]) -> dict[str, Any]:
    """A text or a list of texts, in the shorter of the two ways that JSON Schema has for it."""
    match schema.get("anyOf"):
        case [{"type": "string"}, {"type": "array", "items": {"type": "string"} as items}]:
            rest = {key: value for key, value in schema.items() if key != "anyOf"}
            return {"type": ["string", "array"], "items": items, **rest}
    return schema


def _compact(schema: Any) -> Any:
    """A JSON schema without what no reader needs: titles, null alternatives, plain defaults."""
    if isinstance(schema, list):
        return [_compact(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        alternatives = [one for one in schema["anyOf"] if one != {"type": "null"}]
        schema = {**schema, "anyOf": alternatives}
        if len(alternatives) == 1:
            schema |= alternatives[0]
            del schema["anyOf"]
    return {
        key: {name: _compact(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _compact(value)
        for key, value in schema.items()
        if not (key == "title" or (key == "default" and _is_plain(value, schema)))
    }


def _is_plain(default: object, schema: dict[str, Any]) -> bool:
    """Whether it is what leaving an argument out would mean anyway."""
    return default in (None, "", False) or default == next(iter(schema.get("enum", ())), None)
