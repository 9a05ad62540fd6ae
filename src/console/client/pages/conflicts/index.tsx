/** Leads that may be one person: cases in which two were given one alias, and pairs that look alike. The address selects the view. */
import { Page } from "../../components/page";
import { shownView, ViewLinks } from "../../components/views";
import { Conflicts } from "./conflicts";
import { Duplicates } from "./duplicates";

const VIEWS = [
  { show: "open", title: "Conflicts", View: Conflicts, lead: "Two leads were given one alias. Nothing moves until somebody decides." },
  {
    show: "duplicates",
    title: "Likely duplicates",
    View: Duplicates,
    lead: "Leads that look like one person. Nothing is merged by itself.",
  },
] as const;

export function ConflictsPage() {
  const { show, title, lead, View } = shownView(VIEWS);
  return (
    <Page title={title} lead={lead}>
      <ViewLinks label="Conflicts" to="/conflicts" views={VIEWS} />
      <View key={show} />
    </Page>
  );
}
