/** The commands of the guide for n8n and Zapier, run as they stand there. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import guide from "../../src/http/docs/guides/automation.md";
import { receiver } from "../support/deliveries";
import { mintTenant } from "../support/tenant";
import { request } from "../support/worker";

const HOOK = "https://hooks.example.com/caught";

const sectionOf = (title: string): string => new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(guide)?.[1] ?? "";
const commandsOf = (section: string): string[] => [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, command]) => command ?? "");

/** The words of a shell command; quotes are of one kind in each word. */
const wordsOf = (command: string): string[] =>
  [...command.replaceAll("\\\n", " ").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );

/** Runs a command as curl would, its placeholders filled in; returns the response's status and JSON. */
async function run(command: string, filled: Record<string, string>, credential: { client_id: string; client_secret: string }) {
  const whole = command.replaceAll(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => {
    const value = filled[name];
    if (value === undefined) throw new Error(`nothing is known of {{ ${name} }}`);
    return value;
  });
  const [curl, ...words] = wordsOf(whole);
  expect(curl).toBe("curl");
  const init = { method: "GET", headers: {} as Record<string, string>, body: null as string | null };
  let url = "";
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-u") {
      expect(words.shift()).toBe("$CLIENT_ID:$CLIENT_SECRET");
      init.headers.Authorization = `Basic ${btoa(`${credential.client_id}:${credential.client_secret}`)}`;
    } else if (word === "-X") init.method = words.shift() ?? "";
    else if (word === "-H") {
      const [name = "", value = ""] = (words.shift() ?? "").split(": ");
      init.headers[name] = value;
    } else if (word === "-d") Object.assign(init, { method: "POST", body: words.shift() });
    else url = word;
  }
  const { pathname, search, origin } = new URL(url);
  expect(origin).toBe("https://leads.example.com");
  const answer = await request(pathname + search, init);
  const text = await answer.text();
  return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
}

describe("the guide's recipes", () => {
  it("for n8n create, find, poll, read and notify", async () => {
    receiver();
    const { credential } = await mintTenant();
    const [create, find, first, next, read, subscribe, ...others] = commandsOf(sectionOf("n8n"));
    expect(others).toEqual([]);
    const lead = { "$json.email": "n8n@example.com", "$json.company": "Flow" };
    const call = (command = "", filled: Record<string, string> = lead) => run(command, filled, credential);
    expect((await call(find)).status).toBe(404);
    const created = await call(create);
    expect(created).toMatchObject({ status: 201, json: { verdict: "created", metadata: { company: "Flow" } } });
    expect(await call(find)).toMatchObject({ status: 200, json: { lead_id: created.json.lead_id } });
    const page = await call(first);
    expect(page.json.changes).toMatchObject([{ type: "created", lead_id: created.json.lead_id }]);
    const state = (cursor: string) => ({ '$getWorkflowStaticData("global").cursor': cursor });
    const empty = await call(next, state(page.json.cursor));
    expect(empty).toMatchObject({ status: 200, json: { changes: [], has_more: false } });
    await call(create, { ...lead, "$json.company": "Other" });
    const after = await call(next, state(empty.json.cursor));
    expect(after.json.changes).toMatchObject([{ type: "changed", keys: ["company"] }]);
    expect(await call(read, { "$json.lead_id": after.json.changes[0].lead_id })).toMatchObject({
      status: 200,
      json: { metadata: { company: "Other" } },
    });
    expect(await call(subscribe, { webhook: HOOK })).toMatchObject({ status: 201, json: { config: { url: HOOK } } });
  });

  it("for Zapier subscribe, sample, create, find and unsubscribe", async () => {
    const received = receiver();
    const { credential } = await mintTenant();
    const [subscribe, sample, unsubscribe, create, find, ...others] = commandsOf(sectionOf("Zapier"));
    expect(others).toEqual([]);
    const filled: Record<string, string> = { "bundle.targetUrl": HOOK, "bundle.inputData.email": "zap@example.com" };
    const call = (command = "") => run(command, filled, credential);
    const subscribed = await call(subscribe);
    expect(subscribed.status).toBe(201);
    filled["bundle.subscribeData.id"] = subscribed.json.id;
    expect((await call(find)).status).toBe(404);
    const created = await call(create);
    expect(created.status).toBe(201);
    expect(await call(find)).toMatchObject({ status: 200, json: { lead_id: created.json.lead_id } });
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 20_000, interval: 50 });
    const { data } = JSON.parse(received[0]?.body ?? "") as { data: { id: string; lead_id: string } };
    expect([received[0]?.url, data.lead_id]).toEqual([HOOK, created.json.lead_id]);
    expect((await call(sample)).json.changes).toEqual([data]);
    expect((await call(unsubscribe)).status).toBe(204);
    await env.DB.prepare("SELECT 1 FROM change_feeds f JOIN notification_channels c USING (unit, channel_id) WHERE channel_id = ?1")
      .bind(subscribed.json.id)
      .first()
      .then((row) => expect(row).toBeNull());
  });
});
