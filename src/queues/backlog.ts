/** How much waits in the queue of events. */
const CACHE_TTL_MS = 5_000;
/** Cloudflare keeps 25 GB a queue. */
const BYTES_MAX = 20_000_000_000;

/** `oldest_at` in ms; null: unknown, or nothing waits. */
export type Backlog = { messages: number; bytes: number; oldest_at: number | null };

const cache = new WeakMap<Queue, { backlog: Promise<Backlog | null>; until: number }>();

/** Read at most every 5 seconds by an isolate. Null where the queue does not say. */
export function readBacklog(queue: Queue, now: number): Promise<Backlog | null> {
  const known = cache.get(queue);
  if (known && known.until > now && known.until <= now + CACHE_TTL_MS) return known.backlog;
  const backlog = fetchBacklog(queue);
  cache.set(queue, { backlog, until: now + CACHE_TTL_MS });
  return backlog;
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
