/** What each column of a file becomes: the guess, why, and what it looks like. */
import { Icon } from "../../components/icon";
import { FillBar } from "../../components/plot";
import { formatPercent } from "../../format";
import { ALIAS, changeColumn, type Draft, NEW_FIELD } from "./mapping";
import { changeDraft } from "./opened-files";
import type { FilePreview } from "./upload";

const ALIAS_NAMES: Record<string, string> = {
  email: "Email",
  phone: "Phone",
  cookie: "Cookie",
  external_id: "External id",
  social: "Social profile",
};
const TARGET_NAMES: Record<string, string> = {
  status: "Status",
  owner_id: "Owner id",
  owner_name: "Owner",
  account_domain: "Account (domain)",
  account_name: "Account (name)",
  tags: "Tags",
};
const COLUMN_MODES = [
  { value: "never_clear", label: "Replace, keep if empty" },
  { value: "fill_blank", label: "Only fill what is empty" },
  { value: "clear_blank", label: "Replace, empty clears" },
] as const;

type TableProps = { preview: FilePreview; draft: Draft; fields: readonly { name: string; standard: boolean }[] };

export function ColumnTable({ preview, draft, fields }: TableProps) {
  const judged = new Map(preview.columns.map((column) => [column.column, column]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="grid-scroll mapping" aria-label="Columns of the file" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Examples</th>
            <th scope="col">Filled</th>
            <th scope="col">Becomes</th>
            <th scope="col">If the lead has a value</th>
          </tr>
        </thead>
        <tbody>
          {preview.headers.map((column) => {
            const { target, mode } = draft.columns[column] ?? { target: "", mode: "never_clear" };
            const guess = judged.get(column);
            const change = (changed: Parameters<typeof changeColumn>[2]): void =>
              changeDraft(preview.file_id, (before) => changeColumn(before, column, changed));
            return (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td class="samples">
                  {guess?.samples.slice(0, 5).map((sample) => (
                    <code key={sample}>{sample}</code>
                  ))}
                </td>
                <td>
                  <FillBar part={guess?.fill_rate ?? 0} label={`Filled cells of ${column}`} />
                  <span class="small muted">{formatPercent(guess?.fill_rate ?? 0)}</span>
                </td>
                <td>
                  <TargetSelect column={column} target={target} fields={fields} onChange={(value) => change({ target: value })} />
                  {guess && <p class="small muted">{guess.reason}</p>}
                  {guess?.warnings.map((warning) => (
                    <p key={warning} class="small warning-text">
                      <Icon name="warning" /> {warning}
                    </p>
                  ))}
                </td>
                <td>
                  {target !== "" && !target.startsWith(ALIAS) && (
                    <select
                      aria-label={`If the lead has a value for ${column}`}
                      value={mode}
                      onChange={(event) => change({ mode: event.currentTarget.value as typeof mode })}
                    >
                      {COLUMN_MODES.map(({ value, label }) => (
                        <option key={value} value={value}>
                          {label}
                        </option>
                      ))}
                    </select>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

type TargetProps = Pick<TableProps, "fields"> & { column: string; target: string; onChange: (target: string) => void };

function TargetSelect({ column, target, fields, onChange }: TargetProps) {
  const known = new Set(fields.map(({ name }) => name));
  const isOther = target !== "" && target !== NEW_FIELD && !target.startsWith(ALIAS) && !known.has(target) && !(target in TARGET_NAMES);
  return (
    <select aria-label={`${column} becomes`} value={target} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">Not imported</option>
      <optgroup label="Finds the lead">
        {Object.entries(ALIAS_NAMES).map(([kind, name]) => (
          <option key={kind} value={ALIAS + kind}>
            {name}
          </option>
        ))}
      </optgroup>
      <optgroup label="Profile">
        {isOther && <option value={target}>{target}</option>}
        {fields.map(({ name }) => (
          <option key={name} value={name}>
            {name.replaceAll("_", " ")}
          </option>
        ))}
        <option value={NEW_FIELD}>New field “{column}”</option>
      </optgroup>
      <optgroup label="Lead">
        {Object.entries(TARGET_NAMES).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </optgroup>
    </select>
  );
}
