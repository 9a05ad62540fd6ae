/** Personal access tokens: for scripts and tools of one's own. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { SelectField, TextField } from "../../components/form";
import { Moment } from "../../components/pill";
import { formatDay } from "../../format";
import { mayWrite } from "../../session";
import { CredentialSection } from "./credential-section";

const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "As long as what you are signed in with" },
];
const DAY_MS = 86_400_000;

export const Tokens = () => (
  <CredentialSection
    title="Personal access tokens"
    about="For scripts and tools of your own. A token may do what you may, and is revoked with the credential that you are signed in with."
    noun="token"
    empty="No token yet."
    mayChange={mayWrite()}
    load={(signal) => call("tokens.list", {}, { signal })}
    details={({ created_at, expires_at }) => (
      <>
        Created <Moment at={created_at} />, {expires_at === null ? "without an end" : `ends ${formatDay(expires_at)}`}
      </>
    )}
    fields={<TokenFields />}
    create={async ({ name = "", days = "" }) => {
      const expires_at = days === "" ? null : Date.now() + Number(days) * DAY_MS;
      const { credential, token } = await call("tokens.create", { name, expires_at });
      return { credential, shown: { label: "Token", secret: token } };
    }}
    revoke={(credential_id) => call("tokens.revoke", { credential_id })}
  />
);

function TokenFields() {
  const [days, setDays] = useState("90");
  return (
    <>
      <TextField label="Name" name="name" hint="Where you use it, such as my laptop" autocomplete="off" />
      <SelectField label="Valid for" name="days" options={LIVES} value={days} onChange={(event) => setDays(event.currentTarget.value)} />
    </>
  );
}
