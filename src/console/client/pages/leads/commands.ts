/** What the palette offers on the list of leads. */
import { useMemo } from "preact/hooks";
import { type Command, useCommands } from "../../components/palette";
import type { Selection } from "../../components/row-selection";
import { toastError } from "../../components/toast";
import { setQuery } from "../../router";
import { exportLeads } from "./export";
import { NOTHING } from "./saved-views";

export function useListCommands(selection: Selection, filter: Readonly<Record<string, string>>): void {
  const selected = [...selection.value];
  const commands = useMemo(
    (): readonly Command[] => [
      {
        id: "export-leads",
        title: selected.length > 0 ? "Export the selected leads" : "Export these leads",
        icon: "import",
        run: () => void exportLeads(selected.length > 0 ? { ids: selected } : { filter }).catch(toastError),
      },
      { id: "all-leads", title: "Show all leads", icon: "filter", run: () => setQuery(NOTHING) },
    ],
    [selection.value, JSON.stringify(filter)],
  );
  useCommands(commands);
}
