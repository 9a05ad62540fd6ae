/**
 * How the lead of an event was found, for whoever asks. An event keeps a few bytes of it in its own row: of each alias a hash of 32 bits, which
 * names one of the lead's own aliases and is nobody's address.
 */
import type { Ctx } from "../../context";
import { hash32 } from "../../hash";
import { type Alias, aliasKey, type RefusedAlias, readLead, refusedAliases, selectLead } from "../leads";

export type Resolution = {
  /** null: the event named the lead by its id, or nobody had its aliases */
  matched_by: Alias | null;
  attached: Alias[];
  /** those that another lead had, as long as the conflict is kept */
  refused: RefusedAlias[];
};

const hashOf = (alias: Alias): number => hash32(aliasKey(alias));

type Given = { matched_by: Alias | null; attached: readonly Alias[]; refused: readonly Alias[] };

/** JSON of [matched or null, [attached], [refused]], cut off after the last that is not empty; null where all are. Pure. */
export function traceOf({ matched_by, attached, refused }: Given): string | null {
  const parts = [matched_by && hashOf(matched_by), attached.map(hashOf), refused.map(hashOf)];
  const length = refused.length > 0 ? 3 : attached.length > 0 ? 2 : matched_by ? 1 : 0;
  return length === 0 ? null : JSON.stringify(parts.slice(0, length));
}

type Known = { aliases: readonly Alias[]; refused: readonly RefusedAlias[] };

/** What a trace says, in the aliases that the lead has and those that it was refused. Pure. */
export function readTrace(trace: string | null, { aliases, refused }: Known): Resolution {
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
