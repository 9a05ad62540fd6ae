/**
 * Requests and messages in flight may write after an organization's deletion: isolates cache its units for 30 seconds, and
 * messages are retried; an export may be running. For a week its units are emptied, and its exports removed, again.
 */
import type { Ctx } from "../../context";
import { DAY_MS } from "../../time";
import { eraseObjects, eraseUnit } from "./erase-unit";

export type ErasedUnit = { unit: number; shard: number };

const PREFIX = "erased-units/";
const ORGANIZATIONS_PREFIX = "erased-organizations/";
const WATCHED_MS = 7 * DAY_MS;
const UNITS_PER_TICK_MAX = 5;
/** None of them needs the database. */
const ORGANIZATIONS_PER_TICK_MAX = 50;
const SECONDS_PER_TICK = 10;

export async function watchErased(files: R2Bucket, { unit, shard }: ErasedUnit, now: number): Promise<void> {
  await files.put(`${PREFIX}${unit}.json`, JSON.stringify({ unit, shard, until: now + WATCHED_MS }));
}

export async function watchErasedOrganization(files: R2Bucket, organization_id: string, now: number): Promise<void> {
  await files.put(`${ORGANIZATIONS_PREFIX}${organization_id}.json`, JSON.stringify({ organization_id, until: now + WATCHED_MS }));
}

/** Removes every export of the organization; returns how many objects. */
export async function eraseExports(files: R2Bucket, organizationId: string): Promise<number> {
  let erased = 0;
  for (const prefix of ["exports", "export-states"]) erased += await eraseObjects(files, `${prefix}/${organizationId}/`);
  return erased;
}

/** After a restore: the organization's units are no longer emptied, and it can be deleted again. */
export async function forgetErasure(files: R2Bucket, rows: readonly { unit?: unknown; organization_id?: unknown }[]): Promise<void> {
  const keys = rows.flatMap(({ unit, organization_id }) => [
    ...(unit === undefined ? [] : [`${PREFIX}${Number(unit)}.json`]),
    ...(organization_id === undefined
      ? []
      : [`erasure-receipts/${String(organization_id)}.json`, `${ORGANIZATIONS_PREFIX}${String(organization_id)}.json`]),
  ]);
  if (keys.length > 0) await files.delete(keys);
}

/** `hasRoom`: whether the tick has statements for one more unit. */
type Erasing = { open: (unit: ErasedUnit) => Ctx; hasRoom: () => boolean };

/** Empties units, and removes exports, that were deleted in the last week, some a tick; returns how many rows and objects that took. */
export async function eraseLateWrites(files: R2Bucket, { open, hasRoom }: Erasing, now: () => number): Promise<number> {
  let erased = await eraseLateExports(files, now());
  const until = now() + SECONDS_PER_TICK * 1000;
  for (const key of await someOf(files, PREFIX, UNITS_PER_TICK_MAX)) {
    if (!hasRoom()) break;
    const watched = await (await files.get(key))?.json<ErasedUnit & { until: number }>();
    if (!watched) continue;
    const found = { rows: {} as Record<string, number>, objects: 0 };
    const isEmpty = await eraseUnit(open(watched), until, found);
    erased += Object.values(found.rows).reduce((sum, rows) => sum + rows, found.objects);
    if (isEmpty && watched.until <= now()) await files.delete(key);
  }
  return erased;
}

async function eraseLateExports(files: R2Bucket, now: number): Promise<number> {
  let erased = 0;
  for (const key of await someOf(files, ORGANIZATIONS_PREFIX, ORGANIZATIONS_PER_TICK_MAX)) {
    const watched = await (await files.get(key))?.json<{ organization_id: string; until: number }>();
    if (!watched) continue;
    erased += await eraseExports(files, watched.organization_id);
    if (watched.until <= now) await files.delete(key);
  }
  return erased;
}

/** Chosen at random, so that each has its turn, however many there are. */
async function someOf(files: R2Bucket, prefix: string, limit: number): Promise<string[]> {
  const { objects } = await files.list({ prefix });
  return objects
    .map(({ key }) => key)
    .toSorted(() => Math.random() - 0.5)
    .slice(0, limit);
}
