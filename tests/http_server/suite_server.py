"""Our own server with what the conformance suite asks of one besides ours, served as ours is.

`python -m tests.http_server.suite_server serve --http HOST:PORT`: the suite's names are answered
here, everything else by our handlers. What stands between them and the suite, the sockets, tokens,
limits, sessions and lists, is the product's own.
"""

import sys

import mcp_types as types
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity

from genesis_mcp.cli.main import main
from genesis_mcp.http_server import tenants
from genesis_mcp.mcp_server.tools import build_server
from tests.http_server.suite_tools import PNG, TOOLS, embedded, form, image, inquiring, text

OF_THE_SUITE = "what the conformance suite asks for"


def prompt(*contents):
    messages = [types.PromptMessage(role="user", content=content) for content in contents]
    return types.GetPromptResult(messages=messages)


PROMPTS = {
    "test_simple_prompt": ((), lambda _: prompt(text("This is a simple prompt for testing."))),
    "test_prompt_with_arguments": (
        ("arg1", "arg2"),
        lambda given: prompt(text(f"arg1='{given['arg1']}', arg2='{given['arg2']}'")),
    ),
    "test_prompt_with_embedded_resource": (
        ("resourceUri",),
        lambda given: prompt(embedded(given["resourceUri"], "text"), text("Process it.")),
    ),
    "test_prompt_with_image": ((), lambda _: prompt(image(), text("Look at it."))),
}
ASKING_PROMPT = "test_input_required_result_prompt"
CONTEXT = {"user_context": form("Which context?", "context")}

STATIC = {
    "test://static-text": types.TextResourceContents(
        uri="test://static-text", mime_type="text/plain", text="This is a static text resource."
    ),
    "test://static-binary": types.BlobResourceContents(
        uri="test://static-binary", mime_type="image/png", blob=PNG
    ),
}
TEMPLATE = types.ResourceTemplate(name="template", uri_template="test://template/{id}/data")


def with_the_suites(server):
    """Wrap its handlers, so that the suite's names are known as well."""
    ours = {method: server.get_request_handler(method) for method in WRAPPED}

    def add(method, answer):
        async def wrapped(context, params):
            return await answer(ours[method].handler, context, params)

        server.add_request_handler(method, ours[method].params_type, wrapped)

    for method, answer in WRAPPED.items():
        add(method, answer)
    boundary = RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=server.name)
    server.middleware.append(boundary)
    return server


async def list_tools(ours, context, params):
    listed = await ours(context, params)
    own = [
        types.Tool(name=name, description=OF_THE_SUITE, input_schema=schema)
        for name, (schema, _) in TOOLS.items()
    ]
    return types.ListToolsResult(tools=[*listed.tools, *own])


async def call_tool(ours, context, params):
    _, answer = TOOLS.get(params.name, (None, ours))
    return await answer(context, params)


async def list_prompts(ours, context, params):
    listed = await ours(context, params)
    own = [
        types.Prompt(
            name=name,
            description=OF_THE_SUITE,
            arguments=[types.PromptArgument(name=one, required=True) for one in names],
        )
        for name, (names, _) in PROMPTS.items()
    ]
    return types.ListPromptsResult(prompts=[*listed.prompts, *own])


async def get_prompt(ours, context, params):
    if params.name == ASKING_PROMPT:
        return await inquiring(prompt(text("done")), CONTEXT)(context, params)
    if params.name in PROMPTS:
        _, make = PROMPTS[params.name]
        return make(params.arguments)
    return await ours(context, params)


async def list_resources(ours, context, params):
    listed = await ours(context, params)
    own = [types.Resource(name=uri, uri=uri) for uri in STATIC]
    return types.ListResourcesResult(resources=[*listed.resources, *own])


async def list_templates(ours, context, params):
    listed = await ours(context, params)
    templates = [*listed.resource_templates, TEMPLATE]
    return types.ListResourceTemplatesResult(resource_templates=templates)


async def read_resource(ours, context, params):
    before, _, after = TEMPLATE.uri_template.partition("{id}")
    if params.uri in STATIC:
        contents = STATIC[params.uri]
    elif params.uri.startswith(before) and params.uri.endswith(after):
        number = params.uri.removeprefix(before).removesuffix(after)
        contents = types.TextResourceContents(uri=params.uri, text=f'{{"id":"{number}"}}')
    else:
        return await ours(context, params)
    return types.ReadResourceResult(contents=[contents])


WRAPPED = {
    "tools/list": list_tools,
    "tools/call": call_tool,
    "prompts/list": list_prompts,
    "prompts/get": get_prompt,
    "resources/list": list_resources,
    "resources/templates/list": list_templates,
    "resources/read": read_resource,
}


def build(*arguments, **options):
    return with_the_suites(build_server(*arguments, **options))


if __name__ == "__main__":
    tenants.build_server = build  # type: ignore[attr-defined]
    sys.exit(main(sys.argv[1:]))
