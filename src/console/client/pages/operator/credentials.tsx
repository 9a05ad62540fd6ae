/** What an organization's people and programs sign in with, as the operator creates and revokes it. */
import type { OperatorCallInput } from "../../../server/calls";
import { operate } from "../../call";
import { SelectField, TextField } from "../../components/form";
import { formatDay } from "../../format";
import { CredentialSection } from "../settings/credential-section";
import type { Unit } from "./quotas";

type NewCredential = OperatorCallInput<"credentials.create">;

const KINDS = {
  service_account: "Service account",
  personal_token: "Personal access token",
  workspace_key: "Workspace key",
  partner_key: "Partner key",
} as const satisfies Record<NewCredential["kind"], string>;
const ROLES = ["admin", "editor", "viewer"] as const;

export const OrganizationCredentials = ({ organizationId: organization_id, units }: { organizationId: string; units: readonly Unit[] }) => (
  <CredentialSection
    title="Credentials"
    about="Those of every kind that are still valid, newest first, at most 100. The organization's own admins create service accounts and tokens, too."
    noun="credential"
    empty="None yet: nobody can sign in. Create a service account for the organization's first admin."
    mayChange
    load={async (signal) => (await operate("credentials.list", { organization_id }, { signal })).credentials}
    details={({ kind, role, unit_id, client_id, created_at }) => (
      <>
        {KINDS[kind as NewCredential["kind"]] ?? kind.replaceAll("_", " ")}, {role}, {unit_id ?? "every org unit"}, created{" "}
        {formatDay(created_at)} {client_id && <code>{client_id}</code>}
      </>
    )}
    fields={<Fields units={units} />}
    create={async ({ kind = "", name = "", role = "", unit_id = "" }) => {
      const { credential, secret } = await operate("credentials.create", {
        organization_id,
        name,
        kind: kind as NewCredential["kind"],
        role: role as "admin",
        ...(unit_id ? { unit_id } : {}),
      });
      const facts = credential.client_id === null ? [] : [{ label: "Client id", value: credential.client_id }];
      return { credential, shown: { label: "Secret", secret, facts } };
    }}
    revoke={(credential_id) => operate("credentials.revoke", { organization_id, credential_id })}
  />
);

const Fields = ({ units }: { units: readonly Unit[] }) => (
  <>
    <SelectField label="Kind" name="kind" options={Object.entries(KINDS).map(([value, label]) => ({ value, label }))} />
    <TextField label="Name" name="name" autocomplete="off" />
    <SelectField label="Role" name="role" options={ROLES.map((role) => ({ value: role, label: role }))} />
    <SelectField
      label="Org unit"
      name="unit_id"
      hint="The credential opens only this org unit. A workspace key needs one."
      options={[{ value: "", label: "All of the organization's" }, ...units.map(({ unit_id, name }) => ({ value: unit_id, label: name }))]}
    />
  </>
);
