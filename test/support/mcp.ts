/** Agents as they call /mcp: in the stateless revision of 2026-07-28 unless a test says otherwise. */
import { expect } from "vitest";
import { deliverAll, heldQueue } from "./imports";
import type { Client } from "./tenant";

export const ACCEPT = "application/json, text/event-stream";
const REVISION = "2026-07-28";

type CallOptions = { agent?: string | null; headers?: Record<string, string>; bindings?: Partial<Env> };

/** One message; returns the response as it came. */
export function send(
  client: Client,
  method: string,
  params: Record<string, unknown> = {},
  { agent = "test-agent", headers = {}, bindings = {} }: CallOptions = {},
): Promise<Response> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": REVISION,
    "io.modelcontextprotocol/clientCapabilities": {},
    ...(agent === null ? {} : { "io.modelcontextprotocol/clientInfo": { name: agent, version: "1" } }),
  };
  const named = typeof params.name === "string" ? { "Mcp-Name": params.name } : {};
  return client.post(
    "/mcp",
    { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } },
    { headers: { Accept: ACCEPT, "MCP-Protocol-Version": REVISION, "Mcp-Method": method, ...named, ...headers }, bindings },
  );
}

export type Answer = { result?: Record<string, unknown>; error?: { code: number; message: string } };

/** A message of the revision of 2025-11-25, whose response is one event. */
export async function sendLegacy(
  client: Client,
  message: object,
  headers: Record<string, string> = {},
): Promise<{ response: Response; answer: Answer }> {
  const response = await client.post("/mcp", { jsonrpc: "2.0", ...message }, { headers: { Accept: ACCEPT, ...headers } });
  const text = await response.text();
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
  return { response, answer: data === "" ? {} : JSON.parse(data) };
}

export type ToolResult = { isError?: boolean; content: { type: "text"; text: string }[]; structuredContent?: unknown };

export async function callTool(client: Client, name: string, given: object = {}, options: CallOptions = {}): Promise<ToolResult> {
  const response = await send(client, "tools/call", { name, arguments: given }, options);
  expect(response.status, await response.clone().text()).toBe(200);
  const { result } = await response.json<{ result: ToolResult }>();
  return result;
}

/** What a tool returns that succeeds. */
export async function useTool<Data>(client: Client, name: string, given: object = {}, options: CallOptions = {}): Promise<Data> {
  const { isError, content, structuredContent } = await callTool(client, name, given, options);
  expect(isError ?? false, content[0]?.text).toBe(false);
  return structuredContent as Data;
}

/** The sentence of a tool that refuses. */
export async function refusal(client: Client, name: string, given: object = {}, options: CallOptions = {}): Promise<string> {
  const { isError, content } = await callTool(client, name, given, options);
  expect(isError, content[0]?.text).toBe(true);
  return content[0]?.text ?? "";
}

/** Runs a tool that queues work, and the work to its end. */
export async function settled<Data>(client: Client, name: string, given: object, options: CallOptions = {}): Promise<Data> {
  const held = heldQueue();
  const data = await useTool<Data>(client, name, given, { ...options, bindings: { IMPORT_QUEUE: held.IMPORT_QUEUE } });
  for (const message of held.sent) await deliverAll(message);
  return data;
}

export const toolNames = async (client: Client): Promise<string[]> => {
  const { result } = await (await send(client, "tools/list")).json<{ result: { tools: { name: string }[] } }>();
  return result.tools.map(({ name }) => name);
};
