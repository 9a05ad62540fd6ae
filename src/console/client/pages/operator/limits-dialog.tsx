/** The limits of an org unit. Empty is the default. */
import { operate } from "../../call";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast, toastError } from "../../components/toast";
import { typedNumber } from "../../typed-number";
import { QUOTA_NAMES, QUOTAS, type QuotaName, type Quotas, type Unit } from "./quotas";

type Change = Partial<Record<QuotaName, number | null>>;

type LimitsProps = { organizationId: string; unit: Unit; onClose: () => void; onChanged: (quotas: Quotas) => void };

export function LimitsDialog({ organizationId: organization_id, unit: { unit_id, name, quotas }, onClose, onChanged }: LimitsProps) {
  const before = (quota: QuotaName): number | null => (quotas.defaults.includes(quota) ? null : quotas.values[quota]);
  const change = async (limits: Change): Promise<void> => onChanged(await operate("limits.change", { organization_id, unit_id, limits }));
  const save = async (values: Record<string, string>): Promise<void> => {
    const limits: Change = {};
    for (const quota of QUOTA_NAMES) {
      const text = values[`limits.${quota}`] ?? "";
      const to = text.trim() === "" ? null : typedNumber(`limits.${quota}`, text);
      if (to !== before(quota)) limits[quota] = to;
    }
    const former = Object.fromEntries(Object.keys(limits).map((quota) => [quota, before(quota as QuotaName)]));
    await change(limits);
    toast(`The limits of ${name} apply within 30 seconds`, { undo: () => void change(former).catch(toastError) });
  };
  return (
    <Dialog title={`Limits of ${name}`} onClose={onClose} wide>
      <p class="muted">Empty fields have the default.</p>
      <Form submit="Save" onSubmit={save}>
        <div class="tiles">
          {QUOTA_NAMES.map((quota) => (
            <TextField
              key={quota}
              label={QUOTAS[quota]}
              name={`limits.${quota}`}
              type="number"
              min={0}
              step={1}
              defaultValue={before(quota)?.toString() ?? ""}
              placeholder={quotas.defaults.includes(quota) ? String(quotas.values[quota]) : ""}
              autocomplete="off"
            />
          ))}
        </div>
      </Form>
    </Dialog>
  );
}
