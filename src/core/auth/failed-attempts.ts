/**
 * Wrong credentials, counted for each network address in this isolate. From the 60th within a minute an address gets no look-up in the
 * database any more, except for secrets that can be right: those with a valid tag, and those of the closed set of credentials without one.
 */
import type { CallerCtx, Directory } from "../../context";
import { sha256Hex } from "../../hash";
import { logError } from "../../log";
import { RateLimited } from "../../quotas";
import { TtlCache } from "../../ttl-cache";
import { hasValidTag } from "./secret-tag";
import { listUntaggedHashes } from "./store";

const FAILURES_MAX = 60;
const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;
/** At this many failures the set of untagged secrets is read, so that it is there when it is needed. */
const FAILURES_BEFORE_READING = FAILURES_MAX / 2;
const UNTAGGED_TTL_MS = 60_000;
/** With more untagged credentials than this every secret passes for one of them. */
const UNTAGGED_MAX = 50_000;

export type AttemptCtx = { address: string | null; directory: Directory; tagKeys: CallerCtx["tagKeys"]; now(): number };

/** Times of the failures of the last minute, oldest first; addresses in the order of their last failure. */
const failures = new Map<string, number[]>();
const untagged = new TtlCache<{ hashes: ReadonlySet<string> | null }>(UNTAGGED_TTL_MS);

/** Counts a failure. Throws rate_limited in place of the 60th within a minute and all that follow. */
export async function recordFailure(ctx: AttemptCtx): Promise<void> {
  const { address } = ctx;
  // without Cloudflare in front there is no address to count by
  if (address === null) return;
  const times = recentFailures(address, ctx.now());
  if (times.length >= FAILURES_MAX - 1) throw tooManyFailures(times, ctx.now());
  times.push(ctx.now());
  failures.delete(address);
  failures.set(address, times);
  if (failures.size > ADDRESSES_MAX) failures.delete(failures.keys().next().value ?? "");
  if (times.length === FAILURES_BEFORE_READING) await readUntagged(ctx);
}

/** Throws rate_limited for an address that has failed too often within the minute: for secrets that are looked up elsewhere. */
export function requireAttempt({ address, now }: AttemptCtx): void {
  const times = address === null ? [] : recentFailures(address, now());
  if (times.length >= FAILURES_MAX - 1) throw tooManyFailures(times, now());
}

/** Whether a secret is worth a look-up: every secret, until the address has failed too often. */
export async function isWorthLookUp(ctx: AttemptCtx, secret: string): Promise<boolean> {
  if (ctx.address === null || recentFailures(ctx.address, ctx.now()).length < FAILURES_MAX - 1) return true;
  if (hasValidTag(ctx.tagKeys, secret)) return true;
  const hashes = await readUntagged(ctx);
  return hashes === null || hashes.has(sha256Hex(secret));
}

function recentFailures(address: string, now: number): number[] {
  return (failures.get(address) ?? []).filter((at) => at > now - WINDOW_MS);
}

function tooManyFailures([oldest = 0]: number[], now: number): RateLimited {
  const seconds = Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1000));
  return new RateLimited("Too many wrong credentials from this address; try again later", seconds);
}

/** Hashes of the secrets that carry no tag of ours; null: too many to keep. Empty while the database fails: look-ups fail as well then. */
async function readUntagged({ directory, tagKeys, now }: AttemptCtx): Promise<ReadonlySet<string> | null> {
  const key = tagKeys.map(({ key_id }) => key_id).join();
  const found = untagged.get(key, now());
  if (found) return found.hashes;
  try {
    const listed = await listUntaggedHashes(
      directory,
      tagKeys.map(({ key_id }) => key_id),
      UNTAGGED_MAX + 1,
    );
    const hashes = listed.length > UNTAGGED_MAX ? null : new Set(listed);
    untagged.set(key, { hashes }, now());
    return hashes;
  } catch (error) {
    logError("untagged credentials not read", error);
    return new Set();
  }
}
