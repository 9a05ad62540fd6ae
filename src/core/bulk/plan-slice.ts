/** What a bulk change does to the leads of a slice. Pure. */
import type { z } from "zod";
import { utf8Bytes } from "../../text";
import { type Lead, type LeadFields, mergeProfile, type PlannedLead, PROFILE_BYTES_MAX, supersededKeys } from "../leads";
import type { BulkChange } from "./schemas";

export type Change = z.output<typeof BulkChange>;
export type JournalledPlan = PlannedLead & { bytes: number; columns?: LeadFields };

/** `refused`: leads whose metadata would be over 256 KB; all of them where the account is gone that they were to be linked to. */
export function planSlice(leads: readonly Lead[], change: Change, accountGone = false): { updates: JournalledPlan[]; refused: number } {
  if (accountGone) return { updates: [], refused: leads.length };
  const metadata = change.metadata ?? {};
  const patch = { ...metadata, ...Object.fromEntries(supersededKeys((key) => (metadata[key] ?? null) !== null).map((key) => [key, null])) };
  const fields = fieldsOf(change);
  const names = Object.keys(fields) as (keyof LeadFields)[];
  const updates: JournalledPlan[] = [];
  let refused = 0;
  for (const lead of leads) {
    const before = JSON.stringify(lead.profile);
    const after = JSON.stringify(mergeProfile(lead.profile, patch));
    if (utf8Bytes(after) > PROFILE_BYTES_MAX) refused += 1;
    else if (after !== before || names.some((name) => lead[name] !== fields[name])) {
      const bytes = utf8Bytes(before) + utf8Bytes(after);
      updates.push({
        lead_id: lead.lead_id,
        profile: patch,
        aliases: [],
        bytes,
        ...(names.length === 0 ? {} : { fields, columns: fields }),
      });
    }
  }
  return { updates, refused };
}

function fieldsOf({ status, account_id, owner_id, owner_name }: Change): LeadFields {
  return {
    ...(status === undefined ? {} : { status }),
    ...(account_id === undefined ? {} : { account_id }),
    ...(owner_id === undefined ? {} : { owner_id, owner_name: owner_id === null ? null : (owner_name ?? null) }),
  };
}
