/** A lead as a planned write will leave it. Pure. */
import type { PlannedLead } from "./bulk-store";
import { type ConsentChange, changedConsent, readConsent, writeConsent } from "./consent";
import { type Lead, readAlias } from "./lead";
import { mergeProfile } from "./profile";

export function leadAfter(lead: Lead, { profile, aliases, fields = {} }: Pick<PlannedLead, "profile" | "aliases" | "fields">): Lead {
  const { consent, ...columns } = fields;
  const statements: ConsentChange = consent == null ? {} : JSON.parse(consent);
  return {
    ...lead,
    ...columns,
    consent: consent == null ? lead.consent : writeConsent(changedConsent(readConsent(lead.consent), statements)),
    profile: mergeProfile(lead.profile, profile),
    aliases: [...lead.aliases, ...aliases.map(readAlias)],
  };
}

/** A lead that is created by the write. */
export const leadToBe = (planned: PlannedLead, now: number): Lead =>
  leadAfter(
    {
      lead_id: planned.lead_id,
      profile: {},
      aliases: [],
      account_id: null,
      status: "new",
      shown_email: null,
      shown_phone: null,
      owner_id: null,
      owner_name: null,
      consent: null,
      version: 1,
      created_at: now,
      updated_at: now,
    },
    planned,
  );
