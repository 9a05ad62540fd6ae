/** How much of its quotas the org unit has used. */
import { Pill } from "../../components/pill";
import { FillBar } from "../../components/plot";
import { formatBytes, formatCompact, formatNumber } from "../../format";
import { hrefOf } from "../../router";
import type { Overview } from ".";

type Quota = Overview["quotas"][number];

const NEARLY_FULL = 0.9;

/** What each is called, and where it is looked at. */
const NAMES: Partial<Record<Quota["name"], { label: string; to?: string }>> = {
  leads: { label: "Leads", to: "/leads" },
  events_per_day: { label: "Events today", to: "/live" },
  stored_bytes: { label: "Stored" },
  event_types: { label: "Event types" },
  rulesets: { label: "Rulesets", to: "/scoring" },
  rules: { label: "Rules", to: "/scoring" },
  levels: { label: "Levels", to: "/scoring?show=levels" },
  triggers: { label: "Triggers", to: "/triggers" },
  channels: { label: "Notification channels", to: "/settings/channels" },
  profile_fields: { label: "Profile fields", to: "/settings/fields" },
};

export const Quotas = ({ quotas }: { quotas: readonly Quota[] }) => (
  <section class="card" aria-labelledby="quotas">
    <h2 id="quotas">Quotas</h2>
    <p class="muted small">Set by the operator. What is stored is measured from time to time, and estimated in between.</p>
    <table class="uses">
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Quota</th>
          <th scope="col">Used</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {quotas.map((quota) => (
          <QuotaRow key={quota.name} quota={quota} />
        ))}
      </tbody>
    </table>
  </section>
);

function QuotaRow({ quota: { name, used, max } }: { quota: Quota }) {
  const { label, to } = NAMES[name] ?? { label: name };
  const [format, formatMax] = name === "stored_bytes" ? [formatBytes, formatBytes] : [formatNumber, formatCompact];
  const part = used === null ? 0 : used / Math.max(1, max);
  return (
    <tr>
      <th scope="row">{to ? <a href={hrefOf(to)}>{label}</a> : label}</th>
      <td class="numeric">
        {used === null ? "not known" : format(used)} of {formatMax(max)} {part >= NEARLY_FULL && <Pill tone="warning">nearly full</Pill>}
      </td>
      <td>
        <FillBar part={Math.min(1, part)} label={`${label}: share used`} />
      </td>
    </tr>
  );
}
