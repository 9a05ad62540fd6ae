/** Exports of the usual tools, imported as the preview suggests: nobody is merged with somebody else, hardly anybody is lost. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readCsv } from "../../../src/core/csv";
import { cleanAliasCell, isTestLead } from "../../../src/core/imports/cells";
import { rowsOf } from "../../core/csv/reading";
import { EXPORTS, type ExportFile, type Identifier } from "../../fixtures/exports/exports";
import { csvForm, deliverAll, getJob, heldQueue, type Job, stored } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

const REACHED_SHARE = 0.95;

/** Imports a file by its suggested mapping alone. */
async function importAsSuggested(client: Client, { name, bytes, expected }: ExportFile) {
  const fields = expected.region === null ? {} : { default_region: expected.region };
  const previewed = await client.call("POST", "/leads/import/preview", { body: csvForm(bytes, { name, fields }) });
  expect(previewed.status).toBe(200);
  const { file_id, suggested_mapping } = await previewed.json<{ file_id: string; suggested_mapping: object | null }>();
  const queue = heldQueue();
  const started = await client.post(
    "/leads/import/start",
    { file_id, ...suggested_mapping },
    { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } },
  );
  expect(started.status, await started.clone().text()).toBe(202);
  const { job_id } = await started.json<{ job_id: string }>();
  const [message] = queue.sent;
  if (!message) throw new Error("starting sent no message");
  await deliverAll(message);
  return { job: (await getJob(client, job_id)) as Job & { primary_identifier: Identifier; identifiers: Identifier[] }, unit: message.unit };
}

/** Of each row the lead that its first usable identifier finds. */
async function leadsOfRows(unit: number, { bytes, expected }: ExportFile, identifiers: Identifier[]): Promise<(string | null)[]> {
  const { results } = await env.DB.prepare("SELECT kind || ':' || value AS key, lead_id FROM aliases WHERE unit = ?1")
    .bind(unit)
    .all<{ key: string; lead_id: string }>();
  const owners = new Map(results.map(({ key, lead_id }) => [key, lead_id]));
  const read = readCsv(bytes);
  if (!read.ok) throw new Error(read.problem.detail);
  const { headers } = read.table;
  return rowsOf(read.table).map(({ cells }) => {
    if (isTestLead(cells)) return null;
    const keys = identifiers.flatMap(({ column, kind }) =>
      cleanAliasCell(kind, cells[headers.indexOf(column)] ?? "", { region: expected.region }).values.map(({ value }) => `${kind}:${value}`),
    );
    return keys[0] === undefined ? null : (owners.get(keys[0]) ?? null);
  });
}

it("there are twenty-one of them", () => expect(EXPORTS).toHaveLength(21));

it.each(EXPORTS.map((file) => [file.name, file] as const))("%s", async (_, file) => {
  const { client } = await mintTenant();
  const { job, unit } = await importAsSuggested(client, file);
  const { people } = file.expected;
  expect(job).toMatchObject({ status: "completed", total_rows: people.length });
  expect(job.created_count + job.changed_count + job.unchanged_count + job.failed_count).toBe(people.length);
  const leads = await leadsOfRows(unit, file, [job.primary_identifier, ...job.identifiers]);
  const peopleOf = new Map<string, Set<string | null>>();
  for (const [row, lead] of leads.entries()) {
    if (lead !== null) peopleOf.set(lead, new Set([...(peopleOf.get(lead) ?? []), people[row] ?? null]));
  }
  expect([...peopleOf.values()].filter((found) => found.size > 1 || found.has(null))).toEqual([]);
  const identified = new Set(people.filter((person) => person !== null));
  const reached = new Set([...peopleOf.values()].flatMap((found) => [...found]));
  expect(reached.size).toBeGreaterThanOrEqual(REACHED_SHARE * identified.size);
  const { leads: stored_leads } = await stored(unit);
  expect(stored_leads).toBeLessThanOrEqual(identified.size);
});
