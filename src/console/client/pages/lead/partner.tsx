/** The partner channel that a lead is in: its status and values there, and what was bought. Nothing for a lead that is in none. */
import { call } from "../../call";
import { Moment, Pill } from "../../components/pill";
import { ErrorState } from "../../components/states";
import { counted, formatDay, formatMoney } from "../../format";
import { useLoad } from "../../load";

export function Partner({ leadId, version }: { leadId: string; version: string }) {
  const { data, error, reload } = useLoad(version, (signal) => call("leads.channel", { lead_id: leadId }, { signal }));
  if (error) return <ErrorState error={error} onRetry={reload} />;
  const record = data?.record;
  if (!record) return null;
  const { channel, status, values, purchases, more } = record;
  return (
    <section class="card" aria-labelledby="partner">
      <header class="card-head">
        <h2 id="partner">Partner channel</h2>
        {channel.archived_at !== null && <Pill tone="warning">archived</Pill>}
      </header>
      <dl class="facts">
        <div>
          <dt>Channel</dt>
          <dd>{channel.title}</dd>
        </div>
        <div>
          <dt>Status there</dt>
          <dd>{status?.status ?? "one that the channel no longer has"}</dd>
        </div>
        {values.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>Purchases</h3>
      {purchases.length === 0 && <p class="muted">No purchase has been reported.</p>}
      <ul class="timeline">
        {purchases.map(({ purchase_id, name, description, amount, date, created_at }) => (
          <li key={purchase_id}>
            <strong>{name ?? "Purchase"}</strong> {amount !== null && formatMoney(amount, channel.currency)} on {formatDay(date)}
            {description && <p>{description}</p>}
            <p class="muted small">
              reported <Moment at={created_at} />
            </p>
          </li>
        ))}
      </ul>
      {more && <p class="muted small">Only the newest {counted(purchases.length, "purchase")} are shown.</p>}
    </section>
  );
}
