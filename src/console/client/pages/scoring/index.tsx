/**
 * Rulesets with their rules, which give points for what leads do and for what they are, and the levels that scores are divided into. The address
 * selects the view.
 */
import { Page } from "../../components/page";
import { shownView, ViewLinks } from "../../components/views";
import { EngagementLevels, ProfileLevels } from "./levels";
import { ProfileRulesets } from "./profile-rulesets";
import { Rulesets } from "./rulesets";

const VIEWS = [
  { show: "rules", title: "Rules", View: Rulesets },
  { show: "levels", title: "Levels", View: EngagementLevels },
  { show: "profile", title: "Profile rules", View: ProfileRulesets },
  { show: "profile-levels", title: "Profile levels", View: ProfileLevels },
] as const;

export function ScoringPage() {
  const { show, View } = shownView(VIEWS);
  return (
    <Page
      title="Scoring"
      lead="Rules give points for what leads do, profile rules for what they are; levels name what the points amount to."
    >
      <ViewLinks label="Scoring" to="/scoring" views={VIEWS} />
      <View key={show} />
    </Page>
  );
}
