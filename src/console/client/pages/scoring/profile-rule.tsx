/** One rule on a field of leads, new or saved: what it compares, what that is worth, and which leads match. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { SelectField, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { go, query } from "../../router";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { LeadFieldField } from "./profile-mappings";
import { ProfileRuleTrial } from "./profile-rule-trial";
import {
  conditionWords,
  fieldWords,
  keysOf,
  NEW_PROFILE_RULE,
  PROFILE_OPERATORS,
  type ProfileMapping,
  type ProfileRule,
  type ProfileRuleDraft,
  type ProfileRuleset,
  profileDraftOf,
  type SentProfileRule,
  sentProfileRule,
} from "./profile-words";
import { PointsField, RuleForm } from "./rule-form";

const LIST = "/scoring?show=profile";
const OPTIONS = Object.entries(PROFILE_OPERATORS).map(([value, label]) => ({ value, label }));

export function ProfileRulePage({ params: { id = "" } }: PageProps) {
  const { data, error, reload } = useLoad("profile book", (signal) => call("profileScoring.book", {}, { signal }));
  const rule = data?.rulesets.flatMap(({ rules }) => rules).find(({ rule_id }) => rule_id === id) ?? null;
  const wanted = rule?.ruleset_id ?? query.value.get("ruleset");
  const ruleset = data?.rulesets.find(({ ruleset_id }) => ruleset_id === wanted);
  if (data && ruleset && (rule || id === "new"))
    return <RuleView key={`${id} ${rule?.updated_at ?? 0}`} rule={rule} ruleset={ruleset} mappings={data.mappings} onSaved={reload} />;
  return (
    <Page title="Rule">
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={8} label="Loading the rule" />}
      {data && (
        <EmptyState title="This rule does not exist" action={<LinkButton to={LIST}>All rules</LinkButton>}>
          It may have been deleted.
        </EmptyState>
      )}
    </Page>
  );
}

type ViewProps = { rule: ProfileRule | null; ruleset: ProfileRuleset; mappings: readonly ProfileMapping[]; onSaved: () => void };

function RuleView({ rule, ruleset, mappings, onSaved }: ViewProps) {
  const [draft, setDraft] = useState<ProfileRuleDraft>(() => (rule ? profileDraftOf(rule) : NEW_PROFILE_RULE));
  const save = async (metadata_key: string | undefined): Promise<void> => {
    const sent = sentProfileRule(draft);
    if (metadata_key) {
      await call("profileScoring.createMapping", { metadata_key, profile_field: sent.profile_field });
      // the field has a source from now on, even if the rule is refused
      onSaved();
    }
    await saveRule(rule, ruleset, sent, onSaved);
  };
  return (
    <Page
      title={rule ? `Rule for ${fieldWords(rule.profile_field)} ${conditionWords(rule)}` : "New rule"}
      lead={`Ruleset ${ruleset.name}`}
      actions={<LinkButton to={LIST}>All rules</LinkButton>}
    >
      <div class="lead-columns">
        <section class="card" aria-label="The rule">
          <ProfileRuleForm draft={draft} mappings={mappings} onChange={setDraft} onSave={save} />
        </section>
        <div class="lead-column">
          <ProfileRuleTrial draft={draft} ruleId={rule?.rule_id} />
        </div>
      </div>
    </Page>
  );
}

type FormProps = {
  draft: ProfileRuleDraft;
  mappings: readonly ProfileMapping[];
  onChange: (draft: ProfileRuleDraft) => void;
  onSave: (metadataKey: string | undefined) => Promise<void>;
};

function ProfileRuleForm({ draft, mappings, onChange, onSave }: FormProps) {
  const change = (to: Partial<ProfileRuleDraft>): void => onChange({ ...draft, ...to });
  const isFilled = keysOf(mappings, draft.profile_field.trim()).length > 0;
  return (
    <RuleForm onSave={({ metadata_key }) => onSave(metadata_key)} note="It applies to every lead at once, as long as it is active.">
      <TextField
        label="When the field"
        name="profile_field"
        value={draft.profile_field}
        suggestions={[...new Set(mappings.map(({ profile_field }) => profile_field))]}
        hint="A name of your choice for what it holds, such as job_title"
        autocomplete="off"
        onInput={(event) => change({ profile_field: event.currentTarget.value })}
      />
      {draft.profile_field.trim() !== "" && !isFilled && mayWrite() && (
        <fieldset class="filter-fields">
          <legend>Nothing fills {draft.profile_field} yet</legend>
          <LeadFieldField name="metadata_key" defaultValue="" />
        </fieldset>
      )}
      <SelectField
        label="Comparison"
        name="operator"
        options={OPTIONS}
        value={draft.operator}
        onChange={(event) => change({ operator: event.currentTarget.value as ProfileRuleDraft["operator"] })}
      />
      <TextField
        label="Value"
        name="value"
        value={draft.value}
        hint="Upper and lower case make no difference"
        autocomplete="off"
        onInput={(event) => change({ value: event.currentTarget.value })}
      />
      <PointsField value={draft.weight} onChange={(weight) => change({ weight })} />
    </RuleForm>
  );
}

async function saveRule(
  rule: ProfileRule | null,
  { ruleset_id }: ProfileRuleset,
  sent: SentProfileRule,
  onSaved: () => void,
): Promise<void> {
  if (!rule) {
    await call("profileScoring.createRule", { ruleset_id, ...sent });
    toast("The rule is saved");
    go(LIST);
    return;
  }
  const { rule_id } = rule;
  const { updated_at: seen } = await call("profileScoring.changeRule", { ruleset_id, rule_id, seen: rule.updated_at, ...sent });
  const before = sentProfileRule(profileDraftOf(rule));
  const undo = (): void => {
    call("profileScoring.changeRule", { ruleset_id, rule_id, seen, ...before })
      .then(() => toast("The rule is as it was"), toastError)
      .finally(onSaved);
  };
  toast("The rule is saved", { undo });
  onSaved();
}
