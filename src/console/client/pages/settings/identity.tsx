/** The identity provider of the organization: what an admin has to know of it. The operator sets it. */
import { call } from "../../call";
import { CopiedFact } from "../../components/copied-fact";
import { Moment } from "../../components/pill";
import { useLoad } from "../../load";
import { mayWrite, session } from "../../session";
import { Section } from "./parts";

export const Identity = () => (mayWrite("admin") ? <Providers /> : <NotAnAdmin />);

function Providers() {
  const loaded = useLoad("identity", (signal) => call("identity.list", {}, { signal }));
  return (
    <Section
      title="Identity provider"
      about="People sign in with it instead of a secret. The operator adds and removes it; at the provider you need these values."
      loaded={loaded}
    >
      {(providers) => (
        <>
          <dl class="facts">
            <CopiedFact label="Organization id" value={session.value?.organization_id ?? ""} />
            <CopiedFact label="Redirect address" value={`${location.origin}/console/provider/callback`} />
          </dl>
          {providers.length === 0 && (
            <p>Your organization has no identity provider of its own: send these values and the provider's to the operator.</p>
          )}
          <ul class="list" aria-label="Identity providers">
            {providers.map(({ identity_provider_id, issuer, audience, jwks_url, created_at }) => (
              <li key={identity_provider_id}>
                <div>
                  <strong>{issuer}</strong>
                  <p class="muted small">
                    Audience <code>{audience}</code>, keys at <code>{jwks_url}</code>, added <Moment at={created_at} />
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

const NotAnAdmin = () => (
  <section class="card" aria-labelledby="identity">
    <h2 id="identity">Identity provider</h2>
    <p>Only an admin sees how your organization signs in.</p>
  </section>
);
