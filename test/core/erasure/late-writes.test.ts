/** What waits for a deleted organization, or was under way when it was deleted, is deleted too. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { spillEvents } from "../../../src/core/events";
import { asEmail, mintUnitTenant, queueEvents } from "../../support/events";
import { cronTick } from "../../support/imports";
import { operator } from "../../support/limits";

const letter = (unit: number, id: string) =>
  env.DB.prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, 'q', ?2, ?3)")
    .bind(id, JSON.stringify({ unit, events: [{ event_id: "secret" }] }), Date.now())
    .run();
const lettersOf = async (...ids: string[]) =>
  (
    await Promise.all(
      ids.map((id) => env.DB.prepare("SELECT message_id FROM dead_letters WHERE message_id = ?1").bind(id).first("message_id")),
    )
  ).filter((found) => found !== null);
const objectsOf = async (prefix: string) => (await env.FILES.list({ prefix })).objects.length;
const lead = (unit: number) =>
  env.DB.prepare(
    "INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at) VALUES (?1, ?2, '{}', '[]', 1, 0, 0)",
  )
    .bind(unit, crypto.randomUUID().replaceAll("-", ""))
    .run();
const leadsOf = async (unit: number) =>
  Number(await env.DB.prepare("SELECT count(*) AS n FROM leads WHERE unit = ?1").bind(unit).first("n"));

it("spilled events and dead letters go with the organization, its neighbour's stay, and so for a week what arrives late", async () => {
  const [gone, kept] = [await mintUnitTenant(), await mintUnitTenant()];
  const own = crypto.randomUUID();
  const others = crypto.randomUUID();
  for (const { client, unit } of [gone, kept]) {
    const [message] = await queueEvents(client, asEmail("a@example.com"));
    await spillEvents(env.FILES, unit, (message?.events ?? []) as never);
  }
  await letter(gone.unit, own);
  await letter(kept.unit, others);
  const deleted = await operator.call("DELETE", `/admin/organizations/${gone.organization_id}`);
  expect(deleted.status, await deleted.clone().text()).toBe(200);
  expect(await deleted.json()).toMatchObject({ objects: 1, rows: { dead_letters: 1 } });
  expect([await objectsOf(`spill/${gone.unit}/`), await objectsOf(`spill/${kept.unit}/`)]).toEqual([0, 1]);
  expect(await lettersOf(own, others)).toEqual([others]);

  const late = crypto.randomUUID();
  await Promise.all([lead(gone.unit), lead(kept.unit), letter(gone.unit, late)]);
  await cronTick("*/10 * * * *");
  expect([await leadsOf(gone.unit), await leadsOf(kept.unit)]).toEqual([0, 1]);
  expect(await lettersOf(late, others)).toEqual([others]);

  const key = `erased-units/${gone.unit}.json`;
  expect(await env.FILES.head(key)).not.toBeNull();
  await env.FILES.put(key, JSON.stringify({ unit: gone.unit, shard: 0, until: 1 }));
  await cronTick("*/10 * * * *");
  expect(await env.FILES.head(key)).toBeNull();
});
