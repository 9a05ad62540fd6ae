/**
 * A grid over any number of rows, of which only those in view are rendered, and whose cells can be edited: arrows move, Enter or typing edits,
 * Escape gives up, Enter or Tab keeps. WAI-ARIA Authoring Practices, "Grid".
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { GridCell } from "./grid-cell";
import { type At, moved } from "./grid-keys";

export type GridProps = {
  label: string;
  headers: readonly string[];
  rowCount: number;
  /** text of a cell; undefined: its row is not loaded yet */
  cell: (row: number, column: number) => string | undefined;
  /** what is wrong with a cell, in words */
  problem?: (row: number, column: number) => string | undefined;
  /** number that the file gives a row; counted from 1 when left out */
  rowName?: (row: number) => string;
  /** a last column that cannot be edited */
  note?: { title: string; of: (row: number) => string };
  /** left out: nothing can be edited */
  onEdit?: (row: number, column: number, text: string) => void;
  /** rows that have come into view, so that they can be loaded */
  onView?: (first: number, last: number) => void;
};

const ROW_PX = 36;
/** Rows rendered beyond each edge. */
const AROUND = 8;

export function Grid({ label, headers, rowCount, cell, problem, rowName, note, onEdit, onView }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, last: 40 });
  const [at, setAt] = useState<At>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<string | null>(null);
  const look = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - AROUND);
    const last = Math.min(rowCount, Math.ceil((scrollTop + clientHeight) / ROW_PX) + AROUND);
    setView({ first, last });
  };
  useEffect(look, [rowCount]);
  useEffect(() => onView?.(view.first, view.last), [view.first, view.last]);
  const goTo = (next: At): void => {
    setAt(next);
    setEditing(null);
    const frame = box.current;
    if (!frame) return;
    const top = next.row * ROW_PX;
    // the header covers one row
    if (top < frame.scrollTop) frame.scrollTop = top;
    else if (top + 2 * ROW_PX > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + 2 * ROW_PX - frame.clientHeight;
    requestAnimationFrame(() => frame.querySelector<HTMLElement>(`[data-at="${next.row},${next.column}"]`)?.focus());
  };
  const keep = (text: string): void => {
    if (text !== cell(at.row, at.column)) onEdit?.(at.row, at.column, text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (editing !== null) return;
    const next = moved(event, at, { rows: rowCount, columns: headers.length });
    if (next) goTo(next);
    else if (onEdit && (event.key === "Enter" || event.key === "F2")) setEditing(cell(at.row, at.column) ?? "");
    else if (onEdit && event.key === "Delete") keep("");
    else if (onEdit && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) setEditing(event.key);
    else return;
    event.preventDefault();
  };
  const columns = `88px repeat(${headers.length}, minmax(140px, 1fr))${note ? " minmax(200px, 2fr)" : ""}`;
  const rows = Array.from({ length: Math.max(0, view.last - view.first) }, (_, index) => view.first + index);
  return (
    <div
      ref={box}
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={headers.length + (note ? 2 : 1)}
      tabIndex={-1}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div class="grid-row grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: columns }}>
        <div role="columnheader">Row</div>
        {headers.map((header, column) => (
          <div key={column} role="columnheader">
            {header}
          </div>
        ))}
        {note && <div role="columnheader">{note.title}</div>}
      </div>
      <div class="grid-body" style={{ height: `${rowCount * ROW_PX}px` }}>
        {rows.map((row) => (
          <div
            key={row}
            class="grid-row"
            role="row"
            aria-rowindex={row + 2}
            style={{ gridTemplateColumns: columns, transform: `translateY(${row * ROW_PX}px)` }}
          >
            <div role="rowheader">{rowName?.(row) ?? row + 1}</div>
            {headers.map((_, column) => {
              const here = at.row === row && at.column === column;
              return (
                <GridCell
                  key={column}
                  row={row}
                  column={column}
                  text={cell(row, column)}
                  problem={problem?.(row, column)}
                  editable={onEdit !== undefined}
                  current={here}
                  editing={here ? editing : null}
                  onPick={() => goTo({ row, column })}
                  onStart={() => onEdit && setEditing(cell(row, column) ?? "")}
                  onKeep={(text, step) => {
                    keep(text);
                    goTo(moved({ key: step } as KeyboardEvent, at, { rows: rowCount, columns: headers.length }) ?? at);
                  }}
                  onGiveUp={() => goTo(at)}
                />
              );
            })}
            {note && (
              <div role="gridcell" aria-colindex={headers.length + 2} class="note" title={note.of(row)}>
                {note.of(row)}
              </div>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
