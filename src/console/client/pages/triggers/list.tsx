/** All triggers: what each waits for and whom it notifies. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Pill } from "../../components/pill";
import { SecretDialog } from "../../components/secret-dialog";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import { conditionWords, destinationWords, namesOf, TRIGGER_SECRET, type Trigger } from "./words";

export function TriggerList() {
  const { data, error, reload } = useLoad("triggers", (signal) => call("triggers.list", {}, { signal }));
  const choices = useLoad("choices", (signal) => call("triggers.choices", {}, { signal }));
  const [secret, setSecret] = useState<string | null>(null);
  const restore = ({ kind, trigger_id, name, active }: Trigger): void => {
    call("triggers.restore", { kind, trigger_id, active })
      .then(({ signing_secret }) => {
        setSecret(signing_secret);
        toast(`${name} is back${signing_secret ? ", with a new signing secret" : ""}`);
      }, toastError)
      .finally(reload);
  };
  const remove = (trigger: Trigger): void => {
    const { kind, trigger_id, name } = trigger;
    call("triggers.delete", { kind, trigger_id })
      .then(() => toast(`${name} is deleted; what it fired stays`, { undo: () => restore(trigger) }), toastError)
      .finally(reload);
  };
  const turn = ({ kind, trigger_id, name, active, updated_at: seen }: Trigger): void => {
    call("triggers.change", { kind, trigger_id, seen, active: !active })
      .then(() => toast(active ? `${name} is paused` : `${name} is active: it considers events from now on`), toastError)
      .finally(reload);
  };
  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={6} label="Loading triggers" />;
  if (data.length === 0) return <NoTriggers />;
  const names = namesOf(choices.data);
  return (
    <section class="card" aria-label="Triggers">
      <ul class="list" aria-label="Triggers">
        {data.map((trigger) => (
          <li key={trigger.trigger_id} class="wrap">
            <div>
              <a href={hrefOf(`/triggers/${trigger.kind}/${trigger.trigger_id}`)}>
                <strong>{trigger.name}</strong>
              </a>{" "}
              {!trigger.active && <Pill tone="warning">paused</Pill>}
              {choices.data && (
                <>
                  <p>{conditionWords(trigger.condition, names.segments)}</p>
                  <p class="muted small">{destinationWords(trigger.destination, names.channels)}</p>
                </>
              )}
            </div>
            <div class="actions">
              <LinkButton to={`/triggers?show=firings&trigger=${trigger.trigger_id}`} kind="quiet">
                Firings
              </LinkButton>
              {mayWrite() && (
                <>
                  <Button kind="quiet" onClick={() => turn(trigger)} aria-label={`${trigger.active ? "Pause" : "Resume"} ${trigger.name}`}>
                    {trigger.active ? "Pause" : "Resume"}
                  </Button>
                  <Button kind="quiet" icon="trash" onClick={() => remove(trigger)} aria-label={`Delete ${trigger.name}`}>
                    Delete
                  </Button>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
      {choices.error && <ErrorState error={choices.error} onRetry={choices.reload} />}
      {secret && <SecretDialog {...TRIGGER_SECRET} secret={secret} onClose={() => setSecret(null)} />}
    </section>
  );
}

const NoTriggers = () => (
  <EmptyState
    icon="bell"
    title="No triggers yet"
    action={
      mayWrite() && (
        <LinkButton to="/triggers/milestone/new" kind="primary">
          New trigger
        </LinkButton>
      )
    }
  >
    For example: tell the sales channel when a lead's score reaches 50. A trigger can be tried on the past before it is saved.
  </EmptyState>
);
