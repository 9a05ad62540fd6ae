/** Every ruleset with its rules: what an event is worth, and how long. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { useLoad } from "../../load";
import { type Act, actThen } from "./act";
import { filterWords, type Rule } from "./filter-words";
import { HalfLifeSpark, inDays } from "./half-life";
import { PeriodFields, periodWords } from "./period-fields";
import { RuleLine, RulesetCard } from "./ruleset-card";
import { RulesetDialog } from "./ruleset-dialog";
import { RulesetList } from "./ruleset-list";

export type Ruleset = CallOutput<"scoring.rulesets">[number];

export function Rulesets() {
  const loaded = useLoad("rulesets", (signal) => call("scoring.rulesets", {}, { signal }));
  const [editing, setEditing] = useState<Ruleset | "new" | null>(null);
  const act = actThen(loaded.reload);
  return (
    <>
      <RulesetList
        loaded={loaded}
        rulesets={loaded.data}
        about="A ruleset holds rules that belong together. Without rules every lead has a score of 0."
        onCreate={() => setEditing("new")}
      >
        {(ruleset) => <OneRuleset key={ruleset.ruleset_id} ruleset={ruleset} act={act} onEdit={() => setEditing(ruleset)} />}
      </RulesetList>
      {editing && <EditDialog ruleset={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSaved={loaded.reload} />}
    </>
  );
}

type DialogProps = { ruleset: Ruleset | null; onClose: () => void; onSaved: () => void };

function EditDialog({ ruleset, onClose, onSaved }: DialogProps) {
  const [period, setPeriod] = useState({ starts_at: ruleset?.starts_at ?? null, ends_at: ruleset?.ends_at ?? null });
  return (
    <RulesetDialog
      name={ruleset?.name ?? null}
      hint="What its rules are about, such as Website or Spring campaign"
      save={(name) =>
        ruleset
          ? call("scoring.changeRuleset", { ruleset_id: ruleset.ruleset_id, seen: ruleset.updated_at, name, ...period })
          : call("scoring.createRuleset", { name, ...period })
      }
      onClose={onClose}
      onSaved={onSaved}
    >
      <PeriodFields period={period} onChange={setPeriod} />
    </RulesetDialog>
  );
}

function OneRuleset({ ruleset, act, onEdit }: { ruleset: Ruleset; act: Act; onEdit: () => void }) {
  const { ruleset_id, name, active, updated_at: seen, rules } = ruleset;
  const period = periodWords(ruleset);
  const remove = () =>
    act(
      `The ruleset ${name} is deleted; points it gave stay`,
      () => call("scoring.deleteRuleset", { ruleset_id }),
      () => call("scoring.restoreRuleset", { ruleset_id }),
    );
  const turn = () =>
    act(`${name} is ${active ? "paused" : "active again"}`, () => call("scoring.changeRuleset", { ruleset_id, seen, active: !active }));
  return (
    <RulesetCard
      ruleset={ruleset}
      newRule={`/scoring/rules/new?ruleset=${ruleset_id}`}
      note={period && <p class="muted">Applies {period}</p>}
      onEdit={onEdit}
      onTurn={turn}
      onRemove={remove}
    >
      {rules.map((rule) => (
        <OneRule key={rule.rule_id} rule={rule} act={act} />
      ))}
    </RulesetCard>
  );
}

function OneRule({ rule, act }: { rule: Rule; act: Act }) {
  const { rule_id, event_type, weight, half_life_days, attribute_filters, active, updated_at: seen } = rule;
  const words = [...attribute_filters.map(filterWords), periodWords(rule)].filter((text) => text !== null).join(" and ");
  const remove = () =>
    act(
      `The rule for ${event_type} is deleted; points it gave stay`,
      () => call("scoring.deleteRule", { rule_id }),
      () => call("scoring.restoreRule", { rule_id }),
    );
  const turn = () =>
    act(`The rule for ${event_type} is ${active ? "paused" : "active again"}`, () =>
      call("scoring.changeRule", { rule_id, seen, active: !active }),
    );
  return (
    <RuleLine
      to={`/scoring/rules/${rule_id}`}
      title={event_type}
      active={active}
      weight={weight}
      words={words}
      onTurn={turn}
      onRemove={remove}
    >
      <div class="rule-fading">
        <HalfLifeSpark weight={weight} days={half_life_days} />
        <span class="muted small">{half_life_days === null ? "stay" : `half after ${inDays(half_life_days)}`}</span>
      </div>
    </RuleLine>
  );
}
