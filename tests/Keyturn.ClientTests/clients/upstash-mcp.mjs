// Upstash's MCP server (@upstash/mcp-server), started as an assistant starts it, and asked for one tool: upstash-mcp.mjs TOOL {"argument": …} --email … --api-key …
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [tool, given, ...login] = process.argv.slice(2);
const here = (path) => new URL(path, import.meta.url).pathname;
const server = spawn(process.execPath, ["--no-warnings", "--import", here("elsewhere.mjs"), here("../node_modules/@upstash/mcp-server/dist/index.js"), "--disable-telemetry", ...login],
  { stdio: ["pipe", "pipe", "inherit"] });
const answers = new Map();
createInterface({ input: server.stdout }).on("line", (line) => {
  const message = line.startsWith("{") ? JSON.parse(line) : {};
  answers.get(message.id)?.(message);
});
server.on("exit", (code) => process.exit(code ?? 1));

let id = 0;
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const ask = (method, params) => new Promise((resolve) => {
  answers.set(++id, resolve);
  send({ id, method, params });
});

await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "keyturn-test", version: "1" } });
send({ method: "notifications/initialized" });
const { result, error } = await ask("tools/call", { name: tool, arguments: JSON.parse(given) });
console.log(JSON.stringify(result ?? error));
process.exit(error ? 1 : 0);
