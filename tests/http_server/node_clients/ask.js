// A client: lists the tools, records a failure, asks for it; prints what it saw.
// node ask.js SDK PLACE; SDK is v1, v2 or v2-modern, PLACE a URL, for which the token stands in TOKEN,
// or the interpreter that has the server.
const [sdk, place] = process.argv.slice(2);
const about = { name: `client-${sdk}`, version: "1" };
const { Client, StdioClientTransport, StreamableHTTPClientTransport } =
  sdk === "v1"
    ? {
        ...(await import("@modelcontextprotocol/sdk/client/index.js")),
        ...(await import("@modelcontextprotocol/sdk/client/stdio.js")),
        ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
      }
    : {
        ...(await import("@modelcontextprotocol/client")),
        ...(await import("@modelcontextprotocol/client/stdio")),
      };
const modern = { versionNegotiation: { mode: { pin: "2026-07-28" } } };
const client = new Client(about, sdk === "v2-modern" ? modern : {});
await client.connect(place.startsWith("http") ? overHttp(place) : overStdio(place));
const { tools } = await client.listTools();
const run = { spec_id: sdk, exit_code: 1, stderr: "ValueError: esperado 4, veio 5\n" };
const recorded = await client.callTool({ name: "record_run", arguments: run });
const told = await client.callTool({ name: "logs_for_spec", arguments: { spec_id: sdk } });
const { contents } = await client.readResource({ uri: `genesis://spec/${sdk}` });
console.log(
  JSON.stringify({
    tools: tools.map((tool) => tool.name),
    recorded: recorded.structuredContent,
    told: told.structuredContent,
    resource: contents[0].text,
  }),
);
await client.close();

function overHttp(url) {
  const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}

function overStdio(command) {
  return new StdioClientTransport({ command, args: ["-m", "genesis_mcp", "serve"], env: process.env });
}
