/** Merging another lead into this one: it is found, what would move is shown, then it is done; the message that says so takes it back. */
import { useEffect, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, SelectField } from "../../components/form";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatDecimal, formatNumber } from "../../format";
import { useLoad } from "../../load";
import type { Lead } from ".";

type Found = CallOutput<"leads.list">["leads"][number];

const TYPING_MS = 200;
const FOUND_MAX = 8;

const nameOf = ({ name, email, phone, lead_id }: Pick<Found, "name" | "email" | "phone" | "lead_id">): string =>
  name ?? email ?? phone ?? lead_id;

/** Takes back the newest merge of a lead, and says what stays. */
export async function unmerge(leadId: string, onDone: () => void): Promise<void> {
  try {
    const { kept, truncated, status } = await call("leads.unmerge", { lead_id: leadId });
    const stays = kept === 0 ? "" : `; ${truncated ? "at least " : ""}${formatNumber(kept)} later changes stay`;
    toast(`The merge was taken back${stays}${status === "done" ? "" : "; its events are still returning"}`);
    onDone();
  } catch (error) {
    toastError(error);
  }
}

type MergeProps = { lead: Lead; onClose: () => void; onMerged: () => void };

export function MergeDialog({ lead, onClose, onMerged }: MergeProps) {
  const [source, setSource] = useState<Found | null>(null);
  return (
    <Dialog title={`Merge another lead into ${nameOf(lead)}`} onClose={onClose}>
      {source ? (
        <Preview lead={lead} source={source} onBack={() => setSource(null)} onClose={onClose} onMerged={onMerged} />
      ) : (
        <Search lead={lead} onChoose={setSource} />
      )}
    </Dialog>
  );
}

function Search({ lead, onChoose }: { lead: Lead; onChoose: (found: Found) => void }) {
  const [text, setText] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error, loading, reload } = useLoad(q, async (signal) =>
    q === "" ? [] : (await call("leads.list", { q, limit: FOUND_MAX + 1 }, { signal })).leads,
  );
  const others = (data ?? []).filter(({ lead_id }) => lead_id !== lead.lead_id).slice(0, FOUND_MAX);
  return (
    <>
      <div class="field">
        <label for="merge-search">Which lead is the same person?</label>
        <input
          id="merge-search"
          type="search"
          autofocus
          placeholder="Name, email or phone"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {error && <ErrorState error={error} onRetry={reload} />}
      <div role="status">
        {q !== "" && q === text.trim() && !loading && !error && others.length === 0 && "No other lead matches: try fewer words."}
      </div>
      <ul class="list">
        {others.map((found) => (
          <li key={found.lead_id}>
            <div>
              <strong>{nameOf(found)}</strong>
              <p class="muted small">{[found.email, found.phone, found.company].filter(Boolean).join(" · ")}</p>
            </div>
            <Button onClick={() => onChoose(found)}>
              Choose<span class="visually-hidden"> {nameOf(found)}</span>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Preview({ lead, source, onBack, onClose, onMerged }: MergeProps & { source: Found; onBack: () => void }) {
  const wish = { target_id: lead.lead_id, source_ids: [source.lead_id] };
  const { data, error, reload } = useLoad(source.lead_id, (signal) => call("leads.previewMerge", wish, { signal }));
  const merge = async ({ account_id }: Record<string, string>): Promise<void> => {
    const { status } = await call("leads.merge", { ...wish, ...(account_id ? { account_id } : {}) });
    onClose();
    onMerged();
    const moving = status === "done" ? "" : "; its events are still moving";
    toast(`${nameOf(source)} was merged${moving}`, { undo: () => void unmerge(lead.lead_id, onMerged) });
  };
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Skeleton lines={3} label="Loading the preview" />;
  return (
    <Form
      submit="Merge"
      onSubmit={merge}
      actions={
        <Button kind="quiet" onClick={onBack}>
          Choose another
        </Button>
      }
    >
      <p>
        <strong>{nameOf(source)}</strong> becomes part of <strong>{nameOf(lead)}</strong>. What both have stays as {nameOf(lead)} has it.
      </p>
      <dl class="facts">
        <div>
          <dt>Aliases</dt>
          <dd>{formatNumber(data.aliases)} move</dd>
        </div>
        <div>
          <dt>Events</dt>
          <dd>
            {formatNumber(data.events)} move to the {formatNumber(data.target_events)} that are here
          </dd>
        </div>
        <div>
          <dt>Score</dt>
          <dd>
            {formatDecimal(data.target_score)} here, {data.sources.map(({ score }) => formatDecimal(score)).join(", ")} there
          </dd>
        </div>
      </dl>
      {data.accounts.length > 1 && (
        <SelectField
          label="Account to keep"
          name="account_id"
          options={data.accounts.map(({ account_id, name }) => ({ value: account_id, label: name }))}
        />
      )}
      <p class="muted small">It can be taken back for 30 days.</p>
    </Form>
  );
}
