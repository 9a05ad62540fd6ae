/** The engagement dialect's way to write a lead's id. */
export const wireLeadId = (leadId: string): string => `ld_${leadId}`;
