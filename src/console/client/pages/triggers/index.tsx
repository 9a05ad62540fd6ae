/** Triggers, and what they have fired. The address says which. */
import { LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { shownView, ViewLinks } from "../../components/views";
import { mayWrite } from "../../session";
import { Firings } from "./firings";
import { TriggerList } from "./list";

const VIEWS = [
  { show: "triggers", title: "Triggers", View: TriggerList },
  { show: "firings", title: "Recent firings", View: Firings },
] as const;

export function TriggersPage() {
  const { show, View } = shownView(VIEWS);
  return (
    <Page
      title="Triggers"
      lead="A trigger notices what a lead does and notifies people and programs within seconds."
      actions={
        mayWrite() && (
          <LinkButton to="/triggers/milestone/new" kind="primary" icon="plus">
            New trigger
          </LinkButton>
        )
      }
    >
      <ViewLinks label="Triggers" to="/triggers" views={VIEWS} />
      <View key={show} />
    </Page>
  );
}
