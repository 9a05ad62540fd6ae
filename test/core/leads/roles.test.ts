/** Every verb that writes leads or accounts checks its caller's role and its input itself, whichever dialect calls it. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Actor, Ctx } from "../../../src/context";
import { changeAccount, mergeAccounts } from "../../../src/core/account-overview";
import { createAccount } from "../../../src/core/accounts";
import { commitBulkPlan, planBulk, requestBulk } from "../../../src/core/bulk";
import { deleteLead } from "../../../src/core/erasure";
import { changeLead, saveLead } from "../../../src/core/lead-overview";
import {
  assignOwner,
  attachAlias,
  createLead,
  createProfileField,
  detachAlias,
  patchLeadByAlias,
  rekeyPhones,
  updateLead,
  writeLead,
  writeLeads,
} from "../../../src/core/leads";
import { mergeLeads, unmergeLeads } from "../../../src/core/merging";
import { deleteFilter, listFilters, saveFilter } from "../../../src/core/saved-filters";
import { unwatchLead, watchLead } from "../../../src/core/watch-list";
import { mintCtx } from "../../support/context";

const OPTIONS = { onConflict: "record", source: "test" } as const;
const EMAIL = { kind: "email", value: "a@example.com" } as const;
const COOKIE = { kind: "cookie", value: "c1" } as const;
/** As JavaScript would pass it. */
const bad = (value: unknown) => value as never;

type Verb = {
  /** valid input: only the role is wrong */
  valid: (ctx: Ctx, leadId: string) => Promise<unknown>;
  hostile: [description: string, call: (ctx: Ctx, leadId: string) => Promise<unknown>][];
};

const VERBS: Record<string, Verb> = {
  createLead: {
    valid: (ctx) => createLead(ctx, { profile: {}, aliases: [] }, OPTIONS),
    hostile: [
      ["no object", (ctx) => createLead(ctx, bad(null), OPTIONS)],
      ["a profile that is a list", (ctx) => createLead(ctx, { profile: bad([]), aliases: [] }, OPTIONS)],
      ["an unknown kind of alias", (ctx) => createLead(ctx, { profile: {}, aliases: [bad({ kind: "__proto__", value: "x" })] }, OPTIONS)],
      ["an alias that is no text", (ctx) => createLead(ctx, { profile: {}, aliases: [bad({ kind: "email", value: {} })] }, OPTIONS)],
      ["an invalid email", (ctx) => createLead(ctx, { profile: {}, aliases: [{ kind: "email", value: "nobody" }] }, OPTIONS)],
      ["too many aliases", (ctx) => createLead(ctx, { profile: {}, aliases: Array(1_001).fill(EMAIL) }, OPTIONS)],
      ["an unknown status", (ctx) => createLead(ctx, { profile: {}, aliases: [], status: bad("gone") }, OPTIONS)],
      ["a number that is not finite", (ctx) => createLead(ctx, { profile: { a: Number.POSITIVE_INFINITY }, aliases: [] }, OPTIONS)],
      ["an account that is no text", (ctx) => createLead(ctx, { profile: {}, aliases: [], account_id: bad({}) }, OPTIONS)],
    ],
  },
  updateLead: {
    valid: (ctx, id) => updateLead(ctx, id, () => ({ change: { status: "lost" }, result: null }), OPTIONS),
    hostile: [
      ["an id that is no text", (ctx) => updateLead(ctx, bad({}), () => ({ change: {}, result: null }), OPTIONS)],
      ["an id in a dialect's form", (ctx, id) => updateLead(ctx, `ld_${id}`, () => ({ change: {}, result: null }), OPTIONS)],
      ["an unknown status", (ctx, id) => updateLead(ctx, id, () => ({ change: { status: bad(7) }, result: null }), OPTIONS)],
      ["a profile that is a text", (ctx, id) => updateLead(ctx, id, () => ({ change: { profile: bad("x") }, result: null }), OPTIONS)],
      ["an email that is a list", (ctx, id) => updateLead(ctx, id, () => ({ change: { email: bad(["x"]) }, result: null }), OPTIONS)],
      ["an invalid phone", (ctx, id) => updateLead(ctx, id, () => ({ change: { phone: "call me" }, result: null }), OPTIONS)],
    ],
  },
  patchLeadByAlias: {
    valid: (ctx) => patchLeadByAlias(ctx, EMAIL, { profile: { a: 1 } }),
    hostile: [
      ["an unknown kind", (ctx) => patchLeadByAlias(ctx, bad({ kind: "name", value: "x" }), { profile: { a: 1 } })],
      ["a value that is no text", (ctx) => patchLeadByAlias(ctx, bad({ kind: "email", value: 5 }), { profile: { a: 1 } })],
      ["a profile that is a list", (ctx) => patchLeadByAlias(ctx, EMAIL, { profile: bad(["a"]) })],
      ["a key that no attribute may have", (ctx) => patchLeadByAlias(ctx, EMAIL, { profile: { "a/b": 1 } })],
      ["an account that is no text", (ctx) => patchLeadByAlias(ctx, EMAIL, { account_id: bad(5) })],
    ],
  },
  changeLead: {
    valid: (ctx, id) => changeLead(ctx, id, { owner_id: "u_1" }),
    hostile: [
      ["nothing to change", (ctx, id) => changeLead(ctx, id, {})],
      ["an unknown status", (ctx, id) => changeLead(ctx, id, { status: bad("gone") })],
      ["an owner that is no text", (ctx, id) => changeLead(ctx, id, { owner_id: bad({}) })],
      ["an owner's name of half a letter", (ctx, id) => changeLead(ctx, id, { owner_name: "\ud800" })],
      ["metadata that is a list", (ctx, id) => changeLead(ctx, id, { metadata: bad([]) })],
      ["a key that no attribute may have", (ctx, id) => changeLead(ctx, id, { metadata_patch: { "a/b": 1 } })],
      ["an account that nobody has", (ctx, id) => changeLead(ctx, id, { account_id: "acct_none" })],
    ],
  },
  attachAlias: {
    valid: (ctx, id) => attachAlias(ctx, id, COOKIE, "test"),
    hostile: [
      ["an id in a dialect's form", (ctx, id) => attachAlias(ctx, `ld_${id}`, COOKIE, "test")],
      ["an unknown kind", (ctx, id) => attachAlias(ctx, id, bad({ kind: "name", value: "x" }), "test")],
      ["a value that is no text", (ctx, id) => attachAlias(ctx, id, bad({ kind: "email", value: ["x"] }), "test")],
      ["an invalid phone", (ctx, id) => attachAlias(ctx, id, { kind: "phone", value: "call me" }, "test")],
    ],
  },
  detachAlias: {
    valid: (ctx, id) => detachAlias(ctx, id, COOKIE),
    hostile: [
      ["an id that is no text", (ctx) => detachAlias(ctx, bad(7), COOKIE)],
      ["an unknown kind", (ctx, id) => detachAlias(ctx, id, bad({ kind: "name", value: "x" }))],
    ],
  },
  assignOwner: {
    valid: (ctx, id) => assignOwner(ctx, { lead_ids: [id], owner_id: "u_2" }),
    hostile: [
      ["no owner", (ctx, id) => assignOwner(ctx, bad({ lead_ids: [id] }))],
      ["no leads", (ctx) => assignOwner(ctx, { lead_ids: [], owner_id: "u_2" })],
      ["501 leads", (ctx, id) => assignOwner(ctx, { lead_ids: Array(501).fill(id), owner_id: "u_2" })],
      ["a lead that is no text", (ctx) => assignOwner(ctx, { lead_ids: [bad({})], owner_id: "u_2" })],
      [
        "an owner's name of two million letters",
        (ctx, id) => assignOwner(ctx, { lead_ids: [id], owner_id: "u", owner_name: "x".repeat(2e6) }),
      ],
    ],
  },
  saveLead: {
    valid: (ctx) => saveLead(ctx, { aliases: [EMAIL], metadata: { a: 4 } }, "test"),
    hostile: [
      ["no alias", (ctx) => saveLead(ctx, { metadata: { a: 3 } }, "test")],
      ["an unknown mode", (ctx) => saveLead(ctx, { aliases: [EMAIL], mode: bad("replace") }, "test")],
    ],
  },
  writeLead: {
    valid: (ctx) => writeLead(ctx, { aliases: [EMAIL], metadata: { a: 2 } }, "test"),
    hostile: [
      ["no alias", (ctx) => writeLead(ctx, { metadata: { a: 3 } }, "test")],
      ["an unknown mode", (ctx) => writeLead(ctx, { aliases: [EMAIL], mode: bad("replace") }, "test")],
      ["an unknown status", (ctx) => writeLead(ctx, { aliases: [EMAIL], status: bad("gone") }, "test")],
      ["a key that no attribute may have", (ctx) => writeLead(ctx, { aliases: [EMAIL], metadata: { "a/b": 1 } }, "test")],
      ["an account that nobody has", (ctx) => writeLead(ctx, { aliases: [EMAIL], account_id: "acct_none" }, "test")],
    ],
  },
  writeLeads: {
    valid: (ctx) => writeLeads(ctx, { leads: [{ aliases: [EMAIL], metadata: { a: 4 } }] }, { source: "test" }),
    hostile: [
      ["no list", (ctx) => writeLeads(ctx, bad({ leads: {} }), { source: "test" })],
      ["an empty list", (ctx) => writeLeads(ctx, { leads: [] }, { source: "test" })],
      ["1,001 leads", (ctx) => writeLeads(ctx, { leads: Array(1_001).fill({ aliases: [EMAIL] }) }, { source: "test" })],
    ],
  },
  watchLead: {
    valid: (ctx, id) => watchLead(ctx, id, {}),
    hostile: [
      ["an id in a dialect's form", (ctx, id) => watchLead(ctx, `ld_${id}`, {})],
      ["a prediction that is no text", (ctx, id) => watchLead(ctx, id, { prediction: bad({}) })],
    ],
  },
  unwatchLead: {
    valid: (ctx, id) => unwatchLead(ctx, id),
    hostile: [["an id that is no text", (ctx) => unwatchLead(ctx, bad({}))]],
  },
  saveFilter: {
    valid: (ctx) => saveFilter(ctx, { name: "Mine", criteria: {} }),
    hostile: [
      ["no name", (ctx) => saveFilter(ctx, bad({ criteria: {} }))],
      ["criteria that are a list", (ctx) => saveFilter(ctx, { name: "x", criteria: bad([]) })],
      ["criteria that no list has", (ctx) => saveFilter(ctx, { name: "x", criteria: { shoe: 5 } })],
      ["a criterion that is an object", (ctx) => saveFilter(ctx, { name: "x", criteria: { "attr.a": {} } })],
      ["a status that is none", (ctx) => saveFilter(ctx, { name: "x", criteria: { status: "gone" } })],
    ],
  },
  deleteFilter: {
    valid: async (ctx) => deleteFilter(ctx, (await listFilters(ctx))[0]?.filter_id ?? "flt_none"),
    hostile: [["an id that is no text", (ctx) => deleteFilter(ctx, bad({}))]],
  },
  mergeLeads: {
    valid: (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: [spareId] }),
    hostile: [
      ["an id in a dialect's form", (ctx, id) => mergeLeads(ctx, { target_id: `ld_${id}`, source_ids: [spareId] })],
      ["no sources", (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: [] })],
      ["sources that are no list", (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: bad(spareId) })],
      ["21 sources", (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: Array(21).fill(spareId) })],
      ["the target itself", (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: [id] })],
      ["an account of neither", (ctx, id) => mergeLeads(ctx, { target_id: id, source_ids: [spareId], account_id: "acct_none" })],
    ],
  },
  unmergeLeads: { valid: (ctx, id) => unmergeLeads(ctx, id), hostile: [] },
  deleteLead: {
    valid: (ctx, id) => deleteLead(ctx, id),
    hostile: [
      ["an id that is no text", (ctx) => deleteLead(ctx, bad({}))],
      ["an id that is none", (ctx) => deleteLead(ctx, "%")],
    ],
  },
  createProfileField: {
    valid: (ctx) => createProfileField(ctx, { name: "seat" }),
    hostile: [
      ["no name", (ctx) => createProfileField(ctx, bad({}))],
      ["an empty name", (ctx) => createProfileField(ctx, { name: "  " })],
      ["a name that no attribute may have", (ctx) => createProfileField(ctx, { name: "a/b" })],
      ["a name that is too long", (ctx) => createProfileField(ctx, { name: "x".repeat(65) })],
    ],
  },
  changeAccount: {
    valid: (ctx) => changeAccount(ctx, accounts[0] ?? "", { name: "New" }),
    hostile: [
      ["nothing to change", (ctx) => changeAccount(ctx, "acct_x", {})],
      ["a name that is no text", (ctx) => changeAccount(ctx, "acct_x", { name: bad({}) })],
      ["metadata that is a list", (ctx) => changeAccount(ctx, "acct_x", { metadata: bad([]) })],
    ],
  },
  mergeAccounts: {
    valid: (ctx) => mergeAccounts(ctx, { target_account_id: accounts[0] ?? "", source_account_ids: [accounts[1] ?? ""] }),
    hostile: [
      ["no sources", (ctx) => mergeAccounts(ctx, { target_account_id: "a", source_account_ids: [] })],
      ["itself", (ctx) => mergeAccounts(ctx, { target_account_id: "a", source_account_ids: ["a"] })],
      ["a source that is no text", (ctx) => mergeAccounts(ctx, { target_account_id: "a", source_account_ids: [bad({})] })],
    ],
  },
  requestBulk: {
    valid: (ctx, id) => requestBulk(ctx, { target: { ids: [id] }, change: null }),
    hostile: [
      ["neither ids nor a filter", (ctx) => requestBulk(ctx, { target: {}, change: null })],
      ["a filter of everything", (ctx) => requestBulk(ctx, { target: { filter: {} }, change: null })],
      ["ids that are no texts", (ctx) => requestBulk(ctx, { target: { ids: [bad({})] }, change: null })],
      ["10,001 ids", (ctx) => requestBulk(ctx, { target: { ids: Array(10_001).fill("x") }, change: null })],
      ["nothing to change", (ctx, id) => requestBulk(ctx, { target: { ids: [id] }, change: {} })],
    ],
  },
  planBulk: {
    valid: (ctx) => planBulk(ctx, { filter: { status: "new" }, change: { status: "lost" } }),
    hostile: [
      ["a filter of everything", (ctx) => planBulk(ctx, { filter: {}, change: { status: "lost" } })],
      ["an unknown criterion", (ctx) => planBulk(ctx, { filter: { colour: "red" }, change: { status: "lost" } })],
      ["nothing to change", (ctx) => planBulk(ctx, { filter: { status: "new" }, change: {} })],
      ["an account that is not there", (ctx) => planBulk(ctx, { filter: { status: "new" }, change: { account_id: "acct_1" } })],
    ],
  },
  commitBulkPlan: {
    valid: async (ctx) => {
      const { plan_id } = await planBulk({ ...ctx, actor: { kind: "system" } }, { filter: { status: "new" }, change: { status: "lost" } });
      return commitBulkPlan(ctx, plan_id);
    },
    hostile: [["an id that is no text", (ctx) => commitBulkPlan(ctx, bad({}))]],
  },
  createAccount: {
    valid: (ctx) => createAccount(ctx, { name: "Acme" }),
    hostile: [
      ["no name", (ctx) => createAccount(ctx, bad({}))],
      ["an empty name", (ctx) => createAccount(ctx, { name: " " })],
      ["a name of 5,000 characters", (ctx) => createAccount(ctx, { name: "x".repeat(5_000) })],
      ["a domain that is none", (ctx) => createAccount(ctx, { name: "Acme", domain: "not a domain" })],
    ],
  },
};
const HOSTILE = Object.entries(VERBS).flatMap(([verb, { hostile }]) => hostile.map(([what, call]) => [verb, what, call] as const));

let ctx: Ctx;
let leadId: string;
let accounts: string[];
let spareId: string;
beforeAll(async () => {
  ctx = await mintCtx();
  ({ lead_id: spareId } = await createLead(ctx, { profile: {}, aliases: [] }, OPTIONS));
  ({ lead_id: leadId } = await createLead(ctx, { profile: { a: 0 }, aliases: [EMAIL] }, OPTIONS));
  accounts = [(await createAccount(ctx, { name: "A" })).account_id, (await createAccount(ctx, { name: "B" })).account_id];
});

const as = (role: "viewer" | "editor"): Ctx => {
  const actor: Actor = { kind: "credential", credential_id: "sec_x", organization_id: ctx.unit.organization_id, role, home: null };
  return { ...ctx, actor };
};

/** Everything that the unit stores of leads and accounts. */
async function stored(): Promise<unknown> {
  const tables = [
    "leads",
    "aliases",
    "alias_conflicts",
    "lead_counts",
    "lead_terms",
    "profile_fields",
    "accounts",
    "watched_leads",
    "saved_filters",
  ];
  const rows = await env.DB.batch(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table} WHERE unit = ?1`).bind(ctx.db.unit)));
  return rows.map(({ results }) => results);
}

describe("a viewer", () => {
  it.each(Object.entries(VERBS))("may not call %s, and nothing is stored", async (_, { valid }) => {
    const before = await stored();
    await expect(valid(as("viewer"), leadId)).rejects.toMatchObject({ code: "forbidden", message: "This needs the role editor" });
    expect(await stored()).toEqual(before);
  });
});

describe("hostile input", () => {
  it.each(HOSTILE)("%s: %s is invalid, and nothing is stored", async (_verb, _what, call) => {
    const before = await stored();
    await expect(call(as("editor"), leadId)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await stored()).toEqual(before);
  });
});

describe("an editor", () => {
  it("may not have the phones of all leads read again: that is the system's", async () => {
    const before = await stored();
    await expect(rekeyPhones(as("editor"), [null], "")).rejects.toMatchObject({ code: "forbidden" });
    expect(await stored()).toEqual(before);
  });

  it("may call each of them", async () => {
    const { deleteLead: last, ...others } = VERBS;
    for (const verb of [...Object.values(others), last]) await verb?.valid(as("editor"), leadId);
  });
});
