/** Moving in a grid by keyboard. */

export type At = { row: number; column: number };

const PAGE_ROWS = 10;

/** Where a key leads; null: the key moves nothing. */
export function moved(
  { key, ctrlKey }: Pick<KeyboardEvent, "key" | "ctrlKey">,
  { row, column }: At,
  size: { rows: number; columns: number },
): At | null {
  const to = (nextRow: number, nextColumn: number): At => ({
    row: Math.min(Math.max(nextRow, 0), Math.max(0, size.rows - 1)),
    column: Math.min(Math.max(nextColumn, 0), Math.max(0, size.columns - 1)),
  });
  switch (key) {
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowRight":
      return to(row, column + 1);
    case "ArrowLeft":
      return to(row, column - 1);
    case "PageDown":
      return to(row + PAGE_ROWS, column);
    case "PageUp":
      return to(row - PAGE_ROWS, column);
    case "Home":
      return to(ctrlKey ? 0 : row, 0);
    case "End":
      return to(ctrlKey ? size.rows - 1 : row, size.columns - 1);
    default:
      return null;
  }
}
