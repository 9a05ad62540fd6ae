import { afterEach, expect, it, vi } from "vitest";
import { openOutbox } from "../../src/queues/outbox";

afterEach(() => vi.restoreAllMocks());

const refuse = () => Promise.reject(new Error("Too Many Requests"));
const lost = refuse;
const down = { send: refuse, sendBatch: refuse } as unknown as Queue;

it("a queue that is down fails no nudge: the failure is logged, and the sweep finds the work", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const outbox = openOutbox({ imports: down, events: down, deliveries: down, changes: lost }, 1);
  await outbox.importJob({ unit: 1, job_id: "job_1" });
  await outbox.deliveries([{ unit: 1, delivery_id: "dlv_1" }]);
  const lines = logged.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({ message: "import message not sent", job_id: "job_1", cause: "Too Many Requests" }),
    expect.objectContaining({ message: "delivery message not sent", delivery_id: "dlv_1", messages: 1 }),
  ]);
});

it("a queue that is down fails the acceptance of events, which are nowhere else", async () => {
  const outbox = openOutbox({ imports: down, events: down, deliveries: down, changes: lost }, 1);
  await expect(outbox.events({ unit: 1, events: [{ event_id: "evt_1" }] })).rejects.toThrow("Too Many Requests");
});

it("more deliveries than one send accepts go out in several, and none sends nothing", async () => {
  const sizes: number[] = [];
  const sendBatch = async (messages: unknown[]) => void sizes.push(messages.length);
  const outbox = openOutbox({ imports: down, events: down, deliveries: { sendBatch } as unknown as Queue, changes: lost }, 1);
  await outbox.deliveries([]);
  await outbox.deliveries(Array.from({ length: 250 }, (_, at) => ({ unit: 1, delivery_id: `dlv_${at}` })));
  expect(sizes).toEqual([100, 100, 50]);
});
