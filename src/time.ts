/** Times are milliseconds since the epoch inside and RFC 3339 in UTC on the wire. */
const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** In ms; NaN if the text is not an RFC 3339 time. Seconds may be left out. */
export function parseIsoTime(text: string): number {
  const [, year, month, day, hour] = (RFC3339.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || hour === undefined) return Number.NaN;
  // Date.parse reads February 30 as March 2, and 24:00 as the next day
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day && hour < 24 ? Date.parse(text.toUpperCase()) : Number.NaN;
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();
export const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
