import type { Ctx, Statement, UnitDb } from "../../context";
import { matching, Params, type SearchTerm } from "../leads";
import { type ListFilter, selectPassing } from "./list-store";

/** A word that more leads have should not drive a list: all of them would be read to put them in order. */
const DRIVEN_LEADS_MAX = 10_000;

/** Walking the list is worthwhile when at least `TRIED_HITS_MIN` of its next `TRIED_LEADS` leads have the wide words. */
const TRIED_LEADS = 1_000;
const TRIED_HITS_MIN = 10;

/**
 * The filter with its rarest words first. Words of more than 10,000 leads are set apart and checked lead by lead, so that a page costs the
 * same however many leads share a word; but a wide word that few of the next leads have drives the list after all. One D1 round trip for a
 * filter with words, two when all of them are wide and nothing else drives the list. `after`: the lead after which the page begins.
 */
export async function withoutWideWords(ctx: Ctx, filter: ListFilter, after: string): Promise<ListFilter> {
  if (filter.terms.length === 0) return filter;
  const counts = await ctx.db.batch(filter.terms.map((term) => selectLeadsUpTo(ctx.db, term, DRIVEN_LEADS_MAX + 1)));
  const counted = filter.terms.map((term, at) => ({ term, leads: counts[at]?.[0]?.leads ?? 0 })).sort((a, b) => a.leads - b.leads);
  const terms = counted.filter(({ leads }) => leads <= DRIVEN_LEADS_MAX).map(({ term }) => term);
  const wide = counted.slice(terms.length).map(({ term }) => term);
  const apart = { ...filter, terms, wide };
  if (wide.length === 0 || terms.length > 0 || hasOtherDriver(filter)) return apart;
  const [tried] = await ctx.db.all(selectPassing(ctx.db, { ...ANY, wide }, { after, skip: 0, leads: TRIED_LEADS }));
  return (tried?.passing ?? 0) >= TRIED_HITS_MIN ? apart : { ...filter, terms: wide };
}

const hasOtherDriver = ({ owner_id, account_id, status }: ListFilter): boolean =>
  owner_id !== undefined || account_id !== undefined || (status !== undefined && status !== "new");

const ANY: ListFilter = {
  terms: [],
  wide: [],
  status: undefined,
  owner_id: undefined,
  account_id: undefined,
  consent: undefined,
  has: undefined,
  attributes: [],
  type_key: undefined,
  active_since: undefined,
  updated_since: undefined,
  created: null,
};

/** How many leads have a word, counted up to `max`. */
function selectLeadsUpTo(db: UnitDb, term: SearchTerm, max: number): Statement<{ leads: number }> {
  const params = new Params();
  const ids = matching({ terms: [term], status: undefined, source: undefined }, params);
  return db.sql(`SELECT count(*) AS leads FROM (${ids} LIMIT ${params.add(max)})`, ...params.values);
}
