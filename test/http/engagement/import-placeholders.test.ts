/** What is no identifier is the unit's own choice. */
import { expect, it } from "vitest";
import { importCsv } from "../../support/imports";
import { mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const PATH = "/leads/import/placeholders";
const BY_ID = { primary_identifier: { column: "Email", kind: "email" }, alias_mappings: { Phone: "_alias_phone" } };
type Shown = { defaults: { text: string; enabled: boolean }[]; added: string[]; disabled: string[] };

it("lists the usual ones, all enabled, and keeps what the unit adds and switches off", async () => {
  const { client } = await mintTenant();
  const usual = await (await client.get(PATH)).json<Shown>();
  expect(usual.defaults.length).toBeGreaterThan(100);
  expect(usual.defaults.every(({ enabled }) => enabled)).toBe(true);
  const put = async (json: object) => (await client.call("PUT", PATH, { json })).json<Shown>();
  expect(await put({ added: ["reception@*"] })).toMatchObject({ added: ["reception@*"], disabled: [] });
  const changed = await put({ disabled: ["TEST@test*"] });
  expect(changed).toMatchObject({ added: ["reception@*"], disabled: ["TEST@test*"] });
  expect(changed.defaults.filter(({ enabled }) => !enabled)).toEqual([{ text: "test@test*", enabled: false }]);
  expect(await (await client.get(PATH)).json()).toEqual(changed);
  await readProblem(await client.call("PUT", PATH, { json: {} }), 400);
});

it("they hold for the unit's imports, but for one that names its own", async () => {
  const { client } = await mintTenant();
  await client.call("PUT", PATH, { json: { added: ["reception@*"], disabled: ["test@test*"] } });
  const csv = "Email,Phone\nreception@acme.example,+493012345678\ntest@test.example,\n";
  const job = await importCsv(client, csv, BY_ID);
  expect(job).toMatchObject({ created_count: 1, failed_count: 1, errors: [{ row: 2 }] });
  expect((await client.get("/lead/by-alias?value=test@test.example")).status).toBe(200);
  expect(await importCsv(client, csv, { ...BY_ID, placeholders: [] })).toMatchObject({ created_count: 1, unchanged_count: 1 });
});
