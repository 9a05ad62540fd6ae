/** Serial dates as the sheet shows them. */

import type { FormatToken } from "./format-tokens";

const DAY_MS = 86_400_000;
/** Day 0 of the 1900 system, as Excel counts from 1 March 1900 on: it believes in a 29 February 1900. */
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);
const FALSE_LEAP_DAY = 60;
/** 31 December 9999. */
const SERIAL_MAX = 2_958_466;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

type Moment = {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  serial: number;
};

/** The text, or null when the number is no date that Excel could show. */
export function dateText(serial: number, tokens: readonly FormatToken[], date1904: boolean): string | null {
  const has_fraction = tokens.some(({ kind }) => kind === "fraction");
  const moment = momentOf(serial, date1904, has_fraction);
  if (moment === null) return null;
  const noon = tokens.some(({ kind }) => kind === "meridiem");
  return tokens
    .map((token) => shownPart(token, moment, noon))
    .join("")
    .trim();
}

/** For formats that are not rendered: "2026-11-21", "2026-11-21 10:00:00", or "10:00:00" when the format shows times only. */
export function isoText(serial: number, tokens: readonly FormatToken[], date1904: boolean): string | null {
  const moment = momentOf(serial, date1904, false);
  if (moment === null) return null;
  const date = `${pad(moment.year, 4)}-${pad(moment.month, 2)}-${pad(moment.day, 2)}`;
  const time = `${pad(moment.hour, 2)}:${pad(moment.minute, 2)}:${pad(moment.second, 2)}`;
  const shows_day = tokens.some(({ kind }) => kind === "year" || kind === "month" || kind === "day");
  if (!shows_day && serial < 1) return time;
  return serial % 1 === 0 ? date : `${date} ${time}`;
}

/** The serial of an ISO date cell, or null. */
export function serialOf(iso: string, date1904: boolean): number | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$/.test(iso)) return null;
  const time = Date.parse(iso.length > 10 && !iso.endsWith("Z") ? `${iso}Z` : iso);
  if (Number.isNaN(time)) return null;
  const serial = (time - (date1904 ? EPOCH_1904 : EPOCH_1900)) / DAY_MS;
  return !date1904 && serial <= FALSE_LEAP_DAY ? serial - 1 : serial;
}

function momentOf(serial: number, date1904: boolean, keep_ms: boolean): Moment | null {
  if (serial < 0 || serial >= SERIAL_MAX) return null;
  // The last bits of a serial are noise: 10:00 is stored as 0.41666666666666669.
  const unit = keep_ms ? 1 : 1000;
  const total = Math.round((serial * DAY_MS) / unit) * unit;
  const days = Math.floor(total / DAY_MS);
  const in_day = total - days * DAY_MS;
  const clock = {
    hour: Math.floor(in_day / 3_600_000),
    minute: Math.floor(in_day / 60_000) % 60,
    second: Math.floor(in_day / 1000) % 60,
    ms: in_day % 1000,
    serial: total / DAY_MS,
  };
  return { ...calendarDay(days, date1904), ...clock };
}

function calendarDay(days: number, date1904: boolean): Pick<Moment, "year" | "month" | "day" | "weekday"> {
  if (!date1904 && days === FALSE_LEAP_DAY) return { year: 1900, month: 2, day: 29, weekday: 3 };
  if (!date1904 && days === 0) return { year: 1900, month: 1, day: 0, weekday: 6 };
  const shifted = !date1904 && days < FALSE_LEAP_DAY ? days + 1 : days;
  const date = new Date((date1904 ? EPOCH_1904 : EPOCH_1900) + shifted * DAY_MS);
  // Before the leap day that never was, Excel is one weekday behind the calendar.
  const weekday = (date.getUTCDay() + (shifted === days ? 0 : 6)) % 7;
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday };
}

function shownPart(token: FormatToken, moment: Moment, noon: boolean): string {
  switch (token.kind) {
    case "literal":
    case "digit":
      return token.text;
    case "year":
      return token.length > 2 ? pad(moment.year, 4) : pad(moment.year % 100, 2);
    case "month":
      return named(moment.month, token.length, MONTHS[moment.month - 1] as string);
    case "day":
      return named(moment.day, token.length, WEEKDAYS[moment.weekday] as string);
    case "hour":
      return pad(noon ? moment.hour % 12 || 12 : moment.hour, token.length);
    case "minute":
      return pad(moment.minute, token.length);
    case "second":
      return pad(moment.second, token.length);
    case "fraction":
      return `.${pad(moment.ms, 3).padEnd(token.length, "0").slice(0, token.length)}`;
    case "meridiem":
      return (moment.hour < 12 ? "AM" : "PM").slice(0, token.short ? 1 : 2);
    case "elapsed":
      return pad(Math.floor(moment.serial * { h: 24, m: 1440, s: 86_400 }[token.unit] + 1e-6), token.length);
    default:
      return "";
  }
}

/** One or two letters are the number, three the short name, four the name, five the initial. */
function named(number: number, length: number, name: string): string {
  if (length < 3) return pad(number, length);
  if (length === 3) return name.slice(0, 3);
  return length === 5 ? name.slice(0, 1) : name;
}

function pad(number: number, length: number): string {
  return String(number).padStart(length, "0");
}
