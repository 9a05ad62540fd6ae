/** The journal of an operation over many leads: what it contains, what it costs, and that a deleted lead leaves it. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { deleteLead } from "../../../src/core/erasure";
import { readEntries } from "../../../src/core/undo/entry";
import type { JournalKind } from "../../../src/vocabulary";
import { mintCtx, tracesOf } from "../../support/context";
import { CONTACTS_MAPPING, contactsCsv, deliverAll, heldImport, type Mapping } from "../../support/imports";
import type { Client } from "../../support/tenant";

async function imported(client: Client, csv: string, mapping: Mapping = CONTACTS_MAPPING): Promise<string> {
  const { job_id, message } = await heldImport(client, csv, mapping);
  await deliverAll(message);
  return job_id;
}

async function journalOf(unit: number, operationId: string) {
  const { results } = await env.DB.prepare(
    "SELECT kind, entries, chunk_no, part, first_lead_id, last_lead_id FROM undo_journal WHERE unit = ?1 AND operation_id = ?2 ORDER BY chunk_no, part",
  )
    .bind(unit, operationId)
    .all<{ kind: JournalKind; entries: string; chunk_no: number; part: number; first_lead_id: string; last_lead_id: string }>();
  return results.map((row) => ({ ...row, ...readEntries(row) }));
}

describe("the undo journal", () => {
  it("has created leads as they were created, one row for a chunk", async () => {
    const { tenant, unit } = await mintCtx();
    const job = await imported(tenant.client, contactsCsv(1500));
    const rows = await journalOf(unit.unit, job);
    expect(rows.map(({ kind, chunk_no, part, created }) => [kind, chunk_no, part, created.length])).toEqual([
      ["created", 0, 0, 1000],
      ["created", 1, 0, 500],
    ]);
    expect(rows[0]?.created[0]).toMatchObject({
      profile: { first_name: "Name 0" },
      aliases: [
        ["email", "p0@example.com", null, expect.any(Number)],
        ["phone", "+12000000001", null, expect.any(Number)],
      ],
    });
    expect(rows.map(({ first_lead_id, last_lead_id, created }) => [first_lead_id, last_lead_id, created.length])).toEqual(
      rows.map(({ created }) => [created[0]?.lead_id, created.at(-1)?.lead_id, created.length]),
    );
  });

  it("has the previous values of changed leads, read in the same batch, and no row when nothing changes", async () => {
    const { tenant, unit } = await mintCtx();
    await imported(tenant.client, "Email,Name,Company\na@example.com,Ann Lee,Acme\nb@example.com,Bob,\n", {
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { Name: "name", Company: "company" },
    });
    const csv = "Email,First Name,Phone\na@example.com,Anna,+12125550100\n";
    const [row, ...others] = await journalOf(unit.unit, await imported(tenant.client, csv));
    expect(others).toEqual([]);
    expect(row?.changed).toMatchObject([
      {
        before: { name: "Ann Lee" },
        patch: { first_name: "Anna", name: null },
        gained: [["phone", "+12125550100", null, expect.any(Number)]],
        again: false,
        order: ["name", "company"],
        columns: {},
        columns_before: {},
      },
    ]);
    expect(await journalOf(unit.unit, await imported(tenant.client, csv))).toEqual([]);
  });

  it("has the conflicts that were opened, by the lead that was refused the alias", async () => {
    const { tenant, unit } = await mintCtx();
    await imported(tenant.client, contactsCsv(1));
    const rows = await journalOf(
      unit.unit,
      await imported(tenant.client, "Email,First Name,Phone\nother@example.com,Other,+12000000001\n"),
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["created", "conflicts"]);
    expect(rows[1]?.conflicts).toEqual([{ lead_id: rows[0]?.created[0]?.lead_id, kind: "phone", value: "+12000000001" }]);
  });

  it("forgets a lead that is deleted", async () => {
    const ctx = await mintCtx();
    const job = await imported(ctx.tenant.client, contactsCsv(3));
    const [row] = await journalOf(ctx.unit.unit, job);
    const [first, second, third] = row?.created.map(({ lead_id }) => lead_id) ?? [];
    await deleteLead(ctx, second ?? "");
    expect(await tracesOf(ctx.unit.unit, second ?? "")).toEqual({ change_log: 2 });
    expect((await journalOf(ctx.unit.unit, job))[0]?.created.map(({ lead_id }) => lead_id)).toEqual([first, third]);
  });
});
