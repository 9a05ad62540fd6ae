/** Rows with problems in a grid, and what is corrected in it. */
import { useState } from "preact/hooks";
import { Button } from "../../components/button";
import { Grid } from "../../components/grid";
import { toastError } from "../../components/toast";
import { formatNumber } from "../../format";

/** A row of the file. `problems`: what is wrong with its cells. */
type FileRow = {
  row: number;
  cells: readonly string[];
  error: string | null;
  problems: readonly { column: string; problem: string }[];
};
type Edit = { row: number; column: string; value: string };
type Props = {
  title: string;
  hint: string;
  headers: readonly string[];
  rows: readonly FileRow[];
  /** what the button does with the corrected cells */
  submit: (cells: number) => string;
  onSubmit: (edits: Edit[]) => Promise<void>;
  /** loads further rows */
  onMore?: () => void;
};

export function Corrections({ title, hint, headers, rows, submit, onSubmit, onMore }: Props) {
  const [edits, setEdits] = useState<ReadonlyMap<string, Edit>>(new Map());
  const [busy, setBusy] = useState(false);
  const editOf = (at: number, column: number): Edit | undefined => edits.get(editKey(rows[at]?.row, headers[column]));
  const edit = (at: number, position: number, value: string): void => {
    const [row, column] = [rows[at], headers[position]];
    if (!row || column === undefined) return;
    const next = new Map(edits);
    if (value === (row.cells[position] ?? "")) next.delete(editKey(row.row, column));
    else next.set(editKey(row.row, column), { row: row.row, column, value });
    setEdits(next);
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    await onSubmit([...edits.values()]).catch(toastError);
    setBusy(false);
  };
  return (
    <div class="card">
      <h2>{title}</h2>
      <p class="muted">{hint}</p>
      <Grid
        label={title}
        headers={headers}
        rowCount={rows.length}
        cell={(at, column) => editOf(at, column)?.value ?? rows[at]?.cells[column] ?? ""}
        problem={(at, column) =>
          editOf(at, column) ? undefined : rows[at]?.problems.find((problem) => problem.column === headers[column])?.problem
        }
        rowName={(at) => formatNumber(rows[at]?.row ?? 0)}
        note={{ title: "What is wrong", of: (at) => wrongWith(rows[at]) }}
        onEdit={edit}
      />
      <p class="small muted">Arrows move, Enter or typing edits, Escape gives up.</p>
      <div class="actions">
        <Button kind="primary" icon="check" busy={busy} disabled={edits.size === 0} onClick={() => void send()}>
          {submit(edits.size)}
        </Button>
        {edits.size > 0 && (
          <Button icon="undo" onClick={() => setEdits(new Map())}>
            Discard {formatNumber(edits.size)} {edits.size === 1 ? "correction" : "corrections"}
          </Button>
        )}
        {onMore && <Button onClick={onMore}>Look for more</Button>}
      </div>
    </div>
  );
}

const editKey = (row: number | undefined, column: string | undefined): string => `${row} ${column}`;

function wrongWith(row: FileRow | undefined): string {
  const texts = [row?.error, ...(row?.problems.map(({ problem }) => problem) ?? [])];
  return [...new Set(texts)].filter(Boolean).join("; ");
}
