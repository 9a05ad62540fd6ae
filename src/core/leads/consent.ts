/** What a person has agreed to, by purpose: granted or denied, where that was said, and when. Stored as one document of the lead. Pure. */
import { z } from "zod";
import { shortText } from "../../schemas";
import { parseIsoTime } from "../../time";

/** Purpose -> 1 for granted or 0, the source, ms; as a change, null removes one. */
export type StoredConsent = Record<string, [granted: 0 | 1, source: string, at: number]>;
export type ConsentChange = Record<string, StoredConsent[string] | null>;

const PURPOSE = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const PURPOSES_MAX = 50;
const SOURCE_CHARS_MAX = 200;
const TIME = "must be a time in RFC 3339 format";
const DEFAULT_SOURCE = "api";

export const ConsentPurpose = z
  .string()
  .trim()
  .toLowerCase()
  .regex(PURPOSE, "must be a purpose: 1 to 64 letters, digits, _ and -, beginning with a letter or digit");

const Said = z.strictObject({
  granted: z.boolean("must be true or false"),
  source: shortText(SOURCE_CHARS_MAX).optional(),
  at: z
    .string(TIME)
    .refine((text) => !Number.isNaN(parseIsoTime(text)), TIME)
    .meta({ format: "date-time", example: "2026-01-15T10:00:00Z" })
    .optional(),
});

/** By purpose: true, false, or the same with where and when it was said; null: nothing is known any more. */
export const ConsentInput = z
  .record(ConsentPurpose, z.union([z.boolean(), Said, z.null()], "must be true, false, null, or an object with granted, source and at"))
  .refine((given) => Object.keys(given).length <= PURPOSES_MAX, `must be at most ${PURPOSES_MAX} purposes`)
  .meta({ propertyNames: { pattern: PURPOSE.source }, maxProperties: PURPOSES_MAX });

export const readConsent = (json: string | null): StoredConsent => (json === null ? {} : (JSON.parse(json) as StoredConsent));

export const writeConsent = (consent: StoredConsent): string | null => (Object.keys(consent).length === 0 ? null : JSON.stringify(consent));

/**
 * What of a statement changes the stored consent: not what it says already, nor anything older. `source` and `at` hold for what does not
 * say its own.
 */
export function consentChange(
  stored: StoredConsent,
  given: z.output<typeof ConsentInput>,
  { source = DEFAULT_SOURCE, now }: { source?: string; now: number },
): ConsentChange {
  const change: ConsentChange = {};
  for (const [purpose, said] of Object.entries(given)) {
    const before = stored[purpose];
    if (said === null) {
      if (before) change[purpose] = null;
      continue;
    }
    const {
      granted,
      source: from,
      at: when,
    } = typeof said === "boolean" ? { granted: said } : { source: undefined, at: undefined, ...said };
    const at = when === undefined ? now : parseIsoTime(when);
    const next: StoredConsent[string] = [granted ? 1 : 0, from ?? source, at];
    const repeated = before?.[0] === next[0] && (from === undefined || from === before[1]) && (when === undefined || at === before[2]);
    if (!repeated && at >= (before?.[2] ?? 0)) change[purpose] = next;
  }
  return change;
}

/** The consent after a change. */
export function changedConsent(stored: StoredConsent, change: ConsentChange): StoredConsent {
  const entries = Object.entries({ ...stored, ...change });
  return Object.fromEntries(entries.flatMap(([purpose, said]) => (said === null ? [] : [[purpose, said] as const])));
}

/** Of leads that become one: for each purpose what was said last, and of two at the same time the denial. */
export function mergedConsent(consents: readonly StoredConsent[]): StoredConsent {
  const merged: StoredConsent = {};
  for (const [purpose, said] of consents.flatMap((consent) => Object.entries(consent))) {
    const before = merged[purpose];
    if (!before || said[2] > before[2] || (said[2] === before[2] && said[0] < before[0])) merged[purpose] = said;
  }
  return merged;
}
