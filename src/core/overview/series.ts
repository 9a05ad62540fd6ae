/** Numbers by day. Pure. */

/** One for each day, the oldest first; null: not known. */
export type Series = (number | null)[];

export type Days = { first: number; length: number };

/** Days without a row have 0. `complete_from`: earlier days are not known. */
export function seriesOf<Row extends { day: number }>(
  rows: readonly Row[],
  { first, length }: Days,
  numberOf: (row: Row) => number,
  complete_from = first,
): Series {
  const values = new Map(rows.map((row) => [row.day, numberOf(row)]));
  return Array.from({ length }, (_, at) => (first + at < complete_from ? null : (values.get(first + at) ?? 0)));
}

/** Of a read of the newest rows: the first day that it holds entirely. `read` rows of at most `max`. */
export function completeFrom(rows: readonly { day: number }[], read: number, max: number, first: number): number {
  if (read < max) return first;
  return rows.reduce((oldest, { day }) => Math.min(oldest, day), Number.POSITIVE_INFINITY) + 1;
}

/** Sizes that were measured on some of the days: each holds until the next one; `now` is today's. */
export function sizesOf(measured: readonly { day: number; size: number | null }[], { first, length }: Days, now: number): Series {
  const sizes = new Map(measured.map(({ day, size }) => [day, size]));
  let last: number | null = null;
  return Array.from({ length }, (_, at) => {
    last = at === length - 1 ? now : (sizes.get(first + at) ?? last);
    return last;
  });
}

export const sumOf = (series: Series): number => series.reduce<number>((sum, value) => sum + (value ?? 0), 0);
