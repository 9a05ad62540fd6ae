/** Mappings are remembered by the headers of the files that they were used for. */
import { beforeEach, describe, expect, it } from "vitest";
import { csvForm, importCsv, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const PATH = "/leads/import/mappings";
type Remembered = {
  id: string;
  name: string;
  headers: string[];
  mapping: Mapping;
  used_count: number;
  created_at: string;
  used_at: string;
};
type Column = { column: string; target: string | null; reason: string; confidence: number };

/** Nothing that a guess would come to. */
const MAPPING: Mapping = {
  primary_identifier: { column: "Code", kind: "external_id" },
  field_mappings: { Who: "title" },
  alias_mappings: { Mail: "_alias_email" },
  mode: "upsert",
  strict: true,
};
const csv = (header: string) => `${header}\nx-1,Ann,ann@example.com\n`;

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});

const list = async () => (await (await client.get(PATH)).json<{ mappings: Remembered[]; total: number }>()).mappings;

async function previewOf(content: string, by = client): Promise<{ columns: Column[]; suggested_mapping: Mapping | null }> {
  return (await by.call("POST", "/leads/import/preview", { body: csvForm(content) })).json();
}

describe("a mapping", () => {
  it("is suggested for the next file of the same headers, in any order and however they are capitalised", async () => {
    await importCsv(client, csv("Code,Who,Mail"), MAPPING);
    const { columns, suggested_mapping } = await previewOf("MAIL,code,Who\nbob@example.com,x-2,Bob\n");
    expect(suggested_mapping).toEqual({
      primary_identifier: { column: "code", kind: "external_id" },
      field_mappings: { Who: "title" },
      alias_mappings: { MAIL: "_alias_email" },
      strict: true,
    });
    expect(columns.map(({ target, reason }) => [target, reason])).toEqual([
      ["_alias_email", "As last time"],
      ["_alias_external_id", "As last time"],
      ["title", "As last time"],
    ]);
    expect((await previewOf("Mail,Code,Who,More\n")).suggested_mapping).not.toMatchObject({ strict: true });
    expect((await previewOf(csv("Code,Who,Mail"), (await mintTenant()).client)).suggested_mapping).not.toMatchObject({ strict: true });
  });

  it("is the one that was used last, under one entry that is counted, named, changed and forgotten", async () => {
    await importCsv(client, csv("Code,Who,Mail"), MAPPING);
    await importCsv(client, csv("Code,Who,Mail"), { ...MAPPING, field_mappings: { Who: "first_name" } });
    const [only, ...others] = await list();
    expect(others).toEqual([]);
    expect(only).toEqual({
      id: expect.stringMatching(/^map_[0-9a-f]{32}$/),
      name: "leads.csv",
      headers: ["Code", "Who", "Mail"],
      mapping: { ...MAPPING, mode: undefined, field_mappings: { Who: "first_name" } },
      used_count: 2,
      created_at: expect.stringMatching(/Z$/),
      used_at: expect.stringMatching(/Z$/),
    });
    const put = (json: object) => client.call("PUT", `${PATH}/${only?.id}`, { json });
    const renamed = await (await put({ name: " Fair " })).json<Remembered>();
    expect([renamed.name, renamed.mapping.field_mappings]).toEqual(["Fair", { Who: "first_name" }]);
    const changed = { primary_identifier: { column: "Mail", kind: "email" }, field_mappings: {}, alias_mappings: {} };
    expect((await (await put({ mapping: changed })).json<Remembered>()).mapping).toEqual(changed);
    expect((await previewOf(csv("Code,Who,Mail"))).suggested_mapping).toEqual(changed);
    expect((await readProblem(await put({}), 400)).detail).toContain("name, mapping");
    await importCsv(client, csv("Code,Who,Mail"), MAPPING);
    expect((await list())[0]?.name).toBe("Fair");

    expect((await client.call("DELETE", `${PATH}/${only?.id}`)).status).toBe(204);
    await readProblem(await client.call("DELETE", `${PATH}/${only?.id}`), 404);
    await readProblem(await put({ name: "x" }), 404);
    expect((await previewOf(csv("Code,Who,Mail"))).suggested_mapping).not.toMatchObject({ strict: true });
  });

  it("of a start that was refused is not remembered", async () => {
    const { file_id } = await (await client.call("POST", "/leads/import/preview", { body: csvForm(csv("Code,Who,Mail")) })).json<{
      file_id: string;
    }>();
    await readProblem(await client.post("/leads/import/start", { file_id, primary_identifier: { column: "Nothing", kind: "email" } }), 400);
    expect(await list()).toEqual([]);
  });
});
