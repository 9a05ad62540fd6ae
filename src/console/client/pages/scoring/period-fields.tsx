/** From when until when a rule or ruleset applies, in the reader's time zone. */
import { TextField } from "../../components/form";
import { formatMinute } from "../../format";

export type Period = { starts_at: number | null; ends_at: number | null };

type PeriodProps = { period: Period; onChange: (period: Period) => void };

const FIELDS = [
  { name: "starts_at", label: "From", hint: "Empty: from the beginning" },
  { name: "ends_at", label: "Until", hint: "Empty: without an end" },
] as const;

export const PeriodFields = ({ period, onChange }: PeriodProps) => (
  <details class="period" open={period.starts_at !== null || period.ends_at !== null}>
    <summary>Only for some time</summary>
    {FIELDS.map(({ name, label, hint }) => (
      <TextField
        key={name}
        label={label}
        name={name}
        type="datetime-local"
        value={localText(period[name])}
        hint={hint}
        onInput={(event) => onChange({ ...period, [name]: momentOf(event.currentTarget.value) })}
      />
    ))}
  </details>
);

/** `from 1 Jan 2026, 09:00 until …`; null for what always applies. */
export function periodWords({ starts_at, ends_at }: Period): string | null {
  const words = [starts_at === null ? "" : `from ${formatMinute(starts_at)}`, ends_at === null ? "" : `until ${formatMinute(ends_at)}`];
  return words.filter(Boolean).join(" ") || null;
}

const momentOf = (text: string): number | null => (text === "" ? null : new Date(text).getTime());

/** `2026-01-31T09:00`, as the browser's field writes it. */
function localText(at: number | null): string {
  if (at === null) return "";
  const local = new Date(at);
  local.setMinutes(local.getMinutes() - local.getTimezoneOffset());
  return local.toISOString().slice(0, 16);
}
