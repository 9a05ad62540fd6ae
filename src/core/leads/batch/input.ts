/** What a batch of leads takes, and its items as they are read: one that is invalid is refused and does not stop the rest. Pure. */
import { z } from "zod";
import { AppError, type FieldProblem } from "../../../errors";
import { utf8Bytes } from "../../../text";
import { invalidRequest, parseInput } from "../../../validation";
import { oneOf } from "../../../vocabulary";
import { requireAlias } from "../aliases/place";
import type { LeadFields } from "../bulk-store";
import type { LeadAlias } from "../lead";
import { requireAttributes } from "../patch-lead";
import { PROFILE_BYTES_MAX, type Profile, supersededKeys } from "../profile";
import { LeadChangeInput, NewLeadInput } from "../schemas";

export const LEADS_PER_BATCH_MAX = 1_000;
/** What becomes of an item whose lead exists, or does not. */
const WRITE_MODES = ["upsert", "create_only", "update_only"] as const;
export type WriteMode = (typeof WRITE_MODES)[number];
export const WriteModeInput = z.enum(WRITE_MODES, oneOf(WRITE_MODES)).default("upsert");

const { status, account_id, owner_id, owner_name, email, phone, consent } = LeadChangeInput.shape;

/** `metadata` is merged key by key; null removes a key. `email` and `phone` are aliases, named the short way. */
export const LeadItemInput = z.strictObject({
  aliases: NewLeadInput.shape.aliases.optional(),
  email,
  phone,
  metadata: NewLeadInput.shape.profile.optional(),
  status,
  account_id,
  owner_id,
  owner_name,
  consent,
});

export const LeadBatchInput = z.strictObject({
  mode: WriteModeInput,
  leads: z
    .array(z.unknown())
    .min(1, "must have at least one lead")
    .max(LEADS_PER_BATCH_MAX, `must be at most ${LEADS_PER_BATCH_MAX} leads`),
});

export const REFUSALS = [
  "invalid",
  "exists",
  "not_found",
  "too_large",
  "too_many_aliases",
  "quota_used_up",
  "suppressed",
  "blocked",
] as const;
export type Refusal = { code: (typeof REFUSALS)[number]; reason: string; problems: readonly FieldProblem[] };

export type LeadItem = {
  aliases: LeadAlias[];
  /** null removes a key */
  patch: Profile;
  /** JSON object of `patch` */
  patchJson: string;
  /** without consent: see `consent` */
  fields: LeadFields;
  consent: z.output<typeof LeadItemInput>["consent"];
};

export const refusal = (code: Refusal["code"], reason: string): Refusal => ({ code, reason, problems: [] });

/** An item of a batch: the first of its aliases that somebody has finds the lead. */
export function readItem(given: unknown, region: string | null, now: number): LeadItem | Refusal {
  try {
    const item = parseInput(LeadItemInput, given);
    const aliases = [
      ...(item.email ? [{ kind: "email" as const, value: item.email }] : []),
      ...(item.phone ? [{ kind: "phone" as const, value: item.phone }] : []),
      ...(item.aliases ?? []),
    ].map(({ kind, value }) => requireAlias(kind, value, region, now));
    if (aliases.length === 0) throw invalidRequest([{ path: "aliases", message: "must name at least one alias, an email or a phone" }]);
    const metadata = item.metadata ?? {};
    requireAttributes(metadata);
    const patch = {
      ...metadata,
      ...Object.fromEntries(supersededKeys((key) => (metadata[key] ?? null) !== null).map((key) => [key, null])),
    };
    const patchJson = JSON.stringify(patch);
    if (utf8Bytes(patchJson) > PROFILE_BYTES_MAX) return refusal("too_large", `metadata is over ${PROFILE_BYTES_MAX} bytes`);
    return { aliases, patch, patchJson, fields: fieldsOf(item), consent: item.consent };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid_request") throw error;
    return { code: "invalid", reason: error.message, problems: error.problems };
  }
}

/** An owner's name belongs to the owner: it is dropped without one. */
function fieldsOf({ status, account_id, owner_id, owner_name }: z.output<typeof LeadItemInput>): LeadFields {
  return {
    ...(status === undefined ? {} : { status }),
    ...(account_id === undefined ? {} : { account_id }),
    ...(owner_id === undefined ? {} : { owner_id, owner_name: owner_id === null ? null : (owner_name ?? null) }),
  };
}
