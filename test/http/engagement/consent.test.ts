/** Consent by purpose, with source and time: on a lead, by an import, in lists and exports, through merges and undos. */
import { beforeAll, describe, expect, it } from "vitest";
import { importCsv } from "../../support/imports";
import { leadIdOf, merge } from "../../support/merges";
import { type Client, mintTenant } from "../../support/tenant";
import { imported, undone } from "../../support/undo";
import { countingD1, readProblem } from "../../support/worker";

type Consent = Record<string, { granted: boolean; source: string; at: string }>;
const AT = "2026-01-15T10:00:00.000Z";
const MAPPING = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { Newsletter: "_consent_newsletter" } };

let client: Client;
beforeAll(async () => {
  ({ client } = await mintTenant());
});
let minted = 0;
async function mint(consent?: object): Promise<string> {
  const answer = await client.post("/leads", { email: `c${++minted}@example.com`, consent });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json<{ lead_id: string }>()).lead_id;
}
const consentOf = async (id: string) => (await (await client.get(`/lead/${id}`)).json<{ consent: Consent }>()).consent;
const put = (id: string, consent: unknown) => client.call("PUT", `/lead/${id}`, { json: { consent } });

describe("a lead's consent", () => {
  it("is granted, denied and removed by purpose; the others stay, and it is in the log of changes", async () => {
    const id = await mint({ marketing: true });
    expect(await consentOf(id)).toEqual({ marketing: { granted: true, source: "api", at: expect.any(String) } });
    expect(
      (await put(id, { calls: { granted: false, source: "phone", at: AT }, Newsletter: { granted: true, source: "web form" } })).status,
    ).toBe(200);
    expect(await consentOf(id)).toEqual({
      marketing: expect.anything(),
      calls: { granted: false, source: "phone", at: AT },
      newsletter: { granted: true, source: "web form", at: expect.any(String) },
    });
    expect((await put(id, { marketing: null })).status).toBe(200);
    expect(Object.keys(await consentOf(id))).toEqual(["calls", "newsletter"]);
    const { changes } = await (await client.get(`/lead/${id}/audit`)).json<{ changes: { keys: string[] }[] }>();
    expect(changes.map(({ keys }) => keys.includes("consent"))).toEqual([true, true, true]);
  });

  it("keeps when it was first said where the same is said again, and ignores what is older", async () => {
    const id = await mint({ marketing: { granted: true, source: "form", at: AT } });
    const before = await consentOf(id);
    for (const said of [true, { granted: true }, { granted: false, at: "2020-01-01T00:00:00Z" }]) await put(id, { marketing: said });
    expect(await consentOf(id)).toEqual(before);
    await put(id, { marketing: { granted: false, at: "2026-02-01T00:00:00Z" } });
    expect(await consentOf(id)).toEqual({ marketing: { granted: false, source: "api", at: "2026-02-01T00:00:00.000Z" } });
  });

  it("is written by a batch, whose verdict says whether it changed anything; no row more than the lead's own", async () => {
    const leads = [
      { email: "b1@example.com", consent: { marketing: true } },
      { email: "b1@example.com", consent: { marketing: true } },
    ];
    const { DB, count } = countingD1();
    const first = await client.post("/leads/batch", { leads }, { bindings: { DB } });
    expect((await first.json<{ counts: object }>()).counts).toMatchObject({ created: 1, unchanged: 1 });
    const written = count.rowsWritten;
    const plain = countingD1();
    await client.post("/leads/batch", { leads: [{ email: "b2@example.com" }] }, { bindings: { DB: plain.DB } });
    expect(written).toBe(plain.count.rowsWritten);
    const again = await client.post("/leads/batch", { leads: [{ email: "b1@example.com", consent: { marketing: false } }] });
    expect((await again.json<{ counts: object }>()).counts).toMatchObject({ changed: 1 });
    expect(await consentOf(await leadIdOf(client, "b1@example.com"))).toMatchObject({ marketing: { granted: false } });
  });

  it.each([
    [{ "no purpose!": true }],
    [{ marketing: "yes" }],
    [{ marketing: { granted: true, at: "yesterday" } }],
    [{ marketing: { source: "x" } }],
    [[]],
  ])("is refused where it is invalid: %j", async (consent) => {
    await readProblem(await put(await mint(), consent), 400);
  });

  it("is refused with what a purpose is, where its name is not one", async () => {
    expect(await readProblem(await put(await mint(), { "a b": true }), 400)).toMatchObject({
      errors: [{ path: "consent.a b", message: "must be a purpose: 1 to 64 letters, digits, _ and -, beginning with a letter or digit" }],
    });
  });

  it("of merged leads is what was said last; an unmerge takes it back", async () => {
    const target = await mint({ marketing: { granted: true, at: AT }, calls: { granted: true, at: AT } });
    const source = await mint({ marketing: { granted: false, at: "2026-02-01T00:00:00Z" }, mail: { granted: true, at: AT } });
    const before = await consentOf(target);
    await merge(client, target, [source]);
    expect(await consentOf(target)).toMatchObject({ marketing: { granted: false }, calls: { granted: true }, mail: { granted: true } });
    expect((await client.post(`/leads/${target}/unmerge`)).status).toBe(200);
    expect([await consentOf(target), Object.keys(await consentOf(source))]).toEqual([before, ["marketing", "mail"]]);
  });
});

describe("an import", () => {
  it("reads a column in many words; the same again changes nothing, and an unreadable cell is a warning", async () => {
    const csv = "Email,Newsletter\ni1@example.com,Yes\ni2@example.com,opt-out\ni3@example.com,\ni4@example.com,perhaps\n";
    const job = await importCsv(client, csv, MAPPING);
    expect(job).toMatchObject({ created_count: 4, warnings_count: 1 });
    const read = async (email: string) => consentOf(await leadIdOf(client, email));
    expect(await read("i1@example.com")).toEqual({ newsletter: { granted: true, source: "import", at: expect.any(String) } });
    expect(await read("i2@example.com")).toMatchObject({ newsletter: { granted: false } });
    expect([await read("i3@example.com"), await read("i4@example.com")]).toEqual([{}, {}]);
    expect(await importCsv(client, csv.replace("\n", "\n\n"), MAPPING)).toMatchObject({ changed_count: 0, unchanged_count: 4 });
  });

  it("says where and when of all its rows, and its undo takes back what nobody has said since", async () => {
    const known = await mint({ newsletter: { granted: false, source: "form", at: AT } });
    const email = `c${minted}@example.com`;
    const other = await mint();
    const csv = `Email,Newsletter\n${email},yes\nc${minted}@example.com,\n`;
    const consent = { newsletter: { granted: true, source: "Trade fair", at: "2026-03-01T09:00:00Z" }, calls: true };
    const job = await imported(client, csv, { ...MAPPING, consent } as typeof MAPPING);
    expect(await consentOf(known)).toEqual({
      newsletter: { granted: true, source: "Trade fair", at: "2026-03-01T09:00:00.000Z" },
      calls: { granted: true, source: "import", at: expect.any(String) },
    });
    expect(await consentOf(other)).toMatchObject({ newsletter: { source: "Trade fair" } });
    await put(other, { calls: false });
    expect(await undone(client, job)).toMatchObject({ status: "completed", restored_count: 2, kept_count: 1 });
    expect(await consentOf(known)).toEqual({ newsletter: { granted: false, source: "form", at: AT } });
    expect(await consentOf(other)).toMatchObject({ calls: { granted: false } });
    expect(Object.keys(await consentOf(other))).toEqual(["calls"]);
  });
});

describe("a segment", () => {
  it("has the leads that have granted a purpose, at once: so its triggers honour consent", async () => {
    const { client: own } = await mintTenant();
    await own.post("/leads", { email: "s1@example.com", consent: { marketing: true } });
    await own.post("/leads", { email: "s2@example.com" });
    const rules = { type: "consent", field: "marketing", operator: "equals", value: "granted" };
    const { id } = await (await own.post("/segments", { name: "Agreed", rules })).json<{ id: string }>();
    const members = async () =>
      (await (await own.get(`/leads?segment=${id}`)).json<{ leads: { email: string }[] }>()).leads.map(({ email }) => email);
    expect(await members()).toEqual(["s1@example.com"]);
    await own.post("/leads", { email: "s1@example.com", consent: { marketing: false } });
    expect(await members()).toEqual([]);
    await readProblem(await own.post("/segments", { name: "x", rules: { ...rules, value: "maybe" } }), 400);
  });
});

describe("lists and exports", () => {
  it("are honoured: consent=<purpose> shows only leads that have granted it; an import maps the exported columns by itself", async () => {
    const { client: own } = await mintTenant();
    for (const [email, consent] of [
      ["g@example.com", { marketing: true, calls: false }],
      ["d@example.com", { marketing: false }],
      ["n@example.com", undefined],
    ] as const)
      await own.post("/leads", { email, consent });
    const listed = await (await own.get("/leads?consent=marketing")).json<{ leads: { email: string }[] }>();
    expect(listed.leads.map(({ email }) => email)).toEqual(["g@example.com"]);
    const csv = await (await own.get("/leads/export.csv?consent=marketing&columns=email,_consent_calls")).text();
    expect(csv).toBe("_alias_email,_consent_calls\r\ng@example.com,denied\r\n");
    const all = await (await own.get("/leads/export.csv")).text();
    expect(all).toContain("_alias_email,_consent_calls,_consent_marketing");
    const form = new FormData();
    form.set("file", new File([all], "leads.csv", { type: "text/csv" }));
    const { client: other } = await mintTenant();
    const preview = await (await other.call("POST", "/leads/import/preview", { body: form })).json<{
      file_id: string;
      suggested_mapping: object;
    }>();
    expect(preview.suggested_mapping).toMatchObject({ field_mappings: { _consent_marketing: "_consent_marketing" } });
    await importCsv(other, all, preview.suggested_mapping as typeof MAPPING);
    expect(await (await other.get("/leads/export.csv")).text()).toBe(all);
    await readProblem(await own.get("/leads?consent=no%20purpose!"), 400);
  });
});
