/** Conflicts: two leads were given one alias. Ids and cursors. Pure. */
import { sha256Hex } from "../../hash";
import { invalidRequest } from "../../validation";
import type { AliasKind } from "../../vocabulary";
import type { Lead } from "../leads";

export type ConflictKey = { kind: AliasKind; value: string; lead_id: string };

export type ConflictRow = ConflictKey & { owner_lead_id: string; source: string; created_at: number; kept_apart_at: number | null };

export type Conflict = {
  conflict_id: string;
  kind: AliasKind;
  value: string;
  source: string;
  created_at: number;
  /** was refused the alias; null: gone since */
  lead: Lead | null;
  /** has it */
  owner: Lead | null;
};

const ID = /^cfl_([0-9a-f]{32})([0-9a-f]{16})$/;

/** A case's id depends on the alias and the lead that was refused it, so nothing stores it. */
export const conflictId = ({ kind, value, lead_id }: ConflictKey): string => `cfl_${lead_id}${digestOf(kind, value)}`;

/** The refused lead of an id, and whether a row is the one that is meant; null for a text that is no id. */
export function readConflictId(text: string): { lead_id: string; matches: (row: ConflictKey) => boolean } | null {
  const [, lead_id, digest] = ID.exec(text) ?? [];
  return lead_id ? { lead_id, matches: ({ kind, value }) => digestOf(kind, value) === digest } : null;
}

const digestOf = (kind: string, value: string): string => sha256Hex(`${kind}:${value}`).slice(0, 16);

type Place = readonly [kind: string, value: string, leadId: string];
const START: Place = ["", "", ""];

export const cursorAt = ({ kind, value, lead_id }: ConflictKey): string =>
  btoa(encodeURIComponent(JSON.stringify([kind, value, lead_id]))).replaceAll("=", "");

/** Throws invalid_request for a text that no page returned. */
export function readCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return START;
  try {
    const place: unknown = JSON.parse(decodeURIComponent(atob(cursor)));
    if (Array.isArray(place) && place.length === 3 && place.every((part) => typeof part === "string")) return place as unknown as Place;
  } catch {}
  throw invalidRequest([{ path: "cursor", message: "must be a cursor that a page returned" }]);
}
