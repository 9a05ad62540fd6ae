/** What is going on now: events as they arrive, those that were rejected, and deliveries. The address says which. */
import { Page } from "../../components/page";
import { shownView, ViewLinks } from "../../components/views";
import { Deliveries } from "./deliveries";
import { Events } from "./events";
import { Rejected } from "./rejected";

const VIEWS = [
  { show: "events", title: "Events", View: Events },
  { show: "rejected", title: "Rejected events", View: Rejected },
  { show: "deliveries", title: "Deliveries", View: Deliveries },
] as const;

export function LivePage() {
  const { show, View } = shownView(VIEWS);
  return (
    <Page title="Live">
      <ViewLinks label="Live" to="/live" views={VIEWS} />
      <View key={show} />
    </Page>
  );
}
