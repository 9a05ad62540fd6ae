/** Service accounts, and the keys of the other APIs. */
import { call } from "../../call";
import { TextField } from "../../components/form";
import { Moment, Pill } from "../../components/pill";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import { CredentialSection } from "./credential-section";
import { Section } from "./parts";

export const Credentials = () => (
  <>
    <CredentialSection
      title="Service accounts"
      about="Programs use the API of this org unit with a client id and secret, and may do everything in it."
      noun="service account"
      empty="No service account yet: create one for each program, so that each can be revoked by itself."
      mayChange={mayWrite("admin")}
      load={(signal) => call("credentials.list", {}, { signal })}
      details={({ client_id, created_at }) => (
        <>
          <code>{client_id}</code>, created <Moment at={created_at} />
        </>
      )}
      fields={<TextField label="Name" name="name" hint="Which program uses it, such as Zapier" autocomplete="off" />}
      create={async ({ name = "" }) => {
        const { credential, client_secret } = await call("credentials.create", { name });
        const facts = [{ label: "Client id", value: credential.client_id ?? "" }];
        return { credential, shown: { facts, label: "Client secret", secret: client_secret } };
      }}
      revoke={(credential_id) => call("credentials.revoke", { credential_id })}
    />
    {mayWrite("admin") && <ApiKeys />}
  </>
);

function ApiKeys() {
  const loaded = useLoad("keys", (signal) => call("apiKeys.list", {}, { signal }));
  return (
    <Section
      title="Workspace and partner keys"
      about="The operator creates and revokes them; partner channels and quotas are the operator's, too."
      loaded={loaded}
    >
      {({ keys, more }) => (
        <>
          {keys.length === 0 && <p>Your organization has no such key.</p>}
          <ul class="list" aria-label="Workspace and partner keys">
            {keys.map(({ credential_id, kind, name, role, home, created_at }) => (
              <li key={credential_id}>
                <div>
                  <strong>{name}</strong> <Pill>{kind.replace("_", " ")}</Pill>
                  <p class="muted small">
                    {role}, {home ?? "every org unit"}, created <Moment at={created_at} />
                  </p>
                </div>
              </li>
            ))}
          </ul>
          {more && <p class="muted">Only the newest 100 are shown: GET /settings/api-keys lists all.</p>}
        </>
      )}
    </Section>
  );
}
