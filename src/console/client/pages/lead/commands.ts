/** What the palette offers on a lead's page. */
import { useMemo } from "preact/hooks";
import { deleteLeads } from "../../bulk";
import { type Command, useCommands } from "../../components/palette";
import { toastError } from "../../components/toast";
import { leadTitle } from "../../format";
import { go, path } from "../../router";
import { mayWrite } from "../../session";
import type { Lead } from ".";

/** The list is shown then; the message that says so brings the lead back, and its page with it. */
export async function deleteLead(lead: Lead): Promise<void> {
  const page = `/leads/${lead.lead_id}`;
  const leave = (): void => {
    if (path.peek() === page) go("/leads");
  };
  await deleteLeads({ ids: [lead.lead_id] }, leave, { title: leadTitle(lead), onUndone: () => go(page) }).catch(toastError);
}

export function useLeadCommands(lead: Lead, open: (dialog: "merge" | "erase") => void): void {
  const may = mayWrite();
  const commands = useMemo((): readonly Command[] => {
    if (!may) return [];
    const title = leadTitle(lead);
    return [
      { id: "merge-lead", title: `Merge another lead into ${title}`, icon: "link", run: () => open("merge") },
      { id: "delete-lead", title: `Delete ${title}`, icon: "trash", run: () => void deleteLead(lead) },
      { id: "erase-lead", title: `Erase ${title} for good`, icon: "warning", run: () => open("erase") },
    ];
  }, [lead, may]);
  useCommands(commands);
}
