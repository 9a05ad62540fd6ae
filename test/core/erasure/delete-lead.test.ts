/** A deleted lead is gone from every part that kept something of it, in one round trip. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { deleteLead } from "../../../src/core/erasure";
import { createLead, updateLead } from "../../../src/core/leads";
import { mintCtx, tracesOf } from "../../support/context";
import { countingD1 } from "../../support/worker";

const RECORD = { onConflict: "record", source: "test" } as const;
const PHONE = { kind: "phone", value: "+15551234567" } as const;
const create = (ctx: Ctx, email: string) =>
  createLead(ctx, { profile: { name: "Jane Doe" }, aliases: [{ kind: "email", value: email }, PHONE] }, RECORD);
const rowsOf = async (ctx: Ctx, table: string) =>
  (await env.DB.prepare(`SELECT * FROM ${table} WHERE unit = ?1`).bind(ctx.db.unit).all()).results;

/** Tables with a lead's id that no part erases by statement. */
const ERASED_OTHERWISE = ["lead_terms"]; // by triggers of `leads`

describe("deleteLead", () => {
  it("leaves no trace but in the log of changes, of an owner of a conflict and of the lead that was refused", async () => {
    const ctx = await mintCtx();
    const [owner, other, third] = [
      await create(ctx, "a@example.com"),
      await create(ctx, "b@example.com"),
      await create(ctx, "c@example.com"),
    ];
    await deleteLead(ctx, other.lead_id);
    expect(await tracesOf(ctx.db.unit, other.lead_id)).toEqual({ change_log: 2 });
    await deleteLead(ctx, owner.lead_id);
    expect(await tracesOf(ctx.db.unit, owner.lead_id)).toEqual({ change_log: 2 });
    expect(await rowsOf(ctx, "alias_conflicts")).toEqual([]);
    expect(await rowsOf(ctx, "lead_counts")).toMatchObject([{ status: "new", leads: 1 }]);
    const { lead } = await updateLead(ctx, third.lead_id, () => ({ change: { phone: PHONE.value }, result: null }), RECORD);
    expect(lead.aliases.map(({ kind }) => kind)).toContain("phone");
  });

  it("of two at once one deletes and the other finds nothing", async () => {
    const ctx = await mintCtx();
    const { lead_id } = await create(ctx, "a@example.com");
    const outcomes = await Promise.allSettled([deleteLead(ctx, lead_id), deleteLead(ctx, lead_id)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(deleteLead(ctx, "0".repeat(32))).rejects.toMatchObject({ code: "not_found" });
    expect(await rowsOf(ctx, "lead_counts")).toMatchObject([{ leads: 0 }]);
  });

  it("costs one round trip and names every table that holds a lead's id", async () => {
    const { DB, count } = countingD1();
    const ctx = await mintCtx({ DB });
    const { lead_id } = await create(ctx, "a@example.com");
    Object.assign(count, { trips: 0, statements: [] });
    await deleteLead(ctx, lead_id);
    expect(count.trips).toBe(1);
    const { results: tables } = await env.DB.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%' AND sql LIKE '%`lead_id` text%' ORDER BY name",
    ).all<{ name: string }>();
    const erased = count.statements.flatMap((text) => /^DELETE FROM (\w+)/.exec(text)?.[1] ?? []);
    expect(tables.map(({ name }) => name).filter((name) => !erased.includes(name))).toEqual(ERASED_OTHERWISE);
    expect(erased).toEqual(
      expect.arrayContaining(["leads", "aliases", "events", "lead_scores", "firings", "channel_leads", "reward_events"]),
    );
  });
});
