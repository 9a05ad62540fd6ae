/** Rows with problems in a grid, and what is corrected in it. */
import { useState } from "preact/hooks";
import { Button } from "../../components/button";
import { CellGrid, type Edits, editKey, type GridRow } from "../../components/cell-grid";
import { toastError } from "../../components/toast";
import { formatNumber } from "../../format";

type Edit = { row: number; column: string; value: string };
type Props = {
  title: string;
  hint: string;
  headers: readonly string[];
  rows: readonly GridRow[];
  /** what the button does with the corrected cells */
  submit: (cells: number) => string;
  onSubmit: (edits: Edit[]) => Promise<void>;
  /** loads further rows */
  onMore?: () => void;
};

export function Corrections({ title, hint, headers, rows, submit, onSubmit, onMore }: Props) {
  const [edits, setEdits] = useState<ReadonlyMap<string, Edit>>(new Map());
  const [busy, setBusy] = useState(false);
  const values: Edits = new Map([...edits].map(([key, { value }]) => [key, value]));
  const edit = (row: number, column: string, value: string): void => {
    const next = new Map(edits);
    const original = rows.find((other) => other.row === row)?.cells[headers.indexOf(column)] ?? "";
    if (value === original) next.delete(editKey(row, column));
    else next.set(editKey(row, column), { row, column, value });
    setEdits(next);
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    await onSubmit([...edits.values()]).catch(toastError);
    setBusy(false);
  };
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <p class="muted">{hint}</p>
      <CellGrid caption={title} headers={headers} rows={rows} edits={values} onEdit={edit} />
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
    </section>
  );
}
