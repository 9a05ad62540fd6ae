import type { Pages } from "../load-pages";
import { DataTable, type TableProps } from "./data-table";
import { ErrorState } from "./states";

/** The table of a list that is loaded page by page, or why it could not be loaded. */
export const PagedTable = <Row,>({
  pages: { rows, more, loading, error, reload },
  ...table
}: { pages: Pages<Row> } & Omit<TableProps<Row>, "rows" | "loading" | "onMore">) =>
  error ? (
    <ErrorState error={error} onRetry={reload} />
  ) : (
    <DataTable {...table} rows={rows} loading={loading} {...(more ? { onMore: more } : {})} />
  );
