/** Every verb of imports that writes refuses a viewer and input outside its limits, whichever dialect calls it. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  abortUpload,
  cancelEventImport,
  cancelImportJob,
  changeMapping,
  changePlaceholders,
  completeUpload,
  createUpload,
  forgetMapping,
  importEvents,
  listMappings,
  planImport,
  previewImport,
  putPart,
  startImport,
  startPlannedImport,
  undoImport,
} from "../../../src/core/imports";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";
import { heldQueue } from "../../support/imports";
import { editorsOnly } from "../../support/roles";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const LEADS = { bytes: bytesOf("Email,Name\na@example.com,Ada\n"), file_name: "leads.csv" };
const EVENTS = { bytes: bytesOf("event_type,email\nVisit,a@example.com\n"), file_name: "events.csv" };
const MAPPING = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { Name: "name" } };

type Given = { ctx: Ctx; file_id: string; job_id: string; plan_id: string; mapping_id: string; upload_id: string };

async function mintGiven(): Promise<Given> {
  const ctx = withRole(await mintCtx({ IMPORT_QUEUE: heldQueue().IMPORT_QUEUE }), "editor");
  const { file_id } = await previewImport(ctx, LEADS);
  const { job } = await startImport(ctx, file_id, MAPPING);
  const { plan_id } = await planImport(ctx, file_id, MAPPING);
  const { upload_id } = await createUpload(ctx, { file_name: "leads.csv", size: LEADS.bytes.length });
  await putPart(ctx, upload_id, 1, LEADS.bytes);
  const { mappings } = await listMappings(ctx, 1, 1);
  return { ctx, file_id, job_id: job.job_id, plan_id, mapping_id: mappings[0]?.mapping_id ?? "", upload_id };
}

const TABLES = [
  ...["import_files", "import_jobs", "import_plans", "import_mappings", "import_placeholders"],
  ...["import_uploads", "import_upload_parts"],
];
const stored = ({ ctx: { unit } }: Given) => Promise.all(TABLES.map((table) => rowsOf(unit.unit, table)));

const VERBS: [string, (given: Given) => Promise<unknown>][] = [
  ["previewImport", ({ ctx }) => previewImport(ctx, LEADS)],
  ["startImport", ({ ctx, file_id }) => startImport(ctx, file_id, { ...MAPPING, alias_mappings: { Email: "_alias_email" } })],
  ["planImport", ({ ctx, file_id }) => planImport(ctx, file_id, MAPPING)],
  ["startPlannedImport", ({ ctx, plan_id }) => startPlannedImport(ctx, { plan_id })],
  ["createUpload", ({ ctx }) => createUpload(ctx, { file_name: "a.csv", size: 5 })],
  ["completeUpload", ({ ctx, upload_id }) => completeUpload(ctx, upload_id, {})],
  ["abortUpload", ({ ctx, upload_id }) => abortUpload(ctx, upload_id)],
  ["importEvents", ({ ctx }) => importEvents(ctx, EVENTS, { skip_triggers: false })],
  ["changeMapping", ({ ctx, mapping_id }) => changeMapping(ctx, mapping_id, { name: "Fair" })],
  ["changePlaceholders", ({ ctx }) => changePlaceholders(ctx, { added: ["nobody*"] })],
  ["forgetMapping", ({ ctx, mapping_id }) => forgetMapping(ctx, mapping_id)],
  ["cancelImportJob", ({ ctx, job_id }) => cancelImportJob(ctx, job_id)],
  ["undoImport", ({ ctx, job_id }) => undoImport(ctx, job_id)],
];

editorsOnly(VERBS, mintGiven, stored);

const UPLOADS = [
  undefined,
  null,
  {},
  ...[undefined, null, "text", [97], new ArrayBuffer(4)].map((bytes) => ({ ...LEADS, bytes })),
  ...[undefined, 5].map((file_name) => ({ ...LEADS, file_name })),
  { ...LEADS, delimiter: "x" },
  { ...LEADS, encoding: "utf-7" },
  ...[-1, 1.5, "1", Number.NaN].map((header_row) => ({ ...LEADS, header_row })),
  ...["ZZ", "", 49].map((default_region) => ({ ...LEADS, default_region })),
];
const MAPPINGS = [
  undefined,
  null,
  [],
  {},
  ...[null, "Email", {}, { column: "Email" }, { column: 5, kind: "email" }, { column: "", kind: "email" }].map((primary_identifier) => ({
    primary_identifier,
  })),
  { primary_identifier: { column: "Email", kind: "fax" } },
  { primary_identifier: { column: "Mail", kind: "email" } },
  ...[null, [], "x", { Name: 5 }, { Nome: "name" }].map((field_mappings) => ({ ...MAPPING, field_mappings })),
  ...[null, {}, [{ column: "Email" }], [{ column: "Mail", kind: "email" }], [{ column: "Email", kind: "fax" }]].map((identifiers) => ({
    ...MAPPING,
    identifiers,
  })),
  ...["insert", null, 5].map((mode) => ({ ...MAPPING, mode })),
  ...[null, { Name: "erase" }, { Nome: "overwrite" }].map((column_modes) => ({ ...MAPPING, column_modes })),
  ...["seat", [5], [""], ["a/b"], ["x".repeat(65)], Array.from({ length: 51 }, (_, n) => `f${n}`)].map((create_fields) => ({
    ...MAPPING,
    create_fields,
  })),
  ...["yes", 1].flatMap((flag) => [
    { ...MAPPING, strict: flag },
    { ...MAPPING, keep_unmapped_columns: flag },
  ]),
  ...["-", [5], ["x".repeat(201)], Array.from({ length: 1001 }, () => "x")].map((placeholders) => ({ ...MAPPING, placeholders })),
  ...[null, { Name: ["_alias_phone"] }, { Name: "phone" }, { Name: "_alias_fax" }].map((alias_mappings) => ({
    ...MAPPING,
    alias_mappings,
  })),
];

const EVENT_OPTIONS = [
  undefined,
  null,
  {},
  { skip_triggers: "yes" },
  { skip_triggers: true, time_zone: "Mars/Olympus" },
  { skip_triggers: true, column_mapping: { When: 5 } },
];

it("input outside the limits is invalid_request, and nothing is stored", async () => {
  const given = await mintGiven();
  const { ctx, file_id, plan_id } = given;
  const before = await stored(given);
  const verbs: [verb: string, inputs: unknown[], call: (input: never) => Promise<unknown>][] = [
    ["previewImport", UPLOADS, (input) => previewImport(ctx, input)],
    ["importEvents", UPLOADS, (input) => importEvents(ctx, input, { skip_triggers: false })],
    ["importEvents options", EVENT_OPTIONS, (input) => importEvents(ctx, EVENTS, input)],
    ["startImport", MAPPINGS, (input) => startImport(ctx, file_id, input)],
    ["startImport file_id", [undefined, null, "", 5, {}], (input) => startImport(ctx, input, MAPPING)],
    ["planImport", MAPPINGS, (input) => planImport(ctx, file_id, input)],
    ["planImport file_id", [undefined, null, "", 5, {}], (input) => planImport(ctx, input, MAPPING)],
    ["startPlannedImport", [undefined, null, {}, { plan_id: 5 }, { plan_id, file_id: "other" }], (input) => startPlannedImport(ctx, input)],
    ["startPlannedImport mapping", MAPPINGS.slice(1), (input) => startPlannedImport(ctx, { plan_id, mapping: input })],
    ["cancelImportJob", [undefined, null, 5, {}, ["job"]], (input) => cancelImportJob(ctx, input)],
    ["undoImport", [undefined, null, 5, {}, ["job"]], (input) => undoImport(ctx, input)],
    ["cancelEventImport", [undefined, null, 5, {}, ["job"]], (input) => cancelEventImport(ctx, input)],
  ];
  for (const [verb, inputs, call] of verbs) {
    for (const input of inputs) {
      const refusal = await call(input as never).catch((error: unknown) => error);
      expect(refusal, `${verb} ${JSON.stringify(input)}`).toMatchObject({ code: "invalid_request" });
    }
  }
  expect(await stored(given)).toEqual(before);
});
