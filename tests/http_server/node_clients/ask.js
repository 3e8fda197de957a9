// A client over Streamable HTTP: lists the tools, records a failure, asks for it; prints what it saw.
// node ask.js SDK URL; the token stands in TOKEN. SDK is v1, v2 or v2-modern.
const [sdk, url] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const about = { name: `client-${sdk}`, version: "1" };
const { Client, StreamableHTTPClientTransport } =
  sdk === "v1"
    ? {
        ...(await import("@modelcontextprotocol/sdk/client/index.js")),
        ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
      }
    : await import("@modelcontextprotocol/client");
const modern = { versionNegotiation: { mode: { pin: "2026-07-28" } } };
const client = new Client(about, sdk === "v2-modern" ? modern : {});
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
await client.connect(transport);
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
