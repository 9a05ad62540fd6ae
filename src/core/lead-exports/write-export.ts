/** Pages of leads as the bytes of a file, in each format. Holds one page in memory. */
import { csvLine, guardCell } from "../csv";
import { writeXlsx } from "../spreadsheets";
import { cellText, type ExportColumn } from "./columns";

export type ExportFormat = "csv" | "ndjson" | "xlsx";
type Shown = Parameters<ExportColumn["show"]>[0];
export type Rows = AsyncGenerator<Shown[]>;

/** Without it Excel does not read a CSV file as UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";

export const WRITERS: Record<ExportFormat, (columns: readonly ExportColumn[], pages: Rows) => ReadableStream<Uint8Array>> = {
  csv: (columns, pages) =>
    textStream(BYTE_ORDER_MARK + csvLine(columns.map(({ name }) => guardCell(name))), pages, (lead) =>
      csvLine(columns.map(({ show }) => guardCell(cellText(show(lead))))),
    ),
  ndjson: (columns, pages) =>
    textStream("", pages, (lead) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, show }) => [name, show(lead)])))}\n`),
  xlsx: (columns, pages) =>
    writeXlsx(
      columns.map(({ name }) => name),
      xlsxRows(columns, pages),
      { sheet: "Leads" },
    ),
};

async function* xlsxRows(columns: readonly ExportColumn[], pages: Rows) {
  for await (const leads of pages) for (const lead of leads) yield { cells: columns.map(({ show }) => cellText(show(lead))) };
}

/** A page is read when the reader has taken the one before. */
function textStream(head: string, pages: Rows, line: (lead: Shown) => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let pending = head;
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const next = await pages.next();
        if (!next.done) for (const lead of next.value) pending += line(lead);
        if (pending !== "") controller.enqueue(encoder.encode(pending));
        const wrote = pending !== "";
        pending = "";
        if (next.done) return controller.close();
        if (wrote) return;
      }
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
}
