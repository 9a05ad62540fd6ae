/** Local times by the rules of their zone. Pure: the rules are the platform's. */

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The moment at which the clocks of `zone` show `wall` (a local time written as if it were UTC). Not `exact` where they show it
 * twice, then the first moment, or never, then the one that they jump to. Throws RangeError for an unknown zone.
 */
export function zonedTime(wall: number, zone: string): { ms: number; exact: boolean } {
  const offsets = new Set([offsetAt(wall - DAY_MS, zone), offsetAt(wall + DAY_MS, zone)]);
  const moments = [...offsets].map((offset) => wall - offset).filter((ms) => ms + offsetAt(ms, zone) === wall);
  if (moments.length > 0) return { ms: Math.min(...moments), exact: moments.length === 1 };
  return { ms: wall - Math.min(...offsets), exact: false };
}

const DAY_MS = 24 * 3600 * 1000;

function offsetAt(ms: number, zone: string): number {
  const second = Math.floor(ms / 1000) * 1000;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const two = "2-digit";
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      ...{ year: "numeric", month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(zone, format);
  }
  return format;
}
