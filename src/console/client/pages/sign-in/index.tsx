/** Signing in: with a service account's id and secret, or a token. */
import { useState } from "preact/hooks";
import { inOperatorArea } from "../../area";
import { call, operate, send } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { useLoad } from "../../load";
import { query } from "../../router";
import { session, sessionState, signedIn } from "../../session";
import { showUnit } from "../../unit";

/** Before anything else. */
export const SignInPage = () => (
  <main class="sign-in">
    <h1>Leadedge</h1>
    {inOperatorArea ? (
      <>
        <p class="muted">Sign in as the operator of this installation.</p>
        <OperatorForm />
        <a href="/console/">Sign in to an organization</a>
      </>
    ) : (
      <>
        <p class="muted">Sign in to see your leads.</p>
        {failure() && <p role="alert">{failure()}</p>}
        <SignInForm />
        <ProviderSignIn />
        <a href="/console/operator">Sign in as the operator</a>
      </>
    )}
  </main>
);

/** Over the page, when the session has ended meanwhile: what was typed there stays. */
export const SignInDialog = () =>
  sessionState.value === "expired" ? (
    <Dialog title="Sign in again">
      <p>Your session has ended. Nothing is lost: after signing in, what you were doing goes on.</p>
      {inOperatorArea ? (
        <OperatorForm />
      ) : (
        <>
          <SignInForm />
          <ProviderSignIn newTab />
        </>
      )}
    </Dialog>
  ) : null;

async function signIn(path: string, values: Record<string, string>): Promise<void> {
  await send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });
  await enter();
}

const OperatorForm = () => (
  <Form submit="Sign in" onSubmit={(values) => signIn("/console/api/operator/sign-in", values)}>
    <TextField
      label="Operator's token"
      name="token"
      type="password"
      autocomplete="off"
      autofocus
      hint="The token that opens /admin. It opens no organization's leads."
    />
  </Form>
);

function SignInForm() {
  const [withToken, setWithToken] = useState(false);
  return (
    <Form
      submit="Sign in"
      onSubmit={(values) => signIn("/console/api/sign-in", values)}
      actions={
        <Button kind="quiet" onClick={() => setWithToken(!withToken)}>
          {withToken ? "Use client id and secret" : "Use a token"}
        </Button>
      }
    >
      {withToken ? (
        <TextField
          key="token"
          label="Token"
          name="token"
          type="password"
          autocomplete="off"
          autofocus
          hint="A personal access token, or a token of your identity provider"
        />
      ) : (
        <>
          <TextField key="client_id" label="Client id" name="client_id" autocomplete="username" autofocus spellcheck={false} />
          <TextField key="client_secret" label="Client secret" name="client_secret" type="password" autocomplete="current-password" />
        </>
      )}
    </Form>
  );
}

/** Why the way over the identity provider led back here. */
function failure(): string | undefined {
  const code = query.value.get("sign-in");
  if (code === null) return undefined;
  if (code === "not_found") return "This organization has no identity provider here: check the organization id.";
  if (code === "unavailable") return "Your identity provider cannot be reached. Try again in a moment.";
  return "Signing in with your identity provider failed. Try again.";
}

/** `newTab`: over a page that must stay as it is; when somebody has signed in there, this tab notices. */
function ProviderSignIn({ newTab = false }: { newTab?: boolean }) {
  const { data } = useLoad("sign-in options", async (signal) => {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", signal };
    return (await (await send("/console/api/options", init)).json()) as { provider: boolean };
  });
  const [organization, setOrganization] = useState("");
  const to = newTab || query.value.has("sign-in") ? "/console/" : location.pathname + location.search;
  const href = (id: string) => `/console/provider/start?${new URLSearchParams({ to, ...(id ? { organization: id } : {}) })}`;
  const target = newTab ? "_blank" : "_self";
  return (
    <details class="provider" open={data?.provider}>
      <summary>Sign in with your identity provider</summary>
      {data?.provider && (
        <a class="button plain" href={href("")} target={target} rel="opener">
          Continue with your identity provider
        </a>
      )}
      <div class="field">
        <label for="organization">Organization id</label>
        <input
          id="organization"
          placeholder="org_…"
          value={organization}
          autocomplete="off"
          onInput={(event) => setOrganization(event.currentTarget.value.trim())}
        />
      </div>
      {organization && (
        <a class="button plain" href={href(organization)} target={target} rel="opener">
          Continue with its provider
        </a>
      )}
    </details>
  );
}

/** Tabs of one browser share the cookie: when somebody signs in in one, those that wait go on. */
const tabs = new BroadcastChannel(inOperatorArea ? "leadedge-operator" : "leadedge");
tabs.onmessage = () => {
  if (sessionState.peek() === "expired") void enter(false);
};

/** Loads who is signed in. A unit that this browser showed to somebody else is let go. */
export async function enter(tell = true): Promise<void> {
  await (inOperatorArea ? enterAsOperator() : enterUnit());
  if (tell) tabs.postMessage("signed in");
}

async function enterAsOperator(): Promise<void> {
  await operate("session.current", {});
  signedIn(null);
}

async function enterUnit(): Promise<void> {
  const former = session.peek();
  const found = await call("session.current", {}).catch(async () => {
    showUnit(null);
    return call("session.current", {});
  });
  // another person on the same page must not see, or send, what the former one had open
  const another = former && (former.organization_id !== found.organization_id || former.actor_id !== found.actor_id);
  if (another) location.assign("/console/");
  else signedIn(found);
}
