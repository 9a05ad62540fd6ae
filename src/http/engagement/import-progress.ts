/** The progress of imports as Server-Sent Events. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { followJob, type ImportJob, type JobEvent } from "../../core/imports";
import type { JobKind } from "../../vocabulary";
import { eventStream, type Frame, waiting } from "../event-stream";
import { unitRoute } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { eventJobView } from "./event-imports";
import { jobView } from "./import-views";

const params = z.object({ jobId: z.string().openapi({ example: "job_0193f3a2c7b07aa18000c0ffee123456" }) });
const headers = z.object({
  "last-event-id": z
    .string()
    .regex(/^(\d{1,9})?$/, "must be the id of an event of this stream: the number of a chunk")
    .optional()
    .openapi({ description: "The last event that was received: the stream goes on after it", example: "3" }),
});

const EXAMPLE = [
  'event: row_errors\nid: 0\ndata: {"errors":[{"row":45,"error":"Invalid email format","value":"not-an-email","column":"Email"}]}',
  'event: progress\nid: 0\ndata: {"processed_rows":1000,"total_rows":5000,"created_count":999,"updated_count":0,"failed_count":1,"rows_per_second":5000,"seconds_left":1}',
]
  .map((event) => `${event}\n\n`)
  .join("");

const streamOf = <const Path extends string>(path: Path, operationId: string, tag: string) =>
  unitRoute(path, {
    operationId,
    method: "get",
    tags: [tag],
    summary: "Follow a job as Server-Sent Events",
    description:
      "`progress` at once and after each chunk: `{processed_rows, total_rows, created_count, updated_count, failed_count, rows_per_second, seconds_left}`; `row_errors` with a chunk's failed rows, before its progress; `done` with the job. The event id is the number of the chunk: a client that reconnects with `Last-Event-ID` misses nothing. Ends after five minutes with `retry:`; a comment every 15 seconds keeps the connection open.",
    role: "viewer",
    request: { params, headers },
    responses: {
      200: { description: "The stream", content: { "text/event-stream": { schema: z.string(), example: EXAMPLE } } },
      204: { description: "The job has ended, and `Last-Event-ID` says that its `done` was received: there is nothing more to follow" },
    },
    errors: { 404: "Job ID does not exist or not accessible" },
  });

const followLeads = streamOf("/leads/import/jobs/{jobId}/events", "followImportJob", "Lead import");
const followEvents = streamOf("/import/jobs/{jobId}/events", "followEventImport", "Event import");

const VIEW_BY_KIND: Record<JobKind, (job: ImportJob) => object> = { leads: jobView, events: eventJobView };

async function follow(c: Context<HttpEnv>, kind: JobKind, jobId: string, lastEventId: string | undefined) {
  const { wait, stop } = waiting();
  const after = lastEventId ? Number(lastEventId) : -1;
  const events = await followJob(c.get("ctx"), jobId, kind, { after, wait });
  return events === null ? c.body(null, 204) : eventStream(c, framesOf(events, VIEW_BY_KIND[kind]), { stop });
}

async function* framesOf(events: AsyncGenerator<JobEvent>, view: (job: ImportJob) => object): AsyncGenerator<Frame> {
  for await (const event of events) {
    if (event.type === "ping") yield { comment: "ping" };
    else yield { event: event.type, id: event.chunk, data: event.type === "done" ? view(event.data) : event.data };
  }
}

export const importProgress = createRouter()
  .openapi(followLeads, (c) => follow(c, "leads", c.req.valid("param").jobId, c.req.valid("header")["last-event-id"]))
  .openapi(followEvents, (c) => follow(c, "events", c.req.valid("param").jobId, c.req.valid("header")["last-event-id"]));
