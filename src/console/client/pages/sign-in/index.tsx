/** Signing in: with a service account's id and secret, or a token. */
import { useState } from "preact/hooks";
import { call, send } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { session, sessionState, signedIn } from "../../session";
import { showUnit } from "../../unit";

/** Before anything else. */
export const SignInPage = () => (
  <main class="sign-in">
    <h1>Leadedge</h1>
    <p class="muted">Sign in to see your leads.</p>
    <SignInForm />
  </main>
);

/** Over the page, when the session has ended meanwhile: what was typed there stays. */
export const SignInDialog = () =>
  sessionState.value === "expired" ? (
    <Dialog title="Sign in again">
      <p>Your session has ended. Nothing is lost: after signing in, what you were doing goes on.</p>
      <SignInForm />
    </Dialog>
  ) : null;

function SignInForm() {
  const [withToken, setWithToken] = useState(false);
  const submit = async (values: Record<string, string>): Promise<void> => {
    await send("/console/api/sign-in", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });
    await enter();
  };
  return (
    <Form
      submit="Sign in"
      onSubmit={submit}
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

/** Loads who is signed in. A unit that this browser showed to somebody else is let go. */
export async function enter(): Promise<void> {
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
