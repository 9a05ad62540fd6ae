/** Where a lead stands (seed 004). Any status may follow any other. */
export const LEAD_STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

export const isLeadStatus = (text: string): text is LeadStatus => (LEAD_STATUSES as readonly string[]).includes(text);
