/** One rule, new or saved: what it counts, how its points fade, and what it would have done. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { CheckField, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { go, query } from "../../router";
import type { PageProps } from "..";
import { FilterFields } from "./filter-fields";
import type { Rule } from "./filter-words";
import { HalfLifeCurve } from "./half-life";
import { PeriodFields } from "./period-fields";
import { changesOf, draftOf, NEW_RULE, type RuleDraft, type SentRule, sentRule } from "./rule-draft";
import { PointsField, RuleForm } from "./rule-form";
import { RuleTrial } from "./rule-trial";
import type { Ruleset } from "./rulesets";

export function RulePage({ params: { id = "" } }: PageProps) {
  const { data, error, reload } = useLoad("rulesets", (signal) => call("scoring.rulesets", {}, { signal }));
  const rule = data?.flatMap(({ rules }) => rules).find(({ rule_id }) => rule_id === id) ?? null;
  const wanted = rule?.ruleset_id ?? query.value.get("ruleset");
  const ruleset = data?.find(({ ruleset_id }) => ruleset_id === wanted);
  if (data && ruleset && (rule || id === "new"))
    return <RuleView key={`${id} ${rule?.updated_at ?? 0}`} rule={rule} ruleset={ruleset} onSaved={reload} />;
  return (
    <Page title="Rule">
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={8} label="Loading the rule" />}
      {data && (
        <EmptyState title="This rule does not exist" action={<LinkButton to="/scoring">All rules</LinkButton>}>
          It may have been deleted.
        </EmptyState>
      )}
    </Page>
  );
}

type ViewProps = { rule: Rule | null; ruleset: Ruleset; onSaved: () => void };

function RuleView({ rule, ruleset, onSaved }: ViewProps) {
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? draftOf(rule) : NEW_RULE));
  const [weight, halfLife] = [Number(draft.weight), Number(draft.half_life)];
  const drawn = { weight: Number.isFinite(weight) ? weight : 0, days: draft.fades && halfLife > 0 ? halfLife : null };
  return (
    <Page
      title={rule ? `Rule for ${rule.event_type}` : "New rule"}
      lead={`Ruleset ${ruleset.name}`}
      actions={<LinkButton to="/scoring">All rules</LinkButton>}
    >
      <div class="lead-columns">
        <section class="card" aria-label="The rule">
          <EventRuleForm draft={draft} onChange={setDraft} onSave={async () => save(rule, ruleset, sentRule(draft), onSaved)} />
        </section>
        <div class="lead-column">
          <section class="card" aria-label="How the points fade">
            <HalfLifeCurve {...drawn} />
          </section>
          <RuleTrial draft={draft} saved={rule !== null} />
        </div>
      </div>
    </Page>
  );
}

type FormProps = { draft: RuleDraft; onChange: (draft: RuleDraft) => void; onSave: () => Promise<void> };

function EventRuleForm({ draft, onChange, onSave }: FormProps) {
  const change = (to: Partial<RuleDraft>): void => onChange({ ...draft, ...to });
  const { data: types = [] } = useLoad("types", (signal) => call("scoring.eventTypes", {}, { signal }));
  const known = types.some(({ name }) => name === draft.event_type);
  const { data: properties = [] } = useLoad(known ? draft.event_type : "", (signal) =>
    known ? call("scoring.eventProperties", { event_type: draft.event_type }, { signal }) : Promise.resolve([]),
  );
  return (
    <RuleForm onSave={onSave} note="It applies to events from now on. Points that were given before stay.">
      <TextField
        label="When a lead does"
        name="event_type"
        value={draft.event_type}
        suggestions={types.map(({ name }) => name)}
        hint="The type of the event, such as Page View"
        autocomplete="off"
        onInput={(event) => change({ event_type: event.currentTarget.value })}
      />
      <PointsField value={draft.weight} onChange={(weight) => change({ weight })} />
      <CheckField label="Points fade with time" name="fades" checked={draft.fades} onChange={(fades) => change({ fades })} />
      {draft.fades && (
        <TextField
          label="Days until half of them are left"
          name="half_life_days"
          type="number"
          min={0}
          step="any"
          value={draft.half_life}
          onInput={(event) => change({ half_life: event.currentTarget.value })}
        />
      )}
      <FilterFields filters={draft.filters} properties={properties} onChange={(filters) => change({ filters })} />
      <PeriodFields period={draft} onChange={change} />
    </RuleForm>
  );
}

async function save(rule: Rule | null, { ruleset_id }: Ruleset, sent: SentRule, onSaved: () => void): Promise<void> {
  if (!rule) {
    const { event_type } = await call("scoring.createRule", { ruleset_id, ...sent });
    toast(`The rule for ${event_type} is saved`);
    go("/scoring");
    return;
  }
  const { rule_id } = rule;
  const changes = changesOf(rule, sent);
  if (Object.keys(changes).length === 0) {
    toast("Nothing has changed");
    return;
  }
  const { updated_at: seen } = await call("scoring.changeRule", { rule_id, seen: rule.updated_at, ...changes });
  const before = sentRule(draftOf(rule));
  const undo = (): void => {
    call("scoring.changeRule", { rule_id, seen, ...before })
      .then(() => toast("The rule is as it was"), toastError)
      .finally(onSaved);
  };
  toast("The rule is saved", { undo });
  onSaved();
}
