/** Profiles that were stored before their addresses had one form get it in the background, and no lead loses or takes one. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { findSocialsPlace, rekeySocials, saveSocialsPlace } from "../../../src/core/leads";
import { openShards, openSystem } from "../../../src/open-context";
import { tick } from "../../support/deliveries";
import { mintUnitTenant, rowsOf } from "../../support/events";
import { importCsv } from "../../support/imports";
import { type Client, mintLead } from "../../support/tenant";
import { countingD1, logged } from "../../support/worker";

const FORM = "https://linkedin.com/in/jane-doe";
const OLD = "https://www.linkedin.com/in/Jane-Doe/";
const WEEK_MS = 7 * 86_400_000;

let client: Client;
let unit: number;
beforeEach(async () => {
  ({ client, unit } = await mintUnitTenant());
});

/** A lead whose profile is stored as it was written, as it was before addresses had one form. */
async function mintOld(email: string, address: string): Promise<string> {
  const id = await mintLead(client, { email });
  await env.DB.batch([
    env.DB.prepare("INSERT INTO aliases (unit, kind, value, lead_id) VALUES (?1, 'social', ?2, ?3)").bind(unit, address, id.slice(3)),
    env.DB.prepare(
      "UPDATE leads SET aliases = json_insert(aliases, '$[#]', json_array('social', ?2, NULL, 1)) WHERE unit = ?1 AND lead_id = ?3",
    ).bind(unit, address, id.slice(3)),
  ]);
  return id;
}
const rekey = async (after = "", bindings: Partial<Env> = {}) =>
  rekeySocials(await openSystem({ ...env, ...bindings }, unit, "req_test"), after);
const idOf = async (value: string): Promise<string | null> => {
  const answer = await client.get(`/lead/by-alias?kind=social&value=${encodeURIComponent(value)}`);
  return answer.status === 200 ? (await answer.json<{ lead_id: string }>()).lead_id : null;
};
/** Every alias of the unit is its lead's by the table's key and by the lead's own row. */
async function expectSound(): Promise<void> {
  const held = await env.DB.prepare(
    "SELECT r.value->>0 AS kind, r.value->>1 AS value, l.lead_id FROM leads l CROSS JOIN json_each(l.aliases) r WHERE l.unit = ?1 ORDER BY 1, 2",
  )
    .bind(unit)
    .all();
  const keys = (await rowsOf<{ kind: string; value: string; lead_id: string }>(unit, "aliases", "kind, value")).map(
    ({ kind, value, lead_id }) => ({ kind, value, lead_id }),
  );
  expect(keys).toEqual(held.results);
}

describe("a profile under an old form", () => {
  it("is found by every spelling afterwards", async () => {
    const id = await mintOld("jane@example.com", OLD);
    expect(await idOf(FORM)).toBeNull();
    expect(await rekey()).toEqual({ last: null, leads: 1, conflicts: 0 });
    for (const spelling of [FORM, OLD, "linkedin.com/in/JANE-DOE?trk=x"]) expect(await idOf(spelling)).toBe(id);
    const { aliases } = await (await client.get(`/lead/${id}`)).json<{ aliases: { kind: string; value: string }[] }>();
    expect(aliases).toContainEqual(expect.objectContaining({ kind: "social", value: FORM }));
    await expectSound();
  });

  it("stays where it is when another lead has the form: the case is recorded; of two own ones, one stays", async () => {
    const owner = await mintLead(client, { social: FORM });
    const [other, third] = [
      await mintOld("other@example.com", OLD),
      await mintOld("third@example.com", "https://m.xing.com/profile/Ann_Lee"),
    ];
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO aliases (unit, kind, value, lead_id) VALUES (?1, 'social', 'https://www.xing.com/profile/ann_lee/', ?2)",
      ).bind(unit, third.slice(3)),
      env.DB.prepare(
        "UPDATE leads SET aliases = json_insert(aliases, '$[#]', json_array('social', 'https://www.xing.com/profile/ann_lee/', NULL, 1)) WHERE unit = ?1 AND lead_id = ?2",
      ).bind(unit, third.slice(3)),
    ]);
    expect(await rekey()).toEqual({ last: null, leads: 1, conflicts: 1 });
    expect(await idOf(OLD)).toBe(owner);
    expect(await idOf("xing.com/profile/Ann_Lee")).toBe(third);
    const [conflict, ...more] = await rowsOf<{ value: string; lead_id: string; owner_lead_id: string }>(unit, "alias_conflicts");
    expect([conflict, more]).toMatchObject([{ value: FORM, lead_id: other.slice(3), owner_lead_id: owner.slice(3) }, []]);
    await expectSound();
    expect(await rowsOf(unit, "aliases")).toHaveLength(5);
  });

  it("is given its form once, however often and by however many at the same time, 200 profiles a slice", async () => {
    const rows = Array.from({ length: 203 }, (_, n) => `n${n}@example.com,${FORM}-${String(n).padStart(3, "0")}\n`);
    await importCsv(client, `Email,Profile\n${rows.join("")}`, {
      primary_identifier: { column: "Email", kind: "email" },
      alias_mappings: { Profile: "_alias_social" },
    });
    for (const sql of [
      "UPDATE aliases SET value = replace(value, '//', '//www.') WHERE unit = ?1 AND kind = 'social'",
      "UPDATE leads SET aliases = replace(aliases, '//', '//www.') WHERE unit = ?1",
    ])
      await env.DB.prepare(sql).bind(unit).run();
    const [first] = await Promise.all([rekey(), rekey(), rekey()]);
    expect(first?.last).not.toBeNull();
    await rekey(first?.last ?? "");
    for (const n of [0, 199, 202]) expect(await idOf(`${FORM}-${String(n).padStart(3, "0")}`)).not.toBeNull();
    await expectSound();
    expect(await rowsOf(unit, "alias_conflicts")).toEqual([]);
    const { DB, count } = countingD1();
    expect(await rekey("", { DB })).toMatchObject({ leads: 0, conflicts: 0 });
    expect([count.trips, count.rowsWritten]).toEqual([1, 0]);
  });

  it("is reached by the cron, some slices a tick, and again a week after the last", async () => {
    const id = await mintOld("jane@example.com", OLD);
    await env.DB.prepare("DELETE FROM sweep_positions WHERE job = 'social_forms'").run();
    for (let turn = 0; turn < 40 && (await idOf(FORM)) === null; turn++) await logged(() => tick("*/10 * * * *"));
    expect(await idOf(FORM)).toBe(id);
    const [db] = openShards(env);
    if (!db) throw new Error("no database");
    const now = Date.now();
    for (let place = await findSocialsPlace(db, now + 2 * WEEK_MS); place; ) place = await saveSocialsPlace(db, place, null, now);
    expect(await findSocialsPlace(db, now + WEEK_MS - 1)).toBeNull();
    expect(await findSocialsPlace(db, now + WEEK_MS)).toMatchObject({ after: "" });
  });
});
