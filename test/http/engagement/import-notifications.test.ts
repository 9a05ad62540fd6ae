/** Notification channels that opt in are notified of an import's end: once, whatever goes wrong. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HOOK, heldDeliveries, nudge, receiver, type Shown } from "../../support/deliveries";
import {
  CONTACTS_MAPPING,
  contactsCsv,
  csvForm,
  deliver,
  deliverAll,
  getJob,
  heldImport,
  heldQueue,
  interceptedD1,
} from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const PATH = "/notification-channels";

let client: Client;
beforeEach(async () => {
  vi.unstubAllGlobals();
  client = (await mintTenant()).client;
});

async function subscribe(events: string[]): Promise<string> {
  const answer = await client.post(PATH, { name: "Imports", type: "webhook", config: { url: HOOK }, events });
  const channel = await answer.json<{ id: string; events: string[] }>();
  expect([answer.status, channel.events]).toEqual([201, events]);
  return channel.id;
}

async function deliveries(): Promise<Shown[]> {
  const listed = await (await client.get("/deliveries")).json<{ deliveries: { delivery_id: string }[] }>();
  return Promise.all(listed.deliveries.map(async ({ delivery_id }) => (await client.get(`/deliveries/${delivery_id}`)).json<Shown>()));
}

describe("opting in", () => {
  it("is shown, changed and taken back", async () => {
    const id = await subscribe(["import.completed"]);
    const put = async (json: object) => (await client.call("PUT", `${PATH}/${id}`, { json })).json<{ events: string[] }>();
    expect((await put({ name: "Other" })).events).toEqual(["import.completed"]);
    expect((await put({ events: ["import.failed", "import.failed"] })).events).toEqual(["import.failed"]);
    expect((await put({ events: [] })).events).toEqual([]);
    const refused = await client.call("PUT", `${PATH}/${id}`, { json: { events: ["import.begun"] } });
    expect((await readProblem(refused, 400)).errors?.[0]).toMatchObject({
      path: "events.0",
      message: expect.stringContaining("import.completed"),
    });
  });
});

describe("the end of an import", () => {
  it("is a signed webhook with the job's counts, to each channel that opted in and to no other", async () => {
    const channel = await subscribe(["import.completed", "import.failed"]);
    await subscribe(["import.failed"]);
    await subscribe([]);
    const { job_id, message } = await heldImport(client, `${contactsCsv(2)}not-an-email,X,\n`, { ...CONTACTS_MAPPING, strict: true });
    const queue = heldDeliveries();
    await deliver(message, { DELIVERY_QUEUE: queue.DELIVERY_QUEUE });
    const [delivery, ...others] = await deliveries();
    expect(others).toEqual([]);
    expect(delivery).toMatchObject({ channel_id: channel, event_type: "import.completed", status: "pending" });
    expect(delivery?.payload).toEqual({
      type: "import.completed",
      timestamp: expect.stringMatching(/Z$/),
      data: {
        job_id,
        kind: "leads",
        status: "completed",
        file_name: "leads.csv",
        total_rows: 3,
        created_count: 2,
        updated_count: 0,
        failed_count: 1,
        changed_count: 0,
        unchanged_count: 0,
        skipped_count: 0,
        warnings_count: 0,
        completed_with_errors: true,
        completed_at: expect.stringMatching(/Z$/),
      },
    });
    expect(queue.sent).toEqual([{ unit: message.unit, delivery_id: delivery?.delivery_id, delaySeconds: 0 }]);
    const received = receiver();
    await nudge(queue.sent);
    expect(received[0]?.headers.get("webhook-signature")).toMatch(/^v1,/);
    expect(JSON.parse(received[0]?.body ?? "")).toEqual(delivery?.payload);
  });

  it("is notified once although the message comes three times and the process dies after the last commit", async () => {
    await subscribe(["import.completed"]);
    const { job_id, message } = await heldImport(client, contactsCsv(1500));
    const DB = interceptedD1(async ({ chunk }, run) => {
      const result = await run();
      if (chunk === 1) throw new Error("died after the commit");
      return result;
    });
    await deliver(message, { DB });
    await Promise.all([deliver(message), deliver(message)]);
    await deliverAll(message);
    expect((await getJob(client, job_id)).status).toBe("completed");
    expect(await deliveries()).toHaveLength(1);
  });

  it("is notified of an import of events, and of one that failed", async () => {
    await subscribe(["import.completed", "import.failed"]);
    const queue = heldQueue();
    const events = csvForm("event_type,email\nPage View,ann@example.com\n");
    expect((await client.call("POST", "/import", { body: events, bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } })).status).toBe(202);
    await deliverAll(queue.sent[0] as (typeof queue.sent)[number]);
    const { job_id, message } = await heldImport(client, contactsCsv(1));
    const { object_key } = (await env.DB.prepare(
      "SELECT object_key FROM import_files f JOIN import_jobs j USING (unit, file_id) WHERE job_id = ?1",
    )
      .bind(job_id)
      .first<{ object_key: string }>()) ?? { object_key: "" };
    await env.FILES.delete(object_key);
    await deliverAll(message);
    const told = (await deliveries()).map(({ event_type, payload }) => [event_type, payload.data.kind, payload.data.completed_with_errors]);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(["import.completed", "events", false]);
    expect(told).toContainEqual(["import.failed", "leads", false]);
  });

  it("is not notified of a job that was cancelled", async () => {
    await subscribe(["import.completed", "import.failed"]);
    const { job_id, message } = await heldImport(client, contactsCsv(1));
    expect((await client.post(`/leads/import/jobs/${job_id}/cancel`)).status).toBe(200);
    await deliver(message);
    expect(await deliveries()).toEqual([]);
  });
});
