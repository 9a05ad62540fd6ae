/** Moves of org units as the operator sees them, and what else works on several databases while a unit moves. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Move } from "../../../src/core/moves";
import { mintUnitTenant } from "../../support/events";
import { CONTACTS_MAPPING, contactsCsv, cronTick, deliver, emailOf, heldQueue, importCsv } from "../../support/imports";
import { operator } from "../../support/limits";
import { beginMove, dump, expectNothingLeft, isRemoved, isSwitched, readMove, runUntil, testWorld } from "../../support/moves";
import { expectReplay, keyed, newKey } from "../../support/retries";
import type { Tenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

// a move is some hundred statements, and the triggers of all tables
vi.setConfig({ testTimeout: 120_000 });

afterEach(() => void vi.useRealTimers());

const EMAIL_COUNT = 4;
const pathOf = ({ organization_id }: Pick<Tenant, "organization_id">) => `/admin/organizations/${organization_id}/org-units/unit_default`;

async function mintFilled() {
  const tenant = await mintUnitTenant();
  await importCsv(tenant.client, contactsCsv(EMAIL_COUNT), CONTACTS_MAPPING);
  return tenant;
}

describe("POST …/move", () => {
  it("is accepted, carried out by messages, and can be polled until it is completed", async () => {
    const tenant = await mintFilled();
    const held = heldQueue();
    const { IMPORT_QUEUE, sent } = held;
    const begun = await operator.post(`${pathOf(tenant)}/move`, { shard: 1 }, { bindings: { IMPORT_QUEUE } });
    expect(begun.status, await begun.clone().text()).toBe(202);
    const { move_id, ...move } = await begun.json<Record<string, unknown>>();
    expect(move_id).toMatch(/^mov_[0-9a-f]{32}$/);
    expect(move).toMatchObject({ status: "running", step: "prepare", from_shard: 0, to_shard: 1, switched_at: null, error: null });
    expect(sent).toEqual([{ move: move_id }]);
    const polled = async () => (await operator.get(`${pathOf(tenant)}/moves/${move_id}`)).json<Record<string, unknown>>();
    expect(await polled()).toEqual({ move_id, ...move });

    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    // until then isolates may remember where the unit is
    for (let runs = 0; sent.length > 0 && runs < 50; runs++) {
      vi.setSystemTime(now + runs * 40_000);
      const [message] = sent.splice(0);
      await deliver(message, { IMPORT_QUEUE });
    }
    expect(await polled()).toMatchObject({ status: "completed", step: "sweep", error: null, removed_at: null });
    expect((await dump(env.DB_1, tenant.unit)).leads).toHaveLength(EMAIL_COUNT);
    expect((await tenant.client.get(`/lead/by-alias?value=${emailOf(1)}`)).status).toBe(200);

    // the old copy is removed by cron's messages
    vi.setSystemTime(Date.now() + 16 * 60_000);
    expect(await cronTick("* * * * *")).toContainEqual({ move: move_id });
    await deliver({ move: move_id }, { IMPORT_QUEUE });
    expect(await polled()).toMatchObject({ status: "completed", removed_at: expect.any(String) });
    expect(await dump(env.DB, tenant.unit)).toEqual({});
  });

  it("refuses a shard that is not bound, the one where the unit is, and a second move", async () => {
    const tenant = await mintUnitTenant();
    const { IMPORT_QUEUE } = heldQueue();
    const move = (json: unknown) => operator.post(`${pathOf(tenant)}/move`, json, { bindings: { IMPORT_QUEUE } });
    for (const [json, path] of [
      [{ shard: 7 }, "shard"],
      [{ shard: -1 }, "shard"],
      [{ shard: "1" }, "shard"],
      [{}, "shard"],
      [{ shard: 1, shards: 2 }, "shards"],
    ] as const) {
      expect((await readProblem(await move(json), 400)).errors?.[0]?.path).toBe(path);
    }
    expect((await readProblem(await move({ shard: 0 }), 409)).detail).toBe("The org unit is in shard 0 already");
    const key = keyed(newKey());
    await expectReplay(202, () => operator.post(`${pathOf(tenant)}/move`, { shard: 1 }, { ...key, bindings: { IMPORT_QUEUE } }));
    expect((await readProblem(await move({ shard: 1 }), 409)).detail).toContain("is moving already (mov_");
  });

  it("is 404 for a unit or a move that is not there, also for another organization's", async () => {
    const [tenant, other] = [await mintUnitTenant(), await mintUnitTenant()];
    const { move_id } = await beginMove(testWorld(), tenant.organization_id, 1);
    expect((await operator.get(`${pathOf(tenant)}/moves/${move_id}`)).status).toBe(200);
    for (const path of [`${pathOf(other)}/moves/${move_id}`, `${pathOf(tenant)}/moves/mov_nobody`]) {
      await readProblem(await operator.get(path), 404);
    }
    await readProblem(await operator.post(`/admin/organizations/${tenant.organization_id}/org-units/unit_x/move`, { shard: 1 }), 404);
  });

  it("is refused while the other database lacks a migration", async () => {
    const tenant = await mintUnitTenant();
    const last = "(SELECT max(name) FROM d1_migrations)";
    const [row] = (await env.DB_1.prepare(`DELETE FROM d1_migrations WHERE name = ${last} RETURNING *`).all<Record<string, string>>())
      .results;
    try {
      const refused = await readProblem(await operator.post(`${pathOf(tenant)}/move`, { shard: 1 }), 409);
      expect(refused.detail).toContain("run npm run deploy first");
    } finally {
      await env.DB_1.prepare("INSERT INTO d1_migrations (id, name) VALUES (?1, ?2)").bind(row?.id, row?.name).run();
    }
  });
});

describe("while a unit moves", () => {
  it.each(["prepare", "copy", "verify", "switch", "sweep"])(
    "its organization is deleted from both databases, at the step %s",
    async (step) => {
      const tenant = await mintFilled();
      const world = testWorld();
      const { move_id } = await beginMove(world, tenant.organization_id, 1);
      const move: Move = await runUntil(world, move_id, (at) => at.step === step);
      const deleted = await operator.call("DELETE", `/admin/organizations/${tenant.organization_id}`);
      expect(deleted.status, await deleted.clone().text()).toBe(200);
      for (const database of [env.DB, env.DB_1]) expect(await dump(database, tenant.unit)).toEqual({});
      // what refuses late writes goes a day later, and the move's row with it
      world.clock.ms = Date.now() + 25 * 3_600_000;
      await runUntil(world, move_id, (at) => at === null);
      for (const database of [env.DB, env.DB_1]) await expectNothingLeft(database, move);
      expect(await readMove(move_id)).toBeNull();
    },
  );

  it("an export goes on where the unit is by then, and its leads are counted once", async () => {
    const tenant = await mintFilled();
    const world = testWorld();
    const { move_id } = await beginMove(world, tenant.organization_id, 1);
    await runUntil(world, move_id, isSwitched);
    const today = new Date().toISOString().slice(0, 10);
    const usage = await (await operator.get(`/admin/usage?from=${today}`)).json<{ usage: { organization_id: string; leads: number }[] }>();
    const its = usage.usage.filter(({ organization_id }) => organization_id === tenant.organization_id);
    for (const { leads } of its) expect(leads).toBe(EMAIL_COUNT);

    const begun = await operator.post(`/admin/organizations/${tenant.organization_id}/export`);
    const { export_id } = await begun.json<{ export_id: string }>();
    const key = `export-states/${tenant.organization_id}/${export_id}.json`;
    const state = await (await env.FILES.get(key))?.json<{ steps: { table: string; unit: number | null; shard: number }[] }>();
    // as if it had begun before the move
    const steps = (state?.steps ?? []).map((at) => (at.unit === null ? at : { ...at, shard: 0 }));
    await runUntil(world, move_id, isRemoved);
    await env.FILES.put(key, JSON.stringify({ ...state, steps, status: "running", run_at: 0, at: 0, after: null, tables: {} }));
    await cronTick("* * * * *");
    const done = await operator.get(`/admin/organizations/${tenant.organization_id}/exports/${export_id}`);
    expect(await done.json()).toMatchObject({
      status: "completed",
      tables: expect.arrayContaining([{ table: "leads", rows: EMAIL_COUNT }]),
    });
  });

  it("a bookmark of the old database makes a read begin at the new one's primary", async () => {
    const tenant = await mintFilled();
    const begins: string[] = [];
    const DB_1 = {
      ...env.DB_1,
      withSession: (begin: string) => {
        begins.push(begin);
        return env.DB_1.withSession(begin);
      },
    } as unknown as D1Database;
    const path = `/lead/by-alias?value=${emailOf(1)}`;
    const before = (await tenant.client.get(path)).headers.get("x-d1-bookmark") ?? "";
    const world = testWorld();
    const { move_id } = await beginMove(world, tenant.organization_id, 1);
    await runUntil(world, move_id, isSwitched);
    const get = async (bookmark: string) =>
      (await tenant.client.get(path, { bindings: { DB_1 }, headers: { "x-d1-bookmark": bookmark } })).headers.get("x-d1-bookmark") ?? "";
    const after = await get(before);
    expect(after).toMatch(/^1:[0-9a-f-]+$/);
    await get(after);
    expect(begins).toEqual(["first-primary", after.slice("1:".length)]);
  });
});
