/** One trigger, new or saved: what it waits for, whom it notifies, and what it would have done. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { Form, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { SecretDialog } from "../../components/secret-dialog";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { go } from "../../router";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { ConditionFields } from "./condition-fields";
import { DestinationFields, FilterFields } from "./destination-fields";
import { changesOf, draftOf, newDraft, sentCondition, sentDestination, type TriggerDraft } from "./trigger-draft";
import { TriggerTrial } from "./trigger-trial";
import { type Choices, KINDS, type Kind, TRIGGER_SECRET, type Trigger } from "./words";

export function TriggerPage({ params: { kind = "", id = "" } }: PageProps) {
  const known = Object.hasOwn(KINDS, kind) ? (kind as Kind) : null;
  const isNew = id === "new";
  const choices = useLoad("choices", (signal) => call("triggers.choices", {}, { signal }));
  const saved = useLoad(`${kind} ${id}`, async (signal) =>
    known && !isNew ? call("triggers.get", { kind: known, trigger_id: id }, { signal }) : null,
  );
  const error = choices.error ?? saved.error;
  if (!known) {
    return (
      <Page title="Trigger">
        <EmptyState title="Triggers of this kind do not exist" action={<LinkButton to="/triggers">All triggers</LinkButton>} />
      </Page>
    );
  }
  if (choices.data && saved.data !== undefined && (isNew || saved.data)) {
    const trigger = isNew ? null : saved.data;
    return (
      <TriggerView key={`${id} ${trigger?.updated_at}`} kind={known} trigger={trigger} choices={choices.data} onSaved={saved.reload} />
    );
  }
  return (
    <Page title="Trigger">
      {error ? (
        <ErrorState error={error} onRetry={() => [choices, saved].map(({ reload }) => reload())} />
      ) : (
        <Skeleton lines={8} label="Loading the trigger" />
      )}
    </Page>
  );
}

type ViewProps = { kind: Kind; trigger: Trigger | null; choices: Choices; onSaved: () => void };

function TriggerView({ kind, trigger, choices, onSaved }: ViewProps) {
  const [draft, setDraft] = useState<TriggerDraft>(() => (trigger ? draftOf(trigger) : newDraft(kind)));
  const [saved, setSaved] = useState<Outcome | null>(null);
  const change = (to: Partial<TriggerDraft>): void => setDraft({ ...draft, ...to });
  const save = async (): Promise<void> => {
    const outcome = trigger ? await saveChanges(trigger, draft, onSaved) : await create(draft);
    if (outcome.hasSecret) setSaved(outcome);
    else outcome.next();
  };
  const choose = (chosen: Kind): void => {
    setDraft({ ...newDraft(chosen), ...kept(draft) });
    go(`/triggers/${chosen}/new`, { replace: true });
  };
  const fields = (
    <>
      <TextField
        label="Name"
        name="name"
        value={draft.name}
        hint="What a notification calls it, such as Hot lead"
        autocomplete="off"
        onInput={(event) => change({ name: event.currentTarget.value })}
      />
      {!trigger && <KindChoice kind={draft.kind} onChoose={choose} />}
      <ConditionFields draft={draft} onChange={change} choices={choices} />
      <FilterFields draft={draft} onChange={change} choices={choices} />
      <DestinationFields draft={draft} onChange={change} choices={choices} />
    </>
  );
  return (
    <Page
      title={trigger ? trigger.name : "New trigger"}
      lead={KINDS[draft.kind].title}
      actions={<LinkButton to="/triggers">All triggers</LinkButton>}
    >
      <div class="lead-columns">
        <section class="card" aria-label="The trigger">
          {mayWrite() ? (
            <Form submit={trigger ? "Save" : "Create"} onSubmit={save}>
              {fields}
              <p class="muted small">It considers events from when it is saved.</p>
            </Form>
          ) : (
            <fieldset class="read-only" disabled>
              {fields}
            </fieldset>
          )}
        </section>
        <TriggerTrial draft={draft} />
      </div>
      {saved && <SecretDialog {...TRIGGER_SECRET} secret={saved.signing_secret} onClose={saved.next} />}
    </Page>
  );
}

/** What does not depend on the kind. */
const kept = ({ name, filter, channel_ids, emails, webhook_url }: TriggerDraft) => ({ name, filter, channel_ids, emails, webhook_url });

const KindChoice = ({ kind, onChoose }: { kind: Kind; onChoose: (kind: Kind) => void }) => (
  <fieldset class="kinds-choice">
    <legend>When</legend>
    {Object.entries(KINDS).map(([value, { title, hint }]) => (
      <label key={value}>
        <input type="radio" name="kind" value={value} checked={value === kind} onChange={() => onChoose(value as Kind)} />
        <span>
          <strong>{title}</strong>
          <span class="muted small">{hint}</span>
        </span>
      </label>
    ))}
  </fieldset>
);

/** `hasSecret`: a secret belongs to what was saved; null: it did not arrive. */
type Outcome = { hasSecret: boolean; signing_secret: string | null; next: () => void };

async function create(draft: TriggerDraft): Promise<Outcome> {
  const wanted = { name: draft.name, condition: sentCondition(draft), destination: sentDestination(draft) };
  const { trigger, signing_secret } = await call("triggers.create", wanted);
  toast(`${trigger.name} is active from now on`);
  return { hasSecret: wanted.destination.webhook_url !== null, signing_secret, next: () => go("/triggers") };
}

async function saveChanges(trigger: Trigger, draft: TriggerDraft, onSaved: () => void): Promise<Outcome> {
  const { kind, trigger_id, updated_at } = trigger;
  const changes = changesOf(trigger, draft);
  if (Object.keys(changes).length === 0) {
    toast("Nothing has changed");
    return { hasSecret: false, signing_secret: null, next: () => {} };
  }
  const { trigger: saved, signing_secret } = await call("triggers.change", { kind, trigger_id, seen: updated_at, ...changes });
  const undo = (): void => {
    const back = changesOf(saved, draftOf(trigger));
    call("triggers.change", { kind, trigger_id, seen: saved.updated_at, ...back })
      .then(() => toast("The trigger is as it was"), toastError)
      .finally(onSaved);
  };
  toast(`${saved.name} is saved`, { undo });
  return { hasSecret: signing_secret !== null, signing_secret, next: onSaved };
}
