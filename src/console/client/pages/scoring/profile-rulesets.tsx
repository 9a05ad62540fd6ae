/** Rulesets on what leads are, each with its rules, and which fields of leads the rules look at. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { useLoad } from "../../load";
import { type Act, actThen } from "./act";
import { ProfileMappings } from "./profile-mappings";
import {
  conditionWords,
  fieldWords,
  keysOf,
  type ProfileMapping,
  type ProfileRule,
  type ProfileRuleset,
  profileDraftOf,
  sentProfileRule,
} from "./profile-words";
import { RuleLine, RulesetCard } from "./ruleset-card";
import { RulesetDialog } from "./ruleset-dialog";
import { RulesetList } from "./ruleset-list";

export function ProfileRulesets() {
  const loaded = useLoad("profile book", (signal) => call("profileScoring.book", {}, { signal }));
  const [editing, setEditing] = useState<ProfileRuleset | "new" | null>(null);
  const { data, reload } = loaded;
  const act = actThen(reload);
  return (
    <>
      <RulesetList
        loaded={loaded}
        rulesets={data?.rulesets}
        about="Rules on fields such as the job title or the country say how well a lead fits. Without rules every profile score is 0."
        onCreate={() => setEditing("new")}
      >
        {(ruleset) => (
          <OneRuleset
            key={ruleset.ruleset_id}
            ruleset={ruleset}
            mappings={data?.mappings ?? []}
            act={act}
            onEdit={() => setEditing(ruleset)}
          />
        )}
      </RulesetList>
      {data && (data.rulesets.length > 0 || data.mappings.length > 0) && <ProfileMappings book={data} act={act} onSaved={reload} />}
      {editing && (
        <RulesetDialog
          name={editing === "new" ? null : editing.name}
          hint="What its rules are about, such as Role or Company size"
          save={(name) =>
            editing === "new"
              ? call("profileScoring.createRuleset", { name })
              : call("profileScoring.changeRuleset", { ruleset_id: editing.ruleset_id, seen: editing.updated_at, name })
          }
          onClose={() => setEditing(null)}
          onSaved={reload}
        />
      )}
    </>
  );
}

type OneProps = { ruleset: ProfileRuleset; mappings: readonly ProfileMapping[]; act: Act; onEdit: () => void };

function OneRuleset({ ruleset, mappings, act, onEdit }: OneProps) {
  const { ruleset_id, name, active, updated_at: seen, rules } = ruleset;
  const remove = () =>
    act(
      `The ruleset ${name} is deleted; its points are gone at once`,
      () => call("profileScoring.deleteRuleset", { ruleset_id }),
      () => call("profileScoring.recreateRuleset", { name, active, rules: rules.map(copyOf) }),
    );
  const turn = () =>
    act(`${name} is ${active ? "paused" : "active again"}`, () =>
      call("profileScoring.changeRuleset", { ruleset_id, seen, active: !active }),
    );
  return (
    <RulesetCard
      ruleset={ruleset}
      newRule={`/scoring/profile-rules/new?ruleset=${ruleset_id}`}
      onEdit={onEdit}
      onTurn={turn}
      onRemove={remove}
    >
      {rules.map((rule) => (
        <OneRule key={rule.rule_id} rule={rule} mappings={mappings} act={act} />
      ))}
    </RulesetCard>
  );
}

const copyOf = (rule: ProfileRule) => ({ ...sentProfileRule(profileDraftOf(rule)), active: rule.active });

function OneRule({ rule, mappings, act }: { rule: ProfileRule; mappings: readonly ProfileMapping[]; act: Act }) {
  const { ruleset_id, rule_id, profile_field, weight, active, updated_at: seen } = rule;
  const keys = keysOf(mappings, profile_field);
  const title = `${fieldWords(profile_field)} ${conditionWords(rule)}`;
  const remove = () =>
    act(
      `The rule for ${title} is deleted; its points are gone at once`,
      () => call("profileScoring.deleteRule", { ruleset_id, rule_id }),
      () => call("profileScoring.createRule", { ruleset_id, ...copyOf(rule) }),
    );
  const turn = () =>
    act(`The rule for ${title} is ${active ? "paused" : "active again"}`, () =>
      call("profileScoring.changeRule", { ruleset_id, rule_id, seen, active: !active }),
    );
  return (
    <RuleLine
      to={`/scoring/profile-rules/${rule_id}`}
      title={title}
      active={active}
      weight={weight}
      words={keys.length === 0 ? "Nothing fills this field yet: see below" : `from ${keys.join(", or else ")}`}
      onTurn={turn}
      onRemove={remove}
    />
  );
}
