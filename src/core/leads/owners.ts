import type { UnitDb } from "../../context";
import { type Alias, aliasKey } from "./alias";
import type { Owners } from "./place-aliases";
import { type AliasOwner, selectOwners } from "./store";

/** Which leads own these aliases. One D1 round trip. */
export async function aliasOwners(db: UnitDb, aliases: readonly Alias[]): Promise<Owners> {
  return readOwners(await db.all<AliasOwner>(selectOwners(db, aliases)));
}

/** What `selectOwners` answered. */
export const readOwners = (rows: readonly AliasOwner[]): Owners => new Map(rows.map((row) => [aliasKey(row), row.lead_id]));

export const sameOwners = (a: Owners, b: Owners): boolean => a.size === b.size && [...a].every(([key, lead]) => b.get(key) === lead);
