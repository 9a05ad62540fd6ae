/** A table over pages of any number of rows: more are loaded as the end comes near. Columns can be chosen; the choice is kept in the browser. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { formatNumber } from "../format";
import { Button } from "./button";
import { Menu } from "./menu";
import { moveBetweenRows, type Selection, selectTo } from "./row-selection";
import { Sentinel } from "./sentinel";
import { Skeleton } from "./states";

export type Column<Row> = {
  id: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** to the right, digits under digits */
  numeric?: boolean;
  /** not shown until it is chosen */
  hidden?: boolean;
  /** the first column names the row, and stays in view; it cannot be hidden */
};

export type TableProps<Row> = {
  /** what is remembered of it in the browser */
  name: string;
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** names a row for its checkbox */
  rowLabel?: (row: Row) => string;
  selection?: Selection;
  loading?: boolean;
  /** loads the next page; left out at the end */
  onMore?: () => void;
  /** shown when there are no rows */
  empty: ComponentChildren;
  /** beside the column chooser */
  tools?: ComponentChildren;
};

const SKELETON_LINES = 10;

export function DataTable<Row>(props: TableProps<Row>) {
  const { name, caption, columns, rows, loading = false, onMore, empty, tools } = props;
  const choice = useMemo(() => columnChoice(name, columns), [name]);
  const shown = columns.filter(({ id }, at) => at === 0 || choice.value.includes(id));
  const first = loading && rows.length === 0;
  return (
    <div class="table">
      <div class="table-tools">
        {tools}
        <ColumnChooser columns={columns.slice(1)} choice={choice} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="table-scroll" aria-label={caption} tabIndex={0} aria-busy={loading}>
        {first ? (
          <Skeleton lines={SKELETON_LINES} label={`Loading ${caption}`} />
        ) : rows.length === 0 ? (
          empty
        ) : (
          <Rows {...props} columns={shown} />
        )}
        {onMore && rows.length > 0 && <Sentinel onReach={() => !loading && onMore()} key={rows.length} />}
      </section>
      {onMore && rows.length > 0 && (
        <div class="table-more">
          <Button busy={loading} onClick={onMore}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}

function Rows<Row>({ caption, columns, rows, rowKey, rowLabel, selection }: TableProps<Row>) {
  const anchor = useRef<string | null>(null);
  const keys = rows.map(rowKey);
  const chosen = selection?.value;
  const all = chosen !== undefined && keys.every((key) => chosen.has(key));
  return (
    <table>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {selection && (
            <th scope="col" class="check">
              <input
                type="checkbox"
                aria-label={`Select all ${formatNumber(rows.length)} that are loaded`}
                checked={all}
                onChange={() => {
                  selection.value = new Set(all ? [] : keys);
                }}
              />
            </th>
          )}
          {columns.map(({ id, title, numeric }) => (
            <th key={id} scope="col" class={numeric ? "numeric" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={moveBetweenRows}>
        {rows.map((row, at) => {
          const key = keys[at] ?? "";
          return (
            <tr key={key} class={chosen?.has(key) ? "selected" : undefined}>
              {selection && (
                <td class="check">
                  <input
                    type="checkbox"
                    aria-label={`Select ${rowLabel?.(row) ?? key}`}
                    checked={chosen?.has(key)}
                    onClick={(event) => {
                      selectTo(selection, keys, key, event.shiftKey ? anchor.current : null);
                      anchor.current = key;
                    }}
                  />
                </td>
              )}
              {columns.map(({ id, cell, numeric }, column) =>
                column === 0 ? (
                  <th key={id} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={id} class={numeric ? "numeric" : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function columnChoice<Row>(name: string, columns: readonly Column<Row>[]) {
  const key = `leadedge.columns.${name}`;
  const stored = localStorage.getItem(key);
  const choice = signal<readonly string[]>(stored ? stored.split(",") : columns.filter(({ hidden }) => !hidden).map(({ id }) => id));
  choice.subscribe((ids) => {
    if (ids.join() !== stored) localStorage.setItem(key, ids.join());
  });
  return choice;
}

type Choice = ReturnType<typeof columnChoice>;

const ColumnChooser = ({ columns, choice }: { columns: readonly { id: string; title: string }[]; choice: Choice }) => (
  <Menu label="Columns" icon="columns">
    <fieldset class="choices">
      <legend>Columns</legend>
      {columns.map(({ id, title }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={choice.value.includes(id)}
            onChange={(event) => {
              choice.value = event.currentTarget.checked ? [...choice.value, id] : choice.value.filter((other) => other !== id);
            }}
          />
          {title}
        </label>
      ))}
    </fieldset>
  </Menu>
);
