/** Times as event files write them, read in the file's time zone. Pure. */
import { MONTHS } from "./month-names";
import { zonedTime } from "./zoned-time";

/** `dmy`: 01/11/2026 is the first of November; `mdy`: the eleventh of January. */
export type DateOrder = "dmy" | "mdy";

/**
 * `ms` since 1970. `ambiguous` names why another reading is possible: the order of day and month (then `ms` reads the day first),
 * or a local time that the clocks passed twice (the first time is meant) or never (the clocks' jump is added).
 */
export type ParsedDate = { ms: number; ambiguous: "order" | "clock_change" | null };

export type DateOptions = {
  /** IANA name; for times without an offset of their own */
  time_zone: string;
  /** of dates with slashes and dashes; null where nobody knows */
  order: DateOrder | null;
};

type Day = { year: number; month: number; day: number; either: boolean };
type Clock = { hour: number; minute: number; second: number; ms: number; offset: number | null };

const DATE_CHARS_MAX = 100;
const UNIX = /^-?\d{9,10}(?:\.\d+)?$|^\d{13}$/;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?=$|[T\s,])/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?=$|T)/;
const EAST_ASIAN = /^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?=$|[T\s,])/;
const DAY_MONTH_YEAR =
  /^(\d{1,2})(?:st|nd|rd|th|er|º|ª)?[.\s-]*(?:de\s+|of\s+)?(\p{L}+)\.?[,\s-]*(?:de\s+|del\s+)?(\d{4}|\d{2})(?=$|[\sT,])(?:\s*г\.?(?=\s|$))?/iu;
const MONTH_DAY_YEAR = /^(\p{L}+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?=$|[\s,])/iu;
const WEEKDAY = /^\p{L}{2,12}\.?,?\s+(?=\d|\p{L}{3,})/u;
const CLOCK = /^(\d{1,2})(?:[:.h時시](\d{2})(?:[:.分](\d{2})(?:[.,](\d{1,9}))?秒?)?分?|(?=\s*[ap]))\s*(?:([ap])\.?\s*m\.?)?$/i;
const COMPACT_CLOCK = /^(\d{2})(\d{2})(\d{2})$/;
const OFFSET = /\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?)(?:\s*\([^)]*\)|\s+UTC)?$/i;

/** Reads a cell; null where it is no time, or no possible one such as 31 February. */
export function parseDate(text: string, options: DateOptions): ParsedDate | null {
  if (text.length > DATE_CHARS_MAX) return null;
  const cell = text.normalize("NFKC").trim().replace(/\s+/g, " ");
  if (UNIX.test(cell)) return { ms: Math.round(Number(cell) * (/^\d{13}$/.test(cell) ? 1 : 1000)), ambiguous: null };
  const dated = readDay(cell, options.order) ?? readDay(cell.replace(WEEKDAY, ""), options.order);
  if (dated === null) return null;
  const clock = readClock(dated.rest);
  if (clock === null) return null;
  const { day } = dated;
  const wall = Date.UTC(day.year, day.month - 1, day.day, clock.hour, clock.minute, clock.second, clock.ms);
  const either = day.either ? ("order" as const) : null;
  if (clock.offset !== null) return { ms: wall - clock.offset * 60_000, ambiguous: either };
  const { ms, exact } = zonedTime(wall, options.time_zone);
  return { ms, ambiguous: either ?? (exact ? null : "clock_change") };
}

function readDay(text: string, order: DateOrder | null): { day: Day; rest: string } | null {
  const [match, day] = matchDay(text, order);
  if (match === null || day === null || !isDay(day)) return null;
  return { day, rest: text.slice(match[0].length).replace(/^[T,\s]+(?:at\s|um\s|à\s|в\s)?/, "") };
}

function matchDay(text: string, order: DateOrder | null): [RegExpExecArray, Day | null] | [null, null] {
  let match = YEAR_FIRST.exec(text);
  if (match) return [match, dayOf(match[1], match[3], match[4])];
  match = COMPACT.exec(text) ?? EAST_ASIAN.exec(text);
  if (match) return [match, dayOf(match[1], match[2], match[3])];
  match = YEAR_LAST.exec(text);
  if (match) return [match, readYearLast(match, order)];
  match = DAY_MONTH_YEAR.exec(text);
  if (match) return [match, dayOf(match[3], monthNamed(match[2]), match[1])];
  match = MONTH_DAY_YEAR.exec(text);
  if (match) return [match, dayOf(match[3], monthNamed(match[1]), match[2])];
  return [null, null];
}

/** Dots are written where the day stands first; slashes and dashes on both sides of the ocean. */
function readYearLast(match: RegExpExecArray, order: DateOrder | null): Day | null {
  const [, first, mark, second, year] = match;
  const dmy = dayOf(year, second, first);
  const mdy = dayOf(year, first, second);
  if (mark === "." || order === "dmy") return dmy;
  if (order === "mdy") return mdy;
  const either = dmy !== null && mdy !== null && isDay(dmy) && isDay(mdy) && first !== second;
  if (either) return { ...dmy, either };
  return dmy !== null && isDay(dmy) ? dmy : mdy;
}

function dayOf(year: string | undefined, month: string | number | null | undefined, day: string | undefined): Day | null {
  if (month === null) return null;
  const short = Number(year);
  const full = year?.length === 2 ? short + (short < 70 ? 2000 : 1900) : short;
  return { year: full, month: Number(month), day: Number(day), either: false };
}

function isDay({ year, month, day }: Day): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function monthNamed(name: string | undefined): number | null {
  return MONTHS.get((name ?? "").toLowerCase().normalize("NFC")) ?? null;
}

/** The time of day and its offset from UTC in minutes; midnight where there is none. */
function readClock(text: string): Clock | null {
  if (text === "") return { hour: 0, minute: 0, second: 0, ms: 0, offset: null };
  const offset = OFFSET.exec(text);
  const time = offset ? text.slice(0, offset.index).trim() : text.replace(/\s*uhr$/i, "");
  const match = CLOCK.exec(time) ?? COMPACT_CLOCK.exec(time);
  if (match === null) return null;
  const [, hours, minutes = "0", seconds = "0", fraction = "0", half] = match;
  const hour = half ? halfDay(Number(hours), half) : Number(hours);
  const [minute, second] = [Number(minutes), Number(seconds)];
  if (hour === null || hour > 23 || minute > 59 || second > 59) return null;
  return { hour, minute, second, ms: Math.floor(Number(`0.${fraction}`) * 1000), offset: offset ? minutesOf(offset) : null };
}

function halfDay(hour: number, half: string): number | null {
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

function minutesOf([, utc, sign, hours, minutes = "0"]: RegExpExecArray): number {
  return utc ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
