/** The profile, edited where it stands. What somebody else has saved meanwhile is never overwritten unseen: both values are shown. */
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import { toast, toastError } from "../../components/toast";
import { mayWrite } from "../../session";
import type { Lead } from ".";
import { changedIn, changeOf, type Edits, fieldsOf, structuresOf, textOf } from "./profile-fields";
import { ProfileForm } from "./profile-form";

type ProfileProps = { lead: Lead; onSaved: (lead: Lead) => void };

export function ProfileCard({ lead, onSaved }: ProfileProps) {
  const [editing, setEditing] = useState(false);
  const card = useRef<HTMLElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !editing) card.current?.querySelector<HTMLElement>("header button")?.focus();
    wasEditing.current = editing;
  }, [editing]);
  const saved = (now: Lead, before: Lead, edits: Edits): void => {
    setEditing(false);
    onSaved(now);
    const former = Object.fromEntries(changedIn(before, edits).map((id) => [id, textOf(before, id)]));
    const undo = (): void => {
      call("leads.change", { lead_id: now.lead_id, version: now.version, ...changeOf(now, former) }).then((back) => {
        onSaved(back);
        toast("The change was taken back");
      }, toastError);
    };
    toast("Saved", Object.keys(former).length > 0 ? { undo } : {});
  };
  return (
    <section class="card" aria-labelledby="profile" ref={card}>
      <header class="card-head">
        <h2 id="profile">Profile</h2>
        {mayWrite() && !editing && (
          <Button icon="edit" onClick={() => setEditing(true)}>
            Edit
          </Button>
        )}
      </header>
      {editing ? <ProfileForm lead={lead} onSaved={saved} onTheirs={onSaved} onCancel={() => setEditing(false)} /> : <Values lead={lead} />}
    </section>
  );
}

const Values = ({ lead }: { lead: Lead }) => (
  <dl class="facts">
    {fieldsOf(lead).flatMap(({ id, label }) => {
      const text = textOf(lead, id);
      return text === "" ? [] : [<Fact key={id} label={label} text={id === "status" ? text.replace("_", " ") : text} />];
    })}
    {structuresOf(lead).map(([key, json]) => (
      <div key={key}>
        <dt>{key.replaceAll("_", " ")}</dt>
        <dd>
          <pre class="json">{json}</pre>
        </dd>
      </div>
    ))}
  </dl>
);

const Fact = ({ label, text }: { label: string; text: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{text}</dd>
  </div>
);
