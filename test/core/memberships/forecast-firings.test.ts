/** What a forecast cannot check is said, and is not counted. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { forecastFirings, readWatchedSegments, watchedStatements } from "../../../src/core/memberships";
import { openSystem } from "../../../src/open-context";
import { mintUnitTenant, post, rowsOf } from "../../support/events";
import { CONTACTS_MAPPING, contactsCsv, importCsv } from "../../support/imports";

const LEADS = 3;

it("a lead whose earlier writes were not checked again counts as unchecked, and none of its firings counts", async () => {
  const { client, unit } = await mintUnitTenant();
  await importCsv(client, contactsCsv(LEADS), CONTACTS_MAPPING);
  const rules = { type: "lead_metadata", field: "company", operator: "equals", value: "Acme" };
  const { id } = await post<{ id: string }>(client, "/segments", { name: "Acme", rules });
  await post(client, "/segment-triggers", { name: "entered", segment_id: id, on: "entered" });
  await env.DB.prepare("UPDATE segment_watches SET scan_after = NULL WHERE unit = ?1").bind(unit).run();
  const ctx = await openSystem(env, unit, "req_test");
  const watched = readWatchedSegments(...(await ctx.db.batch(watchedStatements(ctx.db))));
  if (!watched) throw new Error("no segment is watched");
  const leads = (await rowsOf(unit, "leads")) as { lead_id: string; profile: string; aliases: string }[];
  const bytes = leads.reduce((sum, { profile, aliases }) => sum + profile.length + aliases.length, 0);
  const writeOf = (lead_id: string, more: object) => ({
    isNew: false,
    planned: { lead_id, profile: { company: "Acme", ...more }, aliases: [] },
  });
  const writes = leads.map(({ lead_id }) => ({ write: writeOf(lead_id, { city: "Bern" }), earlier: writeOf(lead_id, {}) }));
  const forecast = (budget: number) =>
    forecastFirings(ctx, watched, writes, { budget: { bytes: budget, events: 1_000 }, newAccounts: new Map(), hasRoom: () => true });
  const nothing = { firings: 0, notifications: 0, reversed: 0 };
  expect(await forecast(2 * bytes)).toEqual({ ...nothing, unchecked: 0 });
  expect(await forecast(bytes + 1)).toEqual({ ...nothing, unchecked: LEADS - 1 });
  expect(await forecast(bytes)).toEqual({ ...nothing, unchecked: LEADS });
});
