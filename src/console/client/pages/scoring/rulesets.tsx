/** Every ruleset with its rules: what an event is worth, and how long. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatSigned } from "../../format";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import { filterWords, type Rule } from "./filter-words";
import { HalfLifeSpark, inDays } from "./half-life";
import { periodWords } from "./period-fields";
import { type Ruleset, RulesetDialog } from "./ruleset-dialog";

/** Does something, says so, and shows what is stored then. */
export type Act = (done: string, change: () => Promise<unknown>, undo?: () => Promise<unknown>) => void;

export function Rulesets() {
  const { data, error, reload } = useLoad("rulesets", (signal) => call("scoring.rulesets", {}, { signal }));
  const [editing, setEditing] = useState<Ruleset | "new" | null>(null);
  const act: Act = (done, change, undo) => {
    const takeBack = undo && { undo: () => act(`Undone: ${done}`, undo) };
    change()
      .then(() => toast(done, takeBack), toastError)
      .finally(reload);
  };
  return (
    <>
      {mayWrite() && (data?.length ?? 0) > 0 && (
        <div class="actions">
          <Button icon="plus" onClick={() => setEditing("new")}>
            New ruleset
          </Button>
        </div>
      )}
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={8} label="Loading rulesets" />}
      {data?.length === 0 && (
        <EmptyState
          icon="scoring"
          title="No rulesets yet"
          action={
            mayWrite() && (
              <Button kind="primary" onClick={() => setEditing("new")}>
                New ruleset
              </Button>
            )
          }
        >
          A ruleset holds rules that belong together. Without rules every lead has a score of 0.
        </EmptyState>
      )}
      {data?.map((ruleset) => (
        <RulesetCard key={ruleset.ruleset_id} ruleset={ruleset} act={act} onEdit={() => setEditing(ruleset)} />
      ))}
      {editing && <RulesetDialog ruleset={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSaved={reload} />}
    </>
  );
}

type CardProps = { ruleset: Ruleset; act: Act; onEdit: () => void };

function RulesetCard({ ruleset, act, onEdit }: CardProps) {
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
    <section class="card" aria-labelledby={ruleset_id}>
      <div class="card-head wrap">
        <h2 id={ruleset_id}>
          {name} {!active && <Pill tone="warning">paused</Pill>}
        </h2>
        {mayWrite() && (
          <div class="actions">
            <LinkButton to={`/scoring/rules/new?ruleset=${ruleset_id}`} icon="plus">
              New rule
            </LinkButton>
            <Button kind="quiet" icon="edit" onClick={onEdit} aria-label={`Change ${name}`}>
              Change
            </Button>
            <Button kind="quiet" onClick={turn} aria-label={`${active ? "Pause" : "Resume"} ${name}`}>
              {active ? "Pause" : "Resume"}
            </Button>
            <Button kind="quiet" icon="trash" onClick={remove} aria-label={`Delete ${name}`}>
              Delete
            </Button>
          </div>
        )}
      </div>
      {period && <p class="muted">Applies {period}</p>}
      {rules.length === 0 ? (
        <p class="muted">It has no rules yet{mayWrite() ? ": add the first one" : ""}.</p>
      ) : (
        <ul class="rules" aria-label={`Rules of ${name}`}>
          {rules.map((rule) => (
            <RuleLine key={rule.rule_id} rule={rule} act={act} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RuleLine({ rule, act }: { rule: Rule; act: Act }) {
  const { rule_id, event_type, weight, half_life_days, attribute_filters, active, updated_at: seen } = rule;
  const period = periodWords(rule);
  const words = [...attribute_filters.map(filterWords), period].filter((text) => text !== null).join(" and ");
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
    <li>
      <div class="rule-what">
        <a href={hrefOf(`/scoring/rules/${rule_id}`)}>{event_type}</a> {!active && <Pill tone="warning">paused</Pill>}
        {words && <p class="muted small">{words}</p>}
      </div>
      <strong class="points">{pointsText(weight)}</strong>
      <div class="rule-fading">
        <HalfLifeSpark weight={weight} days={half_life_days} />
        <span class="muted small">{half_life_days === null ? "stay" : `half after ${inDays(half_life_days)}`}</span>
      </div>
      {mayWrite() && (
        <div class="actions">
          <Button kind="quiet" onClick={turn} aria-label={`${active ? "Pause" : "Resume"} the rule for ${event_type}`}>
            {active ? "Pause" : "Resume"}
          </Button>
          <Button kind="quiet" icon="trash" onClick={remove} aria-label={`Delete the rule for ${event_type}`}>
            Delete
          </Button>
        </div>
      )}
    </li>
  );
}

const pointsText = (weight: number): string => `${formatSigned(weight)} ${Math.abs(weight) === 1 ? "point" : "points"}`;
