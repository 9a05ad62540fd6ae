/**
 * What this isolate has used of each org unit's quotas. A request is decided from memory: the unit's meter is called after the response,
 * at most once a second, and only by isolates that see a good part of the unit's rate.
 */
import type { OrgUnit } from "../context";
import { newUuid } from "../ids";
import { logError } from "../log";
import { neighbours } from "../neighbours";
import { quotaOf, rateQuotaReached } from "../quotas";
import { countUse } from "../usage";
import { TokenBucket } from "./token-bucket";

const REPORT_INTERVAL_MS = 1_000;
/** Isolates that see less than this part of the rate report nothing. */
const REPORTED_PART = 1 / 20;
/** What the meter said holds this long; without news the isolate has the whole rate again. */
const SHARE_TTL_MS = 5_000;
const UNITS_MAX = 10_000;

type Use = { bucket: TokenBucket; seen: number; since: number; share: number; shareUntil: number };

const uses = new Map<number, Use>();
let isolate: string | null = null;

/** Counts a request of the unit. `later` keeps the isolate alive for the report. Throws RateLimited. */
export function takeRequest(env: Env, unit: OrgUnit, now: number, later: (work: Promise<void>) => void): void {
  const limit = quotaOf(unit, "requests_per_second");
  const use = useOf(unit.unit, now);
  const share = use.shareUntil > now ? use.share : 1;
  const wait = use.bucket.take(limit * share, now);
  use.seen += 1;
  countUse(unit.unit, "requests", 1);
  neighbours.note(unit.unit, now);
  const elapsed = now - use.since;
  if (elapsed >= REPORT_INTERVAL_MS) {
    const perSecond = (use.seen * 1000) / elapsed;
    use.seen = 0;
    use.since = now;
    if (perSecond >= limit * REPORTED_PART) later(report(env, unit, use, perSecond));
  }
  if (wait !== null) throw rateQuotaReached("requests_per_second", limit, wait);
}

function useOf(unit: number, now: number): Use {
  const known = uses.get(unit);
  if (known) return known;
  const [oldest] = uses.keys();
  if (uses.size >= UNITS_MAX && oldest !== undefined) uses.delete(oldest);
  const use: Use = { bucket: new TokenBucket(), seen: 0, since: now, share: 1, shareUntil: 0 };
  uses.set(unit, use);
  return use;
}

/** A meter that is away takes nobody's service down: the isolate keeps to the whole rate. */
async function report(env: Env, { unit }: OrgUnit, use: Use, perSecond: number): Promise<void> {
  isolate ??= newUuid(Date.now());
  try {
    use.share = await env.UNIT_METERS.getByName(String(unit)).shareOf(isolate, perSecond);
    use.shareUntil = Date.now() + SHARE_TTL_MS;
  } catch (error) {
    logError("unit meter unavailable", error, { unit });
  }
}
