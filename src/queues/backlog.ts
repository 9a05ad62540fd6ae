/** How much waits in the queue of events. */
const CACHE_TTL_MS = 5_000;
const READ_WITHIN_MS = 1_000;
/** Cloudflare keeps 25 GB a queue. */
const BYTES_MAX = 20_000_000_000;

/** `oldest_at` in ms; null: unknown, or nothing waits. */
export type Backlog = { messages: number; bytes: number; oldest_at: number | null };

/** The values, never a pending read: what another request waits for is lost with that request. */
const kept = new WeakMap<Queue, { backlog: Backlog | null; readAt: number }>();

/** Read at most every 5 seconds by an isolate; meanwhile, the last value. Null where the queue does not say, or not within a second. */
export async function readBacklog(queue: Queue, now: number): Promise<Backlog | null> {
  const known = kept.get(queue);
  if (known && known.readAt <= now && now < known.readAt + CACHE_TTL_MS) return known.backlog;
  // those who come while it is read take the last value
  if (known) kept.set(queue, { ...known, readAt: now });
  const backlog = await within(READ_WITHIN_MS, fetchBacklog(queue));
  kept.set(queue, { backlog, readAt: now });
  return backlog;
}

async function within<Value>(ms: number, value: Promise<Value>): Promise<Value | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((done) => {
    timer = setTimeout(() => done(null), ms);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchBacklog(queue: Queue): Promise<Backlog | null> {
  try {
    const { backlogCount, backlogBytes, oldestMessageTimestamp } = await queue.metrics();
    return { messages: backlogCount, bytes: backlogBytes, oldest_at: oldestMessageTimestamp?.getTime() || null };
  } catch {
    // a queue that says nothing holds nobody up
    return null;
  }
}

export const isOverfull = (backlog: Backlog | null, messagesMax: number): boolean =>
  backlog !== null && (backlog.messages > messagesMax || backlog.bytes > BYTES_MAX);

/** `null`: unknown. */
export const backlogGauges = (backlog: Backlog | null, now: number): Record<"queue_depth" | "queue_oldest_seconds", number | null> => ({
  queue_depth: backlog?.messages ?? null,
  queue_oldest_seconds: backlog && (backlog.oldest_at === null ? 0 : Math.max(0, (now - backlog.oldest_at) / 1000)),
});
