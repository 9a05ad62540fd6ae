/** Lead ids as this dialect writes them: `lead_` and 32 hex digits. */
export const wireLeadId = (leadId: string): string => `lead_${leadId}`;

/** The id that a wire id names; null for what no lead can have. */
export const parseLeadId = (wire: string): string | null => /^lead_([0-9a-f]{32})$/.exec(wire)?.[1] ?? null;
