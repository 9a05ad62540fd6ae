/** An org unit as the operator sees it: what it has used today, and its limits. */
import { useId, useState } from "preact/hooks";
import { Button, LinkButton } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Pill } from "../../components/pill";
import { FillBar } from "../../components/plot";
import { counted } from "../../format";
import { LimitsDialog } from "./limits-dialog";
import { formatQuota, QUOTA_NAMES, QUOTAS, type QuotaName, type Quotas, type Unit, type Usage, usedOf } from "./quotas";

type CardProps = {
  organizationId: string;
  unit: Unit;
  /** undefined: not loaded; null: nobody has used it today */
  usage: Usage | null | undefined;
  usageFailed: boolean;
  onLimits: (quotas: Quotas) => void;
};

export function UnitCard({ organizationId, unit, usage, usageFailed, onLimits }: CardProps) {
  const { unit_id, name, workspace_id, is_default, quotas } = unit;
  const [changing, setChanging] = useState(false);
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>
          {name} {is_default && <Pill>default</Pill>}
        </h2>
        <div class="actions">
          <LinkButton to={`/operator/channels?${new URLSearchParams({ organization: organizationId, unit: unit_id })}`}>
            Partner channels
          </LinkButton>
          <Button aria-label={`Change limits of ${name}`} onClick={() => setChanging(true)}>
            Change limits
          </Button>
        </div>
      </div>
      <p class="muted small id">
        <code>{unit_id}</code> <CopyButton text={unit_id} label={`the id of ${name}`} />
      </p>
      <p class="muted small id">
        <code>{workspace_id}</code> <CopyButton text={workspace_id} label={`the workspace id of ${name}`} />
      </p>
      <p class="muted">{usageFailed ? "What it has used could not be loaded." : usageText(usage)}</p>
      <table class="uses">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Quota</th>
            <th scope="col">Used and limit</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {QUOTA_NAMES.map((quota) => (
            <QuotaRow key={quota} name={quota} quotas={quotas} used={usedOf(quota, usage)} />
          ))}
        </tbody>
      </table>
      {changing && (
        <LimitsDialog
          organizationId={organizationId}
          unit={unit}
          onClose={() => setChanging(false)}
          onChanged={(to) => {
            onLimits(to);
            setChanging(false);
          }}
        />
      )}
    </section>
  );
}

function usageText(usage: Usage | null | undefined): string {
  if (usage === undefined) return "Loading what it has used today…";
  if (usage === null) return "Not used yet today (UTC).";
  return `Today (UTC): ${counted(usage.requests, "request")}, ${counted(usage.rows_written, "row")} written.`;
}

function QuotaRow({ name, quotas: { values, defaults }, used }: { name: QuotaName; quotas: Quotas; used: number | null }) {
  const max = values[name];
  return (
    <tr>
      <th scope="row">{QUOTAS[name]}</th>
      <td class="numeric">
        {used !== null && `${formatQuota(name, used)} of `}
        {formatQuota(name, max)} {!defaults.includes(name) && <Pill tone="info">set</Pill>}
      </td>
      <td>{used !== null && <FillBar part={Math.min(1, used / Math.max(1, max))} label={`${QUOTAS[name]}: share used`} />}</td>
    </tr>
  );
}
