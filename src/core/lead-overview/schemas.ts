/** What the verbs of this part take. */
import type { z } from "zod";
import { changesOf } from "../../schemas";
import { LeadChangeInput } from "../leads";

const { profile, ...fields } = LeadChangeInput.shape;

/** `metadata` is the whole new metadata. */
export const LEAD_UPDATE_FIELDS = { ...fields, metadata: profile.unwrap() };

/** `metadata_patch` is merged key by key; null removes a key. */
export const LeadUpdateInput = changesOf({ ...LEAD_UPDATE_FIELDS, metadata_patch: profile.unwrap() });

export type LeadUpdate = z.input<typeof LeadUpdateInput>;
