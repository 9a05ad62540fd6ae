/** A lead's id as this dialect writes it: `lead_` and 32 hex digits. */
export const wireLeadId = (leadId: string): string => `lead_${leadId}`;
