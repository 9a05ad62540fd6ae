/** Numbers, dates and times in the reader's own language and time zone. */

const locale = navigator.languages;
const whole = new Intl.NumberFormat(locale);
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const utcDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const second = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const bytesIn = (unit: string) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 });

export const formatNumber = (value: number): string => whole.format(value);
/** `1 row`, `1,200 rows`. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${whole.format(value)} ${value === 1 ? noun : plural}`;
/** `+5`, `-20`. */
export const formatSigned = (value: number): string => signed.format(value);
/** One decimal at most: scores, rates. */
export const formatDecimal = (value: number): string => decimal.format(value);
/** `1.2M`: for tiles and axes. */
export const formatCompact = (value: number): string => compact.format(value);
/** `currency`: ISO 4217. */
export function formatMoney(amount: number, currency: string): string {
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
  } catch {
    return `${decimal.format(amount)} ${currency}`;
  }
}
/** Of a part between 0 and 1. */
export const formatPercent = (part: number): string => percent.format(part);
export const formatDay = (at: number): string => day.format(at);
/** Of a day in UTC, as days since 1970-01-01: `21 Nov`. */
export const formatUtcDay = (days: number): string => utcDay.format(days * 86_400_000);
export const formatMinute = (at: number): string => minute.format(at);
export const formatTime = (at: number): string => time.format(at);
/** With the time zone: for titles. */
export const formatExactly = (at: number): string => second.format(at);

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** `3 hr. ago`, `in 2 days`. */
export function formatAgo(at: number, now = Date.now()): string {
  const difference = at - now;
  const [unit, ms] = STEPS.find(([, length]) => Math.abs(difference) >= length) ?? ["second", 1_000];
  return relative.format(Math.round(difference / ms), unit);
}

/** `1 min 20 s`: how long something takes or took. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${whole.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${whole.format(minutes)} min ${seconds % 60} s`;
  return `${whole.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return bytesIn("byte").format(bytes);
  if (bytes < 1_000_000) return bytesIn("kilobyte").format(bytes / 1_000);
  if (bytes < 1_000_000_000) return bytesIn("megabyte").format(bytes / 1_000_000);
  return bytesIn("gigabyte").format(bytes / 1_000_000_000);
}

/** What a lead may be called by. */
export type Named = { lead_id: string; name: string | null; email: string | null; phone: string | null };
/** Its name, or else by what it is known. */
export const leadTitle = ({ name, email, phone, lead_id }: Named): string => name ?? email ?? phone ?? lead_id;

/** `Chrome on Windows`, from how a browser names itself. */
export function formatBrowser(userAgent: string): string {
  const name = /Edg\//.test(userAgent)
    ? "Edge"
    : /Firefox\//.test(userAgent)
      ? "Firefox"
      : /Chrome\//.test(userAgent)
        ? "Chrome"
        : /Safari\//.test(userAgent)
          ? "Safari"
          : "Browser";
  const system = /Windows|Android|iPhone|iPad|Mac OS|Linux/.exec(userAgent)?.[0];
  return system ? `${name} on ${system.replace("Mac OS", "macOS")}` : name;
}
