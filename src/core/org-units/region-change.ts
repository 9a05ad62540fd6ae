/** Another region of a unit, by which the phones of its leads are read again. */
import type { Directory } from "../../context";
import { findUnitsToRekey, formerRegions, unlessSameRegion, updateRekeyed } from "./store";

/** Isolates know a unit for half a minute: what they write meanwhile is read by its former region. */
const REKEY_AFTER_SECONDS = 60;
const UNITS_PER_TICK = 20;

/** What an update of the unit sets. The same region again changes nothing. */
export const regionChange = (default_region: string | null, now: number) => ({
  default_region,
  former_regions: formerRegions(default_region),
  rekeyed_to: unlessSameRegion(default_region, "", "rekeyed_to"),
  rekey_at: unlessSameRegion(default_region, now + REKEY_AFTER_SECONDS * 1000, "rekey_at"),
});

export type RegionChange = {
  unit: number;
  rekey_at: number;
  former: (string | null)[];
  /** the lead after which the work continues */
  after: string;
};

/** Those that are due, the longest first. One D1 round trip. */
export async function findRegionChanges(directory: Directory, now: number): Promise<RegionChange[]> {
  const rows = await findUnitsToRekey(directory, now, UNITS_PER_TICK);
  return rows.map(({ unit, former_regions, rekeyed_to, rekey_at }) => ({
    unit,
    rekey_at: rekey_at ?? 0,
    former: JSON.parse(former_regions ?? "[]") as (string | null)[],
    after: rekeyed_to,
  }));
}

/** `last`: the last lead that was read; null when all were. Returns false when the region has been changed again. One D1 round trip. */
export const saveRekeyed = (directory: Directory, change: RegionChange, last: string | null): Promise<boolean> =>
  updateRekeyed(
    directory,
    change,
    last === null
      ? { former_regions: null, rekeyed_to: "", rekey_at: null }
      : { former_regions: JSON.stringify(change.former), rekeyed_to: last, rekey_at: change.rekey_at },
  );
