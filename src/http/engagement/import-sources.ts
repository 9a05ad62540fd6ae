/** Standing imports. */
import { z } from "@hono/zod-openapi";
import {
  approveImportSource,
  changeImportSource,
  createImportSource,
  deleteImportSource,
  discardImportSource,
  type ImportSource,
  ImportSourceInput,
  listImportSources,
  pollImportSource,
  requireImportSource,
  STOP_CODES,
} from "../../core/imports";
import { isoTime, isoTimeOrNull } from "../../time";
import { SOURCE_SCHEDULES } from "../../vocabulary";
import { rememberAfter, remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { MappingBody } from "./import-start-body";
import { Timestamp } from "./schemas";

const tags = ["Lead import"];
const MAPPING = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name", Company: "company" },
  alias_mappings: { Phone: "_alias_phone" },
};
const STOPS = { changed_percent: 50, failed_percent: 10, placeholder_percent: 20 };
const BODY = {
  name: "Sign-up sheet",
  url: "https://docs.google.com/spreadsheets/d/1abc/export?format=csv",
  schedule: "daily" as const,
  mapping: MAPPING,
  stops: STOPS,
  active: true,
};
const SourceBody = ImportSourceInput.extend({ mapping: MappingBody });

const Waiting = z.object({
  since: Timestamp,
  plan_id: z
    .string()
    .nullable()
    .openapi({ description: "`GET /leads/import/plans/{plan_id}` shows it; null when the mapping does not fit the file" }),
  reasons: z.array(z.object({ code: z.enum(STOP_CODES), message: z.string() })),
  total_rows: z.number().int(),
  counts: z
    .object({ created: z.number().int(), changed: z.number().int(), unchanged: z.number().int(), failed: z.number().int() })
    .nullable(),
});

const Source = z
  .object({
    source_id: z.string(),
    name: z.string(),
    url: z.string(),
    schedule: z.enum(SOURCE_SCHEDULES),
    mapping: z.looseObject({ primary_identifier: z.object({ column: z.string(), kind: z.string() }) }),
    stops: ImportSourceInput.shape.stops,
    active: z.boolean(),
    status: z.enum(["idle", "polling", "planning", "waiting", "failing"]),
    created_at: Timestamp,
    updated_at: Timestamp,
    last_polled_at: Timestamp.nullable(),
    next_poll_at: Timestamp,
    last_job_id: z.string().nullable(),
    last_error: z.string().nullable(),
    waiting: Waiting.nullable().openapi({ description: "A version of the file that is not imported until somebody approves it" }),
  })
  .openapi("ImportSource");

const EXAMPLE = {
  source_id: "src_0193f3a2c7b07aa18000c0ffee123456",
  ...BODY,
  status: "idle" as const,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
  last_polled_at: "2026-01-15T10:00:05.000Z",
  next_poll_at: "2026-01-16T10:00:05.000Z",
  last_job_id: "job_0193f3a2c7b07aa18000c0ffee123456",
  last_error: null,
  waiting: null,
};

const NOT_FOUND = { 404: "Import source not found" };
const params = z.object({ sourceId: z.string().openapi({ example: EXAMPLE.source_id }) });

const list = unitRoute("/leads/import/sources", {
  operationId: "listImportSources",
  method: "get",
  tags,
  summary: "List standing imports",
  description: "For editors only: a URL may contain the key to its file.",
  role: "editor",
  responses: { 200: jsonResponse("The sources", z.object({ sources: z.array(Source) }), { sources: [EXAMPLE] }) },
});

const create = unitRoute("/leads/import/sources", {
  operationId: "createImportSource",
  method: "post",
  tags,
  summary: "Create a standing import",
  idempotent: true,
  description:
    "The URL is polled on the schedule, the first time at once, and each new version of its file is imported once. A version waits for a person, and nothing is written, when its columns have changed or when more of its rows than `stops` allow would change a lead, fail, or hold a placeholder; channels with the event `import.stopped` are notified.",
  role: "editor",
  request: { body: jsonBody(SourceBody, BODY) },
  responses: { 201: jsonResponse("The source", Source, EXAMPLE) },
  errors: { 400: "A URL that is not https or not public, an invalid mapping", 409: "The org unit keeps 50 sources" },
});

const get = unitRoute("/leads/import/sources/{sourceId}", {
  operationId: "getImportSource",
  method: "get",
  tags,
  summary: "Get a standing import",
  role: "editor",
  request: { params },
  responses: { 200: jsonResponse("The source", Source, EXAMPLE) },
  errors: NOT_FOUND,
});

const change = unitRoute("/leads/import/sources/{sourceId}", {
  operationId: "replaceImportSource",
  method: "put",
  tags,
  summary: "Replace a standing import",
  description: "Fields left out get their defaults. A waiting version is planned again.",
  role: "editor",
  request: { params, body: jsonBody(SourceBody, BODY) },
  responses: { 200: jsonResponse("The source", Source, EXAMPLE) },
  errors: { ...NOT_FOUND, 400: "A URL that is not https or not public, an invalid mapping" },
});

const remove = unitRoute("/leads/import/sources/{sourceId}", {
  operationId: "deleteImportSource",
  method: "delete",
  tags,
  summary: "Delete a standing import",
  description: "Its jobs and leads stay.",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

const action = <const Name extends "poll" | "approve" | "discard">(name: Name, summary: string, description: string, conflict: string) =>
  unitRoute(`/leads/import/sources/{sourceId}/${name}`, {
    operationId: `${name}ImportSource`,
    method: "post",
    tags,
    summary,
    description,
    idempotent: true,
    role: "editor",
    request: { params },
    responses: { 202: jsonResponse("The source", Source, EXAMPLE) },
    errors: { ...NOT_FOUND, 409: conflict },
  });

const poll = action("poll", "Poll a standing import now", "Otherwise it is polled on its schedule.", "The source is not active");
const approve = action("approve", "Import the version that waits", "As its plan says.", "No version waits, or the mapping does not fit it");
const discard = action("discard", "Pass over the version that waits", "The next version is compared with it.", "No version waits");

function statusOf({ claimed_at, pending, failures }: ImportSource): z.infer<typeof Source>["status"] {
  if (pending) return pending.state;
  if (claimed_at !== null) return "polling";
  return failures > 0 ? "failing" : "idle";
}

const view = (source: ImportSource): z.infer<typeof Source> => ({
  source_id: source.source_id,
  name: source.name,
  url: source.url,
  schedule: source.schedule,
  mapping: source.mapping,
  stops: source.stops,
  active: source.active,
  status: statusOf(source),
  created_at: isoTime(source.created_at),
  updated_at: isoTime(source.updated_at),
  last_polled_at: isoTimeOrNull(source.last_polled_at),
  next_poll_at: isoTime(source.next_poll_at),
  last_job_id: source.last_job_id,
  last_error: source.last_error,
  waiting:
    source.pending?.state === "waiting"
      ? {
          since: isoTime(source.pending.since),
          plan_id: source.pending.plan_id,
          reasons: source.pending.reasons,
          total_rows: source.pending.total_rows,
          counts: source.pending.counts,
        }
      : null,
});

export const importSources = createRouter()
  .openapi(list, async (c) => c.json({ sources: (await listImportSources(c.get("ctx"))).map(view) }, 200))
  .openapi(create, async (c) => {
    const source = await createImportSource(c.get("ctx"), c.req.valid("json"), remembering(c, 201, view));
    return c.json(view(source), 201);
  })
  .openapi(get, async (c) => c.json(view(await requireImportSource(c.get("ctx"), c.req.valid("param").sourceId)), 200))
  .openapi(change, async (c) =>
    c.json(view(await changeImportSource(c.get("ctx"), c.req.valid("param").sourceId, c.req.valid("json"))), 200),
  )
  .openapi(remove, async (c) => {
    await deleteImportSource(c.get("ctx"), c.req.valid("param").sourceId);
    return c.body(null, 204);
  })
  .openapi(poll, async (c) => {
    rememberAfter(c);
    return c.json(view(await pollImportSource(c.get("ctx"), c.req.valid("param").sourceId)), 202);
  })
  .openapi(approve, async (c) => {
    rememberAfter(c);
    return c.json(view(await approveImportSource(c.get("ctx"), c.req.valid("param").sourceId)), 202);
  })
  .openapi(discard, async (c) => {
    rememberAfter(c);
    return c.json(view(await discardImportSource(c.get("ctx"), c.req.valid("param").sourceId)), 202);
  });
