/** Write keys: for pages and apps that send events, and may read nothing. */
import { call } from "../../call";
import { AreaField, TextField } from "../../components/form";
import { Moment } from "../../components/pill";
import { mayWrite } from "../../session";
import { CredentialSection } from "./credential-section";

export const WriteKeys = () => (
  <CredentialSection
    title="Write keys"
    about={
      <>
        A key may send events to this org unit and read nothing, so it may stand in a web page. SDKs that speak Segment's protocol send to{" "}
        <code>{location.origin}</code>.
      </>
    }
    noun="write key"
    empty="No write key yet: create one for each website or app."
    mayChange={mayWrite("admin")}
    load={(signal) => call("writeKeys.list", {}, { signal })}
    details={({ origins, created_at }) => (
      <>
        {origins.length === 0 ? "From any page" : `From ${origins.join(", ")}`}, created <Moment at={created_at} />
      </>
    )}
    fields={
      <>
        <TextField label="Name" name="name" hint="Which website or app sends with it" autocomplete="off" />
        <AreaField
          label="Pages"
          name="origins"
          hint="One origin a line, such as https://www.example.com. Empty: anybody may use the key."
        />
      </>
    }
    create={async ({ name = "", origins = "" }) => {
      const { credential, write_key } = await call("writeKeys.create", { name, origins: origins.split(/\s+/).filter(Boolean) });
      return { credential, shown: { label: "Write key", secret: write_key } };
    }}
    revoke={(credential_id) => call("writeKeys.revoke", { credential_id })}
  />
);
