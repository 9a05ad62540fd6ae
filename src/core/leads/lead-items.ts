/** Planned leads as the JSON that statements of many leads read. */
import type { LogCtx } from "../changes";
import type { PlannedLead } from "./bulk-store";
import { creatorSources, sourcesBeside } from "./sources";

const leadTexts = new WeakMap<PlannedLead, string>();

/** `[id, profile, aliases]`, and the fields where it has some, as JSON: written once for the lead's row and for the journal. */
export function leadJson(lead: PlannedLead): string {
  const known = leadTexts.get(lead);
  if (known !== undefined) return known;
  const { lead_id, profile, aliases, fields } = lead;
  const text = `["${lead_id}",${JSON.stringify(profile)},${JSON.stringify(aliases)}${fields ? `,${JSON.stringify(fields)}` : ""}]`;
  leadTexts.set(lead, text);
  return text;
}

export function newLeadItem(ctx: LogCtx, lead: PlannedLead, now: number): string {
  const { lead_id, profile, aliases, fields = {}, writtenAt = [] } = lead;
  if (writtenAt.length === 0) return leadJson(lead);
  return JSON.stringify([lead_id, profile, aliases, fields, creatorSources(ctx, now, writtenAt)]);
}

/** `[id, patch, gained aliases, fields, sources written, when]` */
export const leadItem = (lead: PlannedLead): string => {
  const { lead_id, profile, aliases, fields = {} } = lead;
  const times: (readonly [at: number | null, keys: readonly string[]])[] = [...(lead.writtenAt ?? []), ...(lead.restatedAt ?? [])];
  const named = new Set(times.flatMap(([, own]) => own));
  const more = [...(lead.writtenAt ? [] : writtenOf(lead)), ...sourcesBeside(lead)].filter((key) => !named.has(key));
  if (more.length > 0) times.unshift([null, more]);
  const keys = times.flatMap(([, own]) => own);
  return `["${lead_id}",${JSON.stringify(profile)},${JSON.stringify(aliases)},${JSON.stringify(fields)},${JSON.stringify(keys)},${JSON.stringify(times)}]`;
};

/** The keys of its profile that a write changes. */
export const writtenOf = ({ profile, written }: PlannedLead): readonly string[] => written ?? Object.keys(profile);
