import type { Ctx, Statement, UnitDb } from "../../context";
import { matching, Params, type SearchTerm } from "../leads";
import { isDriven, type ListFilter, type Scan, selectScanned } from "./list-store";

/** The leads of a word that drives a list are all read, to put them in order. */
export const DRIVEN_LEADS_MAX = 2_000;
/** As many leads of one word are read where few of the newest leads have it: some tenths of a second. */
const SPARSE_LEADS_MAX = 100_000;
/**
 * The filter with its rarest words first. Words of more than `max` leads are set apart and checked lead by lead, so that a page costs the same
 * however many leads share a word. One D1 round trip for a filter with words.
 */
export async function withoutWideWords(ctx: Ctx, filter: ListFilter, max: number): Promise<ListFilter> {
  if (filter.terms.length === 0) return filter;
  const counted = await leadsOfWords(ctx, filter.terms, max);
  return { ...filter, ...setApart(counted, max) };
}

/** Whether nothing but wide words narrows the choice of leads, so that the list is walked. */
export const isWalked = (filter: ListFilter): boolean => filter.wide.length > 0 && !isDriven({ ...filter, created: null });

/**
 * The filter for a list that is walked, once a scan has found nothing: where none of its leads have the wide words, those of at most 100,000
 * leads drive after all. One or two D1 round trips.
 */
export async function drivenIfSparse(ctx: Ctx, filter: ListFilter, scan: Scan): Promise<ListFilter> {
  const hits = await ctx.db.all(selectScanned(ctx.db, { ...ANY, wide: filter.wide }, scan, 1));
  if (hits.length > 0) return filter;
  const counted = await leadsOfWords(ctx, filter.wide, SPARSE_LEADS_MAX);
  const apart = setApart(counted, SPARSE_LEADS_MAX);
  return apart.terms.length === 0 ? filter : { ...filter, ...apart };
}

type CountedWord = { term: SearchTerm; leads: number };

async function leadsOfWords(ctx: Ctx, terms: readonly SearchTerm[], max: number): Promise<CountedWord[]> {
  const counts = await ctx.db.batch(terms.map((term) => selectLeadsUpTo(ctx.db, term, max + 1)));
  return terms.map((term, at) => ({ term, leads: counts[at]?.[0]?.leads ?? 0 })).sort((a, b) => a.leads - b.leads);
}

function setApart(counted: readonly CountedWord[], max: number): Pick<ListFilter, "terms" | "wide"> {
  const terms = counted.filter(({ leads }) => leads <= max).map(({ term }) => term);
  return { terms, wide: counted.slice(terms.length).map(({ term }) => term) };
}

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
