/** How much of leads and their events one request checks, and one statement reads: whoever may look may ask for a preview. Pure. */

/** `bytes`: of the profile and the aliases; `events`: all that the lead has */
export type SizedLead = { lead_id: string; bytes: number; events: number };

/** What is left for a request. */
export type CheckBudget = { bytes: number; events: number };

export const requestBudget = (): CheckBudget => ({ bytes: 20_000_000, events: 50_000 });

/** For jobs, which go through whole lists. */
export const NO_BUDGET: CheckBudget = { bytes: Number.POSITIVE_INFINITY, events: Number.POSITIVE_INFINITY };

/** A lead's newest events: those that conditions look at. */
export const EVENTS_READ_MAX = 500;

const SLICE_LEADS = 500;
/** With sums over their accounts: of 400 leads each, on average. */
const SLICE_LEADS_OF_ACCOUNTS = 50;
const SLICE_BYTES = 4_000_000;
const SLICE_EVENTS = 25_000;

/** What one request or message may take of the 1,000 statements that D1 accepts in an invocation. */
export const CHECK_STATEMENTS_MAX = 800;

export type Slicing = {
  /** how often the rules read each event */
  conditions: number;
  sumsAccounts: boolean;
};

/** Where the slice ends that begins at `from`: at `from` once the budget is used up. What it may read is taken from the budget. */
export function takeSlice(leads: readonly SizedLead[], from: number, { conditions, sumsAccounts }: Slicing, budget: CheckBudget): number {
  let [bytes, events, end] = [0, 0, from];
  if (budget.bytes <= 0 || budget.events <= 0) return end;
  const until = Math.min(leads.length, from + (sumsAccounts ? SLICE_LEADS_OF_ACCOUNTS : SLICE_LEADS));
  for (; end < until; end++) {
    const lead = leads[end];
    const reads = Math.min(EVENTS_READ_MAX, lead?.events ?? 0) * conditions;
    const over = bytes + (lead?.bytes ?? 0) > Math.min(SLICE_BYTES, budget.bytes) || events + reads > Math.min(SLICE_EVENTS, budget.events);
    // one lead always fits
    if (end > from && over) break;
    bytes += lead?.bytes ?? 0;
    events += reads;
  }
  budget.bytes -= bytes;
  budget.events -= events;
  return end;
}

/** What a lead adds to the statements of a whole check, at most; `perEvent`: of its newest 500. */
export type CheckCost = { perLead: number; perByte: number; perEvent: number };

/** Of a list that is checked page by page: `statements` for each slice, and `pageStatements` for each page of `pageLeads` or `pageBytes`. */
export function checkCost(
  { conditions, sumsAccounts }: Slicing,
  statements: number,
  { pageLeads, pageBytes, pageStatements }: { pageLeads: number; pageBytes: number; pageStatements: number },
): CheckCost {
  const perPage = pageStatements + statements;
  const leadsPerSlice = sumsAccounts ? SLICE_LEADS_OF_ACCOUNTS : SLICE_LEADS;
  return {
    perLead: perPage / pageLeads + statements / leadsPerSlice,
    perByte: perPage / pageBytes + statements / SLICE_BYTES,
    perEvent: (statements * conditions) / SLICE_EVENTS,
  };
}
