/** What the cells of a column hold, whatever its name. Pure. */
import { isValidPhoneNumber } from "libphonenumber-js/min";
import { cleanAliasCell, defaultPlaceholders, parseDate } from "../cells";

/** Shares are of the cells that hold something: neither empty nor a placeholder. */
export type ColumnContent = {
  /** trimmed, one per row; "" where empty */
  cells: readonly string[];
  /** cells that hold something */
  usable: number;
  fill_rate: number;
  distinct_rate: number;
  /** the first five different ones */
  samples: string[];
  emails: number;
  /** numbers as they stand under a heading that says phone */
  phones: number;
  /** numbers that are phones without any heading */
  surePhones: number;
  profiles: number;
  dates: number;
  numbers: number;
  /** numbers as short as those by which a list counts its rows */
  counters: number;
  salutations: number;
};

const SAMPLES = 5;
const SAMPLE_CHARS_MAX = 200;
const PROFILE = /^(?:https?:\/\/)?(?:[a-z0-9-]+\.)*(?:linkedin\.com\/(?:in|pub|sales\/(?:lead|people))\/|xing\.com\/profile\/)/i;
const NUMBER = /^[+-]?\d[\d.,' ]*%?$/;
/** Longer than a date: an id or a phone, though it could be a Unix time, too. */
const DIGITS = /^\d{9,}$/;
const COUNTER = /^#?\d{1,4}$/;
const FLAG = /^(?:yes|no|true|false)$/i;
const SALUTATION = /^(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|fr|hr|m|mme|mlle|sr|sra|sig|sig\.ra|dhr|mevr|pan|pani|様|先生|女士)\.?$/i;
/** As a number is written where it has no country code: in groups after its trunk 0, or like (415) 555-0100. */
const NATIONAL = /^(?:\(?0\d+\)?[\s/.-]\s*\d|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}$)/;
/** Postcodes of Brazil and the USA, social security numbers */
const OTHER_NUMBER = /^(?:\d{5}-\d{3,4}|\d{3}-\d{2}-\d{4})$/;

export function readContent(cells: readonly string[], region: string | null): ColumnContent {
  const filled = cells.filter((cell) => cell !== "");
  const usable = filled.filter((cell) => FLAG.test(cell) || !defaultPlaceholders.has(cell));
  const distinct = new Set(filled.map((cell) => cell.toLowerCase()));
  const share = (holds: (cell: string) => boolean) => (usable.length === 0 ? 0 : usable.filter(holds).length / usable.length);
  const phones = usable.map((cell) => readPhones(cell, region));
  const phoneShare = (fits: keyof PhoneCell) => (usable.length === 0 ? 0 : phones.filter((phone) => phone[fits]).length / usable.length);
  return {
    cells,
    usable: usable.length,
    fill_rate: rate(filled.length, cells.length),
    distinct_rate: rate(distinct.size, filled.length),
    samples: [...new Set(filled)].slice(0, SAMPLES).map((cell) => cell.slice(0, SAMPLE_CHARS_MAX)),
    emails: share((cell) => cell.includes("@") && cleanAliasCell("email", cell, { region }).values.length > 0),
    phones: phoneShare("named"),
    surePhones: phoneShare("sure"),
    profiles: share((cell) => PROFILE.test(cell)),
    dates: share((cell) => /\d/.test(cell) && !DIGITS.test(cell) && parseDate(cell, { time_zone: "UTC", order: null }) !== null),
    numbers: share((cell) => NUMBER.test(cell)),
    counters: share((cell) => COUNTER.test(cell)),
    salutations: share((cell) => SALUTATION.test(cell)),
  };
}

/** `named`: a number under a heading that says phone, also one that Excel rounded. `sure`: a number without any heading. */
type PhoneCell = { named: boolean; sure: boolean };

function readPhones(cell: string, region: string | null): PhoneCell {
  if (!/\d{2}/.test(cell) || cell.includes("@")) return { named: false, sure: false };
  const { values, warnings } = cleanAliasCell("phone", cell, { region });
  return {
    named: values.length > 0 || warnings.some(({ code }) => code === "excel_rounded"),
    sure: values.some(
      ({ value, raw }) =>
        (/^(?:\+|00)/.test(raw) || (region !== null && NATIONAL.test(raw) && !OTHER_NUMBER.test(raw))) && isValidPhoneNumber(value),
    ),
  };
}

export const rate = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 1000);
