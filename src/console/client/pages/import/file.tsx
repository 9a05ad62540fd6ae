/** A file before its import: how it is read, and what its columns mean. */
import { useEffect, useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Icon } from "../../components/icon";
import { Page } from "../../components/page";
import { EmptyState, Skeleton } from "../../components/states";
import { toastError } from "../../components/toast";
import { formatNumber, formatPercent } from "../../format";
import { useLoad } from "../../load";
import { go } from "../../router";
import type { PageProps } from "..";
import { ALIAS, changeColumn, type Draft, identifiersOf, mappingOf, NEW_FIELD } from "./mapping";
import { changeDraft, keepFile, type OpenedFile, openedFiles } from "./opened-files";
import { type FilePreview, type Reading, uploadFile } from "./upload";

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
const MODES = [
  { value: "upsert", label: "Create new leads and change known ones" },
  { value: "create_only", label: "Only create new leads" },
  { value: "update_only", label: "Only change known leads" },
] as const;
const DELIMITERS = [
  { value: ",", label: "Comma" },
  { value: ";", label: "Semicolon" },
  { value: "\t", label: "Tab" },
  { value: "|", label: "Pipe" },
];
const ENCODINGS = [
  "utf-8",
  "windows-1252",
  "utf-16le",
  "iso-8859-15",
  "windows-1250",
  "windows-1251",
  "macintosh",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
];

export function FilePage({ params }: PageProps) {
  const fileId = params.file ?? "";
  const opened = openedFiles.value[fileId];
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (opened) return;
    call("imports.edit", { file_id: fileId, edits: [] }).then(
      (preview) => {
        keepFile(preview, null);
        go(`/import/files/${preview.file_id}`, { replace: true });
      },
      () => setGone(true),
    );
  }, [fileId]);
  if (gone) {
    return (
      <Page title="Import">
        <EmptyState title="This file is no longer kept" action={<LinkButton to="/import">Upload it again</LinkButton>}>
          An uploaded file is kept for an hour. How its columns were mapped is remembered.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title={opened ? opened.preview.file_name : "Import"}
      lead={opened && `${formatNumber(opened.preview.row_count)} rows, ${formatNumber(opened.preview.headers.length)} columns`}
    >
      {opened ? <Mapping opened={opened} key={fileId} /> : <Skeleton lines={8} label="Reading the file" />}
    </Page>
  );
}

function Mapping({ opened: { preview, draft, file, reading } }: { opened: OpenedFile }) {
  const [busy, setBusy] = useState(false);
  const { data: fields = [] } = useLoad("fields", (signal) => call("imports.fields", {}, { signal }));
  const mapping = mappingOf(draft, preview);
  const plan = async (): Promise<void> => {
    if (!mapping) return;
    setBusy(true);
    try {
      const { plan_id } = await call("imports.plan", { file_id: preview.file_id, mapping });
      go(`/import/plans/${plan_id}`);
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return (
    <>
      <Warnings texts={preview.warnings} />
      <ReadingOptions preview={preview} file={file} reading={reading} />
      <section class="card" aria-labelledby="columns">
        <h2 id="columns">What the columns mean</h2>
        <Choices preview={preview} draft={draft} />
        <ColumnTable preview={preview} draft={draft} fields={fields} />
      </section>
      <div class="actions sticky">
        <Button kind="primary" icon="right" busy={busy} disabled={!mapping} onClick={() => void plan()}>
          See what it will do
        </Button>
        {!mapping && (
          <p class="bad-text">Map at least one column to an email, phone, external id, cookie or social profile: a lead is found by it.</p>
        )}
      </div>
    </>
  );
}

const Warnings = ({ texts }: { texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <section class="card warnings" aria-label="Warnings">
      <ul>
        {texts.map((text) => (
          <li key={text}>
            <Icon name="warning" /> {text}
          </li>
        ))}
      </ul>
    </section>
  );

/** Guesses about the bytes; a change reads the file again. */
function ReadingOptions({ preview, file, reading }: { preview: FilePreview; file: File | null; reading: Reading }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  if (!file) return null;
  const readAgain = async (change: Reading): Promise<void> => {
    setBusy(true);
    setError(null);
    const next = { ...reading, ...change };
    try {
      const read = await uploadFile(file, next, () => {});
      keepFile(read, file, next);
      go(`/import/files/${read.file_id}`, { replace: true });
    } catch (thrown) {
      setError(thrown as Error);
    }
    setBusy(false);
  };
  const isText = preview.format === "csv";
  const encodings = [...new Set([preview.encoding, ...preview.encoding_alternatives.map(({ encoding }) => encoding), ...ENCODINGS])];
  return (
    <details class="card" open={preview.encoding_confidence < 0.8}>
      <summary>How the file is read</summary>
      <div class="filters" aria-busy={busy}>
        {isText && (
          <label>
            <span>Encoding ({formatPercent(preview.encoding_confidence)} sure)</span>
            <select value={preview.encoding} disabled={busy} onChange={(event) => void readAgain({ encoding: event.currentTarget.value })}>
              {encodings.map((encoding) => (
                <option key={encoding} value={encoding}>
                  {encoding}
                  {sampleOf(preview, encoding)}
                </option>
              ))}
            </select>
          </label>
        )}
        {isText && (
          <label>
            <span>Delimiter</span>
            <select
              value={preview.delimiter}
              disabled={busy}
              onChange={(event) => void readAgain({ delimiter: event.currentTarget.value })}
            >
              {DELIMITERS.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        {preview.sheets.length > 1 && (
          <label>
            <span>Sheet</span>
            <select value={preview.sheets[0]} disabled={busy} onChange={(event) => void readAgain({ sheet: event.currentTarget.value })}>
              {preview.sheets.map((sheet) => (
                <option key={sheet} value={sheet}>
                  {sheet}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>Header in row (0: there is none)</span>
          <input
            type="number"
            min="0"
            value={preview.header_row}
            disabled={busy}
            onChange={(event) => void readAgain({ header_row: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
      <div role="alert">{error && <p class="bad-text">{error.message}</p>}</div>
    </details>
  );
}

function sampleOf({ encoding_alternatives }: FilePreview, encoding: string): string {
  const sample = encoding_alternatives.find((other) => other.encoding === encoding)?.samples[0];
  return sample ? `: ${sample.slice(0, 30)}` : "";
}

function Choices({ preview, draft }: { preview: FilePreview; draft: Draft }) {
  const change = (changed: Partial<Draft>): void => changeDraft(preview.file_id, (before) => ({ ...before, ...changed }));
  const identifiers = identifiersOf(draft);
  return (
    <div class="filters">
      <label>
        <span>A lead is found by</span>
        <select value={draft.primary} onChange={(event) => change({ primary: event.currentTarget.value })}>
          {identifiers.length === 0 && <option value="">No column identifies a lead</option>}
          {identifiers.map((column) => (
            <option key={column} value={column}>
              {column}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>The import may</span>
        <select value={draft.mode} onChange={(event) => change({ mode: event.currentTarget.value as Draft["mode"] })}>
          {MODES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

type TableProps = { preview: FilePreview; draft: Draft; fields: readonly { name: string; standard: boolean }[] };

function ColumnTable({ preview, draft, fields }: TableProps) {
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
                  <meter aria-label={`Filled cells of ${column}`} value={guess?.fill_rate ?? 0} />
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
