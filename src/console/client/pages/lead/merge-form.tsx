/** What merging two leads would move, and the button that does it; the message that says so takes it back. */
import type { ComponentChildren } from "preact";
import { call } from "../../call";
import { Form, SelectField } from "../../components/form";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatDecimal, formatNumber, leadTitle, type Named } from "../../format";
import { useLoad } from "../../load";

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

export const sayMerged = (source: Named, status: string, undo: () => void): void =>
  toast(`${leadTitle(source)} was merged${status === "done" ? "" : "; its events are still moving"}`, { undo });

type FormProps = {
  survivor: Named;
  other: Named;
  onMerge: (accountId: string | undefined) => Promise<void>;
  actions: ComponentChildren;
};

export function MergeForm({ survivor, other, onMerge, actions }: FormProps) {
  const wish = { target_id: survivor.lead_id, source_ids: [other.lead_id] };
  const { data, error, reload } = useLoad(`${survivor.lead_id} ${other.lead_id}`, (signal) => call("leads.previewMerge", wish, { signal }));
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Skeleton lines={3} label="Loading the preview" />;
  return (
    <Form submit="Merge" onSubmit={({ account_id }) => onMerge(account_id)} actions={actions}>
      <p>
        <strong>{leadTitle(other)}</strong> becomes part of <strong>{leadTitle(survivor)}</strong>. What both have stays as{" "}
        {leadTitle(survivor)} has it.
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
