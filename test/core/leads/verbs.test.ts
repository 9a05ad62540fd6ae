/** The core's verbs on leads: what each dialect builds on. */

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { deleteLead } from "../../../src/core/erasure";
import {
  createLead,
  EmailTaken,
  type Lead,
  leadEmail,
  leadPhone,
  listLeads,
  requireLead,
  requireLeadByAlias,
  updateLead,
} from "../../../src/core/leads";
import type { LeadChange } from "../../../src/core/leads/plan-update";
import { CommitConflict, guardSql } from "../../../src/db/commit";
import { mintCtx, tracesOf } from "../../support/context";

const REFUSE = { onConflict: "refuse", source: "test" } as const;
const RECORD = { onConflict: "record", source: "test" } as const;
type Given = { email?: string; phone?: string; name?: string; on?: typeof REFUSE | typeof RECORD; source?: string };

const create = (ctx: Ctx, { email, phone, name, on = REFUSE, source }: Given): Promise<Lead> =>
  createLead(
    ctx,
    {
      profile: { ...(name === undefined ? {} : { name }), ...(source === undefined ? {} : { source }) },
      aliases: [
        ...(email === undefined ? [] : [{ kind: "email" as const, value: email }]),
        ...(phone === undefined ? [] : [{ kind: "phone" as const, value: phone }]),
      ],
    },
    on,
  );
const change = async (ctx: Ctx, leadId: string, wanted: LeadChange, on: typeof REFUSE | typeof RECORD): Promise<Lead> =>
  (await updateLead(ctx, leadId, () => ({ change: wanted, result: null }), on)).lead;
const byEmail = async (ctx: Ctx, value: string) =>
  requireLeadByAlias(ctx, "email", value).then(
    ({ lead }) => lead.lead_id,
    () => null,
  );
const conflicts = async (ctx: Ctx) =>
  (await env.DB.prepare("SELECT kind, value, lead_id, owner_lead_id, source FROM alias_conflicts WHERE unit = ?1").bind(ctx.db.unit).all())
    .results;
const terms = async (ctx: Ctx) =>
  (
    await env.DB.prepare("SELECT field || ':' || term AS t FROM lead_terms WHERE unit = ?1 ORDER BY t")
      .bind(ctx.db.unit)
      .all<{ t: string }>()
  ).results.map(({ t }) => t);
const counts = async (ctx: Ctx) =>
  Object.fromEntries(
    (
      await env.DB.prepare("SELECT status, leads FROM lead_counts WHERE unit = ?1 AND leads <> 0")
        .bind(ctx.db.unit)
        .all<{ status: string; leads: number }>()
    ).results.map(({ status, leads }) => [status, leads]),
  );
const found = async (ctx: Ctx, search: string) => (await listLeads(ctx, { page: 1, limit: 100, search })).leads.map(leadEmail);

describe("creating", () => {
  it("gives the lead its aliases, its words and its count", async () => {
    const ctx = await mintCtx();
    const lead = await create(ctx, { name: "John Smith", email: "John.Doe@Example.com ", phone: "+1-555-123-4567", source: "website" });
    expect(await requireLead(ctx, lead.lead_id)).toEqual(lead);
    expect([leadEmail(lead), leadPhone(lead), lead.status]).toEqual(["John.Doe@Example.com", "+1-555-123-4567", "new"]);
    expect(await byEmail(ctx, "john.doe@example.com")).toBe(lead.lead_id);
    expect(await terms(ctx)).toEqual(["source:website", "word:doe", "word:example.com", "word:smith"]);
    expect(await counts(ctx)).toEqual({ new: 1 });
  });

  it("refuses an email that another lead has, and names that lead", async () => {
    const ctx = await mintCtx();
    const { lead_id } = await create(ctx, { email: "a@example.com" });
    const refused = await create(ctx, { email: "A@Example.com", phone: "+15551234567" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EmailTaken);
    expect(refused).toMatchObject({ email: "A@Example.com", lead_id, code: "conflict" });
    expect(await counts(ctx)).toEqual({ new: 1 });
  });

  it("records what another lead has, shows it all the same, and finds nobody new by it", async () => {
    const ctx = await mintCtx();
    const owner = await create(ctx, { email: "a@example.com", phone: "+15551234567" });
    const lead = await create(ctx, { name: "Second", email: "A@example.com", phone: "+1 555 123 4567", on: RECORD });
    expect([leadEmail(lead), leadPhone(lead), lead.aliases]).toEqual(["A@example.com", "+1 555 123 4567", []]);
    expect(await requireLead(ctx, lead.lead_id)).toEqual(lead);
    expect(await byEmail(ctx, "a@example.com")).toBe(owner.lead_id);
    expect(await conflicts(ctx)).toEqual([
      { kind: "email", value: "a@example.com", lead_id: lead.lead_id, owner_lead_id: owner.lead_id, source: "test" },
      { kind: "phone", value: "+15551234567", lead_id: lead.lead_id, owner_lead_id: owner.lead_id, source: "test" },
    ]);
    expect(await found(ctx, "a@example.com second")).toEqual(["A@example.com"]);
  });

  it("a phone that another lead has is never a reason to refuse", async () => {
    const ctx = await mintCtx();
    await create(ctx, { email: "a@example.com", phone: "+15551234567" });
    const lead = await create(ctx, { email: "b@example.com", phone: "+15551234567" });
    expect([leadPhone(lead), await byEmail(ctx, "b@example.com"), (await conflicts(ctx)).length]).toEqual([
      "+15551234567",
      lead.lead_id,
      1,
    ]);
  });

  it("commits another aggregate's statements with the lead, or neither", async () => {
    const ctx = await mintCtx();
    const guard = () => [ctx.db.sql(guardSql("SELECT 1 WHERE ?1 > 0"))];
    const wanted = { profile: {}, aliases: [{ kind: "email" as const, value: "a@example.com" }] };
    await expect(createLead(ctx, wanted, { ...REFUSE, alsoWrite: guard })).rejects.toBeInstanceOf(CommitConflict);
    expect(await byEmail(ctx, "a@example.com")).toBe(null);
    const field = (lead: Lead) => [
      ctx.db.sql("INSERT INTO profile_fields (unit, key, name, created_at) VALUES (?1, ?2, 'x', 1)", lead.lead_id),
    ];
    const lead = await createLead(ctx, wanted, { ...REFUSE, alsoWrite: field });
    expect(await tracesOf(ctx.db.unit, lead.lead_id)).toMatchObject({ leads: 1, aliases: 1, profile_fields: 1 });
  });

  it("of two at once with one email, exactly one wins", async () => {
    const ctx = await mintCtx();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => create(ctx, { email: "race@example.com" })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(EmailTaken);
    expect(await counts(ctx)).toEqual({ new: 1 });
  });
});

describe("changing", () => {
  it("a new email takes the place of the old one, which is free again", async () => {
    const ctx = await mintCtx();
    const { lead_id } = await create(ctx, { name: "Jon", email: "jon@example.com" });
    const changed = await change(ctx, lead_id, { email: "john@example.com" }, REFUSE);
    expect(await requireLead(ctx, lead_id)).toEqual(changed);
    expect([await byEmail(ctx, "john@example.com"), await byEmail(ctx, "jon@example.com")]).toEqual([lead_id, null]);
    await create(ctx, { email: "jon@example.com" });
    expect(await found(ctx, "jo")).toEqual(["jon@example.com", "john@example.com"]);
  });

  it("one of its own other emails comes first, and nothing is released", async () => {
    const ctx = await mintCtx();
    const lead = await createLead(
      ctx,
      { profile: {}, aliases: ["a@example.com", "b@example.com"].map((value) => ({ kind: "email" as const, value })) },
      REFUSE,
    );
    const changed = await change(ctx, lead.lead_id, { email: "B@example.com" }, REFUSE);
    expect(leadEmail(changed)).toBe("B@example.com");
    expect([await byEmail(ctx, "a@example.com"), await byEmail(ctx, "b@example.com")]).toEqual([lead.lead_id, lead.lead_id]);
  });

  it("another lead's email is refused, or recorded and shown without losing its own", async () => {
    const ctx = await mintCtx();
    const owner = await create(ctx, { email: "taken@example.com" });
    const { lead_id } = await create(ctx, { email: "b@example.com" });
    await expect(change(ctx, lead_id, { email: "taken@example.com" }, REFUSE)).rejects.toMatchObject({
      lead_id: owner.lead_id,
    });
    const shown = await change(ctx, lead_id, { email: "taken@example.com" }, RECORD);
    expect([leadEmail(shown), await byEmail(ctx, "b@example.com"), await byEmail(ctx, "taken@example.com")]).toEqual([
      "taken@example.com",
      lead_id,
      owner.lead_id,
    ]);
    expect(await conflicts(ctx)).toHaveLength(1);
    // what it shows already may be written back
    expect(leadEmail(await change(ctx, lead_id, { email: "Taken@example.com" }, REFUSE))).toBe("Taken@example.com");
    expect(await conflicts(ctx)).toHaveLength(1);
    // its own again: the case is closed
    expect(leadEmail(await change(ctx, lead_id, { email: "b@example.com" }, RECORD))).toBe("b@example.com");
    expect(await conflicts(ctx)).toEqual([]);
    // and what the owner gives up, it may have
    await change(ctx, lead_id, { email: "taken@example.com" }, RECORD);
    await change(ctx, owner.lead_id, { email: "other@example.com" }, REFUSE);
    expect(await conflicts(ctx)).toEqual([]);
    await change(ctx, lead_id, { email: "taken@example.com" }, REFUSE);
    expect(await byEmail(ctx, "taken@example.com")).toBe(lead_id);
  });

  it("a phone that is cleared is gone, also where the lead has more", async () => {
    const ctx = await mintCtx();
    const lead = await createLead(
      ctx,
      { profile: {}, aliases: ["+15551230001", "+15551230002"].map((value) => ({ kind: "phone" as const, value })) },
      REFUSE,
    );
    const cleared = await change(ctx, lead.lead_id, { phone: null }, REFUSE);
    expect([leadPhone(cleared), cleared.aliases.map(({ value }) => value)]).toEqual([null, ["+15551230002"]]);
    expect(leadPhone(await change(ctx, lead.lead_id, { phone: "+1 555 123 0003" }, REFUSE))).toBe("+1 555 123 0003");
  });

  it("keeps words, source, status and counts in step", async () => {
    const ctx = await mintCtx();
    const { lead_id } = await create(ctx, { name: "Anne-Marie O'Brien", email: "x@acme.com", source: "web" });
    expect(await terms(ctx)).toEqual(
      ["source:web", "word:acme.com", "word:anne", "word:anne-marie", "word:brien", "word:marie", "word:o", "word:o'brien"].sort(),
    );
    await change(ctx, lead_id, { profile: { name: "Bo", source: "fair" }, status: "lost" }, REFUSE);
    expect(await terms(ctx)).toEqual(["source:fair", "status:lost", "word:acme.com", "word:bo"]);
    expect(await counts(ctx)).toEqual({ lost: 1 });
    await change(ctx, lead_id, { profile: { first_name: "Cy" }, status: "new" }, REFUSE);
    expect(await terms(ctx)).toEqual(["word:acme.com", "word:cy"]);
    expect(await counts(ctx)).toEqual({ new: 1 });
    await deleteLead(ctx, lead_id);
    expect([await terms(ctx), await counts(ctx)]).toEqual([[], {}]);
  });

  it("writers at once all land, and updated_at moves with each", async () => {
    const ctx = await mintCtx();
    const lead = await create(ctx, { email: "a@example.com" });
    const writers = Array.from({ length: 8 }, (_, n) =>
      updateLead(ctx, lead.lead_id, ({ profile }) => ({ change: { profile: { ...profile, [`k${n}`]: n } }, result: n }), REFUSE),
    );
    const written = await Promise.all(writers);
    const now = await requireLead(ctx, lead.lead_id);
    expect([Object.keys(now.profile).length, now.version]).toEqual([8, 9]);
    expect(written.map(({ result }) => result)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(written.map(({ lead }) => lead.updated_at)).size).toBe(8);
    expect(now.updated_at).toBe(Math.max(...written.map(({ lead }) => lead.updated_at)));
  });
});
