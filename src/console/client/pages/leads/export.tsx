/** The selected leads, or all that the list is narrowed to, as a CSV file that an import takes back. */
import { useState } from "preact/hooks";
import { send } from "../../call";
import { Button } from "../../components/button";
import type { Selection } from "../../components/row-selection";
import { toast, toastError } from "../../components/toast";
import { counted } from "../../format";
import { saveBlob } from "../../save-file";

type Filter = Readonly<Record<string, string>>;

/** Very long lists come as several files. */
export async function exportLeads(wanted: { ids: string[] } | { filter: Filter }): Promise<void> {
  let cursor: string | null = null;
  let files = 0;
  do {
    const init: RequestInit = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...wanted, ...(cursor === null ? {} : { cursor }) }),
    };
    const response = await send("/console/api/export/leads", init);
    cursor = response.headers.get("X-Next-Cursor");
    files += 1;
    saveBlob(await response.blob(), cursor === null && files === 1 ? "leads.csv" : `leads-${files}.csv`);
  } while (cursor !== null);
  toast(files === 1 ? "Exported to leads.csv" : `Exported to ${counted(files, "file")}`);
}

export function ExportButton({ selection, filter }: { selection: Selection; filter: Filter }) {
  const [busy, setBusy] = useState(false);
  const ids = [...selection.value];
  const run = async (): Promise<void> => {
    setBusy(true);
    await exportLeads(ids.length > 0 ? { ids } : { filter }).catch(toastError);
    setBusy(false);
  };
  return (
    <Button icon="import" busy={busy} aria-label={ids.length > 0 ? "Export selection" : "Export this list"} onClick={() => void run()}>
      Export
    </Button>
  );
}
