"""The tools that the conformance suite asks a server to have, for what it wants to look at."""

import json
from base64 import b64encode

import anyio
import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata

PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()
WAV = b64encode(b"RIFF\x04\x00\x00\x00WAVE").decode()

ADDRESS = {
    "$anchor": "addressDef",
    "type": "object",
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
}
OF_2020_12 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"address": ADDRESS},
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def text(said):
    return types.TextContent(type="text", text=said)


def image():
    return types.ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri, said, kind="text/plain"):
    contents = types.TextResourceContents(uri=uri, mime_type=kind, text=said)
    return types.EmbeddedResource(type="resource", resource=contents)


def result(*content, is_error=False):
    return types.CallToolResult(content=list(content), is_error=is_error)


def constant(*content, **options):
    """A tool that answers the same whoever asks."""

    async def answer(_context, _params):
        return result(*content, **options)

    return answer


def strings(*names):
    """A schema of fields that are all needed."""
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": properties, "required": list(names)}


async def progressing(context, _params):
    for part in (0, 50, 100):
        await context.session.report_progress(part, 100)
        await anyio.sleep(0.05)
    return result(text("done"))


async def sampled(context, params):
    asked = types.SamplingMessage(role="user", content=text(params.arguments["prompt"]))
    request = types.CreateMessageRequest(
        params=types.CreateMessageRequestParams(messages=[asked], max_tokens=100)
    )
    told = await context.session.send_request(
        request,
        types.CreateMessageResult,
        metadata=ServerMessageMetadata(related_request_id=context.request_id),
    )
    return result(text(f"LLM response: {told.content.text}"))


def elicited(schema, message=None):
    """A tool that asks the user, in the protocol that still sends requests to clients."""

    async def answer(context, params):
        asked = message or params.arguments["message"]
        told = await context.session.elicit_form(asked, schema, context.request_id)
        content = json.dumps(told.content)
        return result(text(f"Elicitation completed: action={told.action}, content={content}"))

    return answer


DEFAULTS = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    },
}


def titled(*names):
    return [{"const": name, "title": name.title()} for name in names]


OPTIONS = ["option1", "option2", "option3"]
ENUMS = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": OPTIONS},
        "titledSingle": {"type": "string", "oneOf": titled("value1", "value2", "value3")},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": OPTIONS}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled("value1", "value2", "value3")}},
    },
}


def form(message, *names):
    params = types.ElicitRequestFormParams(message=message, requested_schema=strings(*names))
    return types.ElicitRequest(params=params)


def sampling(message):
    asked = types.SamplingMessage(role="user", content=text(message))
    params = types.CreateMessageRequestParams(messages=[asked], max_tokens=100)
    return types.CreateMessageRequest(params=params)


def inquiring(complete, *rounds, state=False):
    """What asks its client for something in each round, in the protocol that answers so.

    The state that it gets back is the number of the round, sealed by the SDK's boundary.
    """

    async def answer(_context, params):
        number = int(params.request_state or 0)
        given = params.input_responses or {}
        if number < len(rounds) and rounds[number].keys() <= given.keys():
            number += 1
        if number == len(rounds):
            return complete
        kept = str(number) if state else None
        return types.InputRequiredResult(input_requests=rounds[number], request_state=kept)

    return answer


NAME = {"user_name": form("What is your name?", "name")}
CAPITAL = {"capital_question": sampling("What is the capital of France?")}
ROOTS = {"client_roots": types.ListRootsRequest()}
DONE = result(text("state-ok"))


async def capable(context, params):
    """Asks for what the client can do, and for nothing else."""
    told = context.session.client_capabilities
    asked = {**(NAME if told.elicitation else {}), **(CAPITAL if told.sampling else {})}
    return await inquiring(DONE, asked)(context, params)


async def incapable(context, _params):
    if context.session.client_capabilities.sampling is None:
        wanted = types.ClientCapabilities(sampling=types.SamplingCapability())
        data = types.MissingRequiredClientCapabilityErrorData(required_capabilities=wanted)
        dumped = data.model_dump(by_alias=True, mode="json", exclude_none=True)
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "It has no sampling.", dumped)
    return DONE


NOTHING = strings()
REGION = {"region": {"type": "string", "x-mcp-header": "Region"}}

TOOLS = {
    "test_simple_text": (NOTHING, constant(text("This is a simple text response for testing."))),
    "test_image_content": (NOTHING, constant(image())),
    "test_audio_content": (
        NOTHING,
        constant(types.AudioContent(type="audio", data=WAV, mime_type="audio/wav")),
    ),
    "test_embedded_resource": (NOTHING, constant(embedded("test://embedded-resource", "text"))),
    "test_multiple_content_types": (
        NOTHING,
        constant(
            text("Several:"),
            image(),
            embedded("test://mixed-content-resource", '{"test":"data"}', "application/json"),
        ),
    ),
    "test_error_handling": (NOTHING, constant(text("It fails on purpose."), is_error=True)),
    "test_tool_with_progress": (NOTHING, progressing),
    "json_schema_2020_12_tool": (OF_2020_12, constant(text("done"))),
    "test_sampling": (strings("prompt"), sampled),
    "test_elicitation": (strings("message"), elicited(strings("username", "email"))),
    "test_elicitation_sep1034_defaults": (NOTHING, elicited(DEFAULTS, "With defaults")),
    "test_elicitation_sep1330_enums": (NOTHING, elicited(ENUMS, "With choices")),
    "test_missing_capability": (NOTHING, incapable),
    "test_streaming_elicitation": (NOTHING, inquiring(DONE, NAME)),
    "test_headers_of_ours": ({"type": "object", "properties": REGION}, constant(text("done"))),
    "test_input_required_result_elicitation": (NOTHING, inquiring(DONE, NAME)),
    "test_input_required_result_sampling": (NOTHING, inquiring(DONE, CAPITAL)),
    "test_input_required_result_list_roots": (NOTHING, inquiring(DONE, ROOTS)),
    "test_input_required_result_request_state": (NOTHING, inquiring(DONE, NAME, state=True)),
    "test_input_required_result_tampered_state": (NOTHING, inquiring(DONE, NAME, state=True)),
    "test_input_required_result_multiple_inputs": (
        NOTHING,
        inquiring(DONE, {**NAME, **CAPITAL, **ROOTS}, state=True),
    ),
    "test_input_required_result_multi_round": (
        NOTHING,
        inquiring(
            DONE, {"step1": form("Name?", "name")}, {"step2": form("Color?", "color")}, state=True
        ),
    ),
    "test_input_required_result_capabilities": (NOTHING, capable),
}
