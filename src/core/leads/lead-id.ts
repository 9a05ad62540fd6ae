/** A lead has one id, a UUIDv7; each dialect writes it its way: `ld_<32 hex>`, the dashed UUID, `lead_<32 hex>`. Pure. */

/** A lead's id where no dialect of its own asks: in the engagement API and in webhooks. */
export const publicLeadId = (leadId: string): string => `ld_${leadId}`;

const WRITTEN = /^(?:ld_|lead_)?([0-9a-f]{32})$/;
const DASHED = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The 32 hex digits of an id in any dialect's writing; null for what is none. */
export function parseLeadId(text: string): string | null {
  const lower = text.trim().toLowerCase();
  return DASHED.test(lower) ? lower.replaceAll("-", "") : (WRITTEN.exec(lower)?.[1] ?? null);
}
