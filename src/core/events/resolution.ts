/**
 * How the lead of an event was found. An event's row stores a hash of 32 bits for each alias: enough to pick one of the lead's own aliases,
 * not enough to recover a value.
 */
import type { Ctx } from "../../context";
import { hash32 } from "../../hash";
import { type Alias, aliasKey, type RefusedAlias, readLead, refusedAliases, selectLead } from "../leads";

export type Resolution = {
  /** null: the event named the lead by its id, or no lead had its aliases */
  matched_by: Alias | null;
  attached: Alias[];
  /** aliases that belonged to another lead; listed as long as the conflict is kept */
  refused: RefusedAlias[];
};

const hashOf = (alias: Alias): number => hash32(aliasKey(alias));

type Given = { matched_by: Alias | null; attached: readonly Alias[]; refused: readonly Alias[] };

/** JSON of [matched or null, [attached], [refused]] without empty parts at the end; null when all are empty. Pure. */
export function traceOf({ matched_by, attached, refused }: Given): string | null {
  const parts = [matched_by && hashOf(matched_by), attached.map(hashOf), refused.map(hashOf)];
  const length = refused.length > 0 ? 3 : attached.length > 0 ? 2 : matched_by ? 1 : 0;
  return length === 0 ? null : JSON.stringify(parts.slice(0, length));
}

type Known = { aliases: readonly Alias[]; refused: readonly RefusedAlias[] };

/** Resolves the hashes of a trace to the aliases that the lead has and those that it was refused. Pure. */
function readTrace(trace: string | null, { aliases, refused }: Known): Resolution {
  const [matched = null, gained = [], lost = []]: [(number | null)?, number[]?, number[]?] = trace === null ? [] : JSON.parse(trace);
  const [attachedOf, refusedOf] = [new Set(gained), new Set(lost)];
  return {
    matched_by: aliases.find((alias) => hashOf(alias) === matched) ?? null,
    attached: aliases.filter((alias) => attachedOf.has(hashOf(alias))),
    refused: refused.filter((alias) => refusedOf.has(hashOf(alias))),
  };
}

/** One D1 round trip for the lead, one for its conflicts. An alias that the lead no longer has is not listed. */
export async function loadResolution(ctx: Ctx, leadId: string, trace: string | null): Promise<Resolution> {
  const [[row], refused] = await Promise.all([ctx.db.all(selectLead(ctx.db, leadId)), refusedAliases(ctx, [leadId])]);
  return readTrace(trace, { aliases: row ? readLead(row).aliases : [], refused: refused.get(leadId) ?? [] });
}
