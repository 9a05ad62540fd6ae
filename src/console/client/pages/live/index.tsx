/** What is going on now: events as they arrive, those that were rejected, and deliveries. The address says which. */
import { Page } from "../../components/page";
import { hrefOf, query } from "../../router";
import { Deliveries } from "./deliveries";
import { Events } from "./events";
import { Rejected } from "./rejected";

const VIEWS = [
  { show: "events", title: "Events", View: Events },
  { show: "rejected", title: "Rejected events", View: Rejected },
  { show: "deliveries", title: "Deliveries", View: Deliveries },
] as const;

export function LivePage() {
  const wanted = query.value.get("show");
  const { show, View } = VIEWS.find((view) => view.show === wanted) ?? VIEWS[0];
  return (
    <Page title="Live">
      <nav class="views" aria-label="Live">
        {VIEWS.map((view) => (
          <a
            key={view.show}
            href={hrefOf(view.show === "events" ? "/live" : `/live?show=${view.show}`)}
            aria-current={view.show === show ? "page" : undefined}
          >
            {view.title}
          </a>
        ))}
      </nav>
      <View key={show} />
    </Page>
  );
}
