/** A condition that is not saved, tried on what happened; and a trigger whose deletion is taken back. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { changeTrigger, createTrigger, deleteTrigger, listTriggers, restoreTrigger, simulateCondition } from "../../../src/core/triggers";
import { mintCtx } from "../../support/context";
import { asEmail, firingsOf, ingest, mintRule, rowsOf } from "../../support/events";

const DAY_MS = 86_400_000;
const MILESTONE = { kind: "milestone", score_threshold: 50 } as const;

describe("trying a condition", () => {
  it("counts what would have fired, and for how many leads, on each day; nothing is stored", async () => {
    const ctx = await mintCtx();
    const now = ctx.now();
    const { client } = ctx.tenant;
    await mintRule(client, { event_type: "Page View", weight: 30 });
    const visit = (email: string, days: number) => asEmail(email, "Page View", { timestamp: new Date(now - days * DAY_MS).toISOString() });
    await ingest(
      client,
      ...[3.5, 2.5, 1.5].map((days) => visit("ann@example.com", days)),
      ...[2.4, 2.3].map((days) => visit("bob@example.com", days)),
    );
    await ingest(client, visit("cy@example.com", 40), visit("cy@example.com", 39), visit("cy@example.com", 0.5));
    const starts = [3, 2, 1].map((days) => now - days * DAY_MS);
    expect(await simulateCondition(ctx, MILESTONE, starts)).toMatchObject({
      leads_checked: 3,
      firings: 2,
      leads: 2,
      truncated: false,
      periods: [
        { at: starts[0], events: 2, leads: 2 },
        { at: starts[1], events: 0, leads: 0 },
        { at: starts[2], events: 0, leads: 0 },
      ],
    });
    const sequence = { kind: "sequence" as const, event_types: ["Page View", "Page View"], window_seconds: 90_000 };
    expect((await simulateCondition(ctx, sequence, starts)).periods.map(({ events, leads }) => [events, leads])).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
    ]);
    expect([await rowsOf(ctx.unit.unit, "triggers"), await firingsOf(ctx.unit.unit)]).toEqual([[], []]);
  });

  it("leads are found by the newest 50,000 events, which `truncated` says", async () => {
    const ctx = await mintCtx();
    const now = ctx.now();
    await ingest(ctx.tenant.client, asEmail("ann@example.com", "Page View", { timestamp: new Date(now - 2 * DAY_MS).toISOString() }));
    const starts = [now - 3 * DAY_MS];
    expect(await simulateCondition(ctx, MILESTONE, starts)).toMatchObject({ leads_checked: 1, truncated: false });
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
       INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, suppression_reason, score_before, score_after)
       SELECT ?1, 'busy', ?2 - i, 'busy-' || ?1 || '-' || i, 'x', 'x', ?2, ?2, 0, 'inorganic', 0, 0 FROM n`,
    )
      .bind(ctx.unit.unit, now)
      .run();
    expect(await simulateCondition(ctx, MILESTONE, starts)).toMatchObject({ leads_checked: 1, events_checked: 0, truncated: true });
  });

  it("a condition outside its limits, one on a segment, and periods that are too long ago are invalid_request", async () => {
    const ctx = await mintCtx();
    const now = ctx.now();
    for (const [condition, starts] of [
      [{ ...MILESTONE, score_threshold: "50" }, [now]],
      [{ kind: "segment", segment_id: "seg_1", on: "entered" }, [now]],
      [MILESTONE, []],
      [MILESTONE, [now - 92 * DAY_MS]],
    ] as const)
      await expect(simulateCondition(ctx, condition as never, starts)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("taking back the deletion of a trigger", () => {
  const destination = { webhook_url: "https://example.com/hook" };

  it("it is the same trigger, active or paused as asked, and its webhook has a new secret", async () => {
    const ctx = await mintCtx();
    const created = await createTrigger(ctx, { name: "Hot", condition: MILESTONE, destination });
    const { trigger_id } = created.trigger;
    await deleteTrigger(ctx, "milestone", trigger_id);
    expect([await listTriggers(ctx), await rowsOf(ctx.unit.unit, "notification_channels")]).toEqual([[], []]);
    const { trigger, signing_secret } = await restoreTrigger(ctx, "milestone", trigger_id, false);
    expect(trigger).toMatchObject({ trigger_id, name: "Hot", active: false, condition: created.trigger.condition });
    expect(await listTriggers(ctx)).toEqual([trigger]);
    expect(signing_secret).toMatch(/^whsec_/);
    expect(signing_secret).not.toBe(created.signing_secret);
    const [channel] = await rowsOf<{ channel_id: string; owner: string }>(ctx.unit.unit, "notification_channels");
    expect(channel).toMatchObject({ channel_id: trigger.destination.webhook_channel_id, owner: trigger_id });
    await expect(restoreTrigger(ctx, "milestone", trigger_id, true)).rejects.toMatchObject({ code: "not_found" });
  });

  it("events from before it came back do not fire it", async () => {
    const ctx = await mintCtx();
    const { trigger } = await createTrigger(ctx, { name: "Hot", condition: MILESTONE });
    await deleteTrigger(ctx, "milestone", trigger.trigger_id);
    const later = { ...ctx, now: () => ctx.now() + 60_000 };
    const restored = await restoreTrigger(later, "milestone", trigger.trigger_id, true);
    expect(restored.trigger.active_since).toBeGreaterThan(trigger.active_since);
  });

  it("not beyond what the org unit has room for", async () => {
    const ctx = await mintCtx();
    const { trigger } = await createTrigger(ctx, { name: "Hot", condition: MILESTONE });
    await deleteTrigger(ctx, "milestone", trigger.trigger_id);
    const full = { ...ctx, unit: { ...ctx.unit, limits: { ...ctx.unit.limits, triggers: 0 } } };
    await expect(restoreTrigger(full, "milestone", trigger.trigger_id, true)).rejects.toMatchObject({ code: "conflict" });
    expect(await listTriggers(ctx)).toEqual([]);
  });

  it("a change by somebody who looked at an older state is precondition_failed", async () => {
    const ctx = await mintCtx();
    const { trigger } = await createTrigger(ctx, { name: "Hot", condition: MILESTONE });
    await expect(changeTrigger(ctx, "milestone", trigger.trigger_id, { name: "Other" }, 1)).rejects.toMatchObject({
      code: "precondition_failed",
    });
    expect(await listTriggers(ctx)).toEqual([trigger]);
  });
});
