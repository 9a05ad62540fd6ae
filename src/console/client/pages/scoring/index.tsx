/** What events are worth: rulesets with their rules, and the levels that scores are divided into. The address says which. */
import { Page } from "../../components/page";
import { shownView, ViewLinks } from "../../components/views";
import { Levels } from "./levels";
import { Rulesets } from "./rulesets";

const VIEWS = [
  { show: "rules", title: "Rules", View: Rulesets },
  { show: "levels", title: "Levels", View: Levels },
] as const;

export function ScoringPage() {
  const { show, View } = shownView(VIEWS);
  return (
    <Page title="Scoring" lead="Rules give points for what leads do; levels name what the points amount to.">
      <ViewLinks label="Scoring" to="/scoring" views={VIEWS} />
      <View key={show} />
    </Page>
  );
}
