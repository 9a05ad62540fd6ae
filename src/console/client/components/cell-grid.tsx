/** Rows of a file whose cells can be corrected. Only the rows in view are drawn; arrows up and down move within a column. */
import { useRef, useState } from "preact/hooks";
import { formatNumber } from "../format";

export type GridRow = {
  row: number;
  cells: readonly string[];
  error: string | null;
  problems: readonly { column: string; problem: string }[];
};
/** New values by row and column. */
export type Edits = ReadonlyMap<string, string>;
export const editKey = (row: number, column: string): string => `${row} ${column}`;

type GridProps = {
  caption: string;
  headers: readonly string[];
  rows: readonly GridRow[];
  edits: Edits;
  onEdit: (row: number, column: string, value: string) => void;
};

const ROW_HEIGHT = 44;
const VIEW_HEIGHT = 440;
const ROWS_AHEAD = 6;

export function CellGrid({ caption, headers, rows, edits, onEdit }: GridProps) {
  const [top, setTop] = useState(0);
  const scroll = useRef<HTMLElement>(null);
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - ROWS_AHEAD);
  const last = Math.min(rows.length, Math.ceil((top + VIEW_HEIGHT) / ROW_HEIGHT) + ROWS_AHEAD);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const cell = event.target as HTMLInputElement;
    if (step === 0 || cell.dataset.at === undefined) return;
    const next = scroll.current?.querySelector<HTMLInputElement>(
      `[data-at="${Number(cell.dataset.at) + step}"][data-column="${cell.dataset.column}"]`,
    );
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={scroll} class="grid-scroll" aria-label={caption} tabIndex={0} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <table class="grid" aria-rowcount={rows.length + 1} onKeyDown={move}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Row</th>
            <th scope="col">What is wrong</th>
            {headers.map((header) => (
              <th key={header} scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={first} />
          {rows.slice(first, last).map((row, at) => (
            <Row key={row.row} row={row} at={first + at} headers={headers} edits={edits} onEdit={onEdit} />
          ))}
          <Spacer rows={rows.length - last} />
        </tbody>
      </table>
    </section>
  );
}

const Spacer = ({ rows }: { rows: number }) =>
  rows === 0 ? null : (
    <tr>
      <td style={{ height: `${rows * ROW_HEIGHT}px`, padding: 0 }} />
    </tr>
  );

type RowProps = Pick<GridProps, "headers" | "edits" | "onEdit"> & { row: GridRow; at: number };

function Row({ row: { row, cells, error, problems }, at, headers, edits, onEdit }: RowProps) {
  const text = [error, ...problems.map(({ problem }) => problem)].filter(Boolean).join("; ");
  return (
    <tr aria-rowindex={at + 2}>
      <th scope="row">{formatNumber(row)}</th>
      <td class="problem" title={text}>
        {text}
      </td>
      {headers.map((column, position) => {
        const value = edits.get(editKey(row, column));
        const wrong = value === undefined && problems.some((problem) => problem.column === column);
        return (
          <td key={column} class={value === undefined ? undefined : "edited"}>
            <input
              aria-label={`${column}, row ${row}`}
              aria-invalid={wrong || undefined}
              data-at={at}
              data-column={position}
              value={value ?? cells[position] ?? ""}
              onInput={(event) => onEdit(row, column, event.currentTarget.value)}
            />
          </td>
        );
      })}
    </tr>
  );
}
