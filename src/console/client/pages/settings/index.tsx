/** Settings: org units, service accounts, notification channels, and where one is signed in. */
import { call } from "../../call";
import { Button } from "../../components/button";
import { Page } from "../../components/page";
import { Moment, Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatBrowser } from "../../format";
import { useLoad } from "../../load";
import { leftConsole, session } from "../../session";
import { Channels } from "./channels";
import { Credentials } from "./credentials";

export const SettingsPage = () => (
  <Page title="Settings">
    <Units />
    <Credentials />
    <Channels />
    <Sessions />
  </Page>
);

const Units = () => (
  <section class="card" aria-labelledby="units">
    <h2 id="units">Org units</h2>
    <ul class="list">
      {session.value?.units.map(({ unit_id, name, workspace_id }) => (
        <li key={unit_id}>
          <div>
            <strong>{name}</strong> {unit_id === session.value?.unit.unit_id && <Pill tone="info">shown</Pill>}
            <p class="muted small">
              <code>{unit_id}</code> · <code>{workspace_id}</code>
            </p>
          </div>
        </li>
      ))}
    </ul>
  </section>
);

function Sessions() {
  const { data, error, reload, set } = useLoad("sessions", (signal) => call("session.list", {}, { signal }));
  const end = async (session_id: string, current: boolean): Promise<void> => {
    try {
      await call("session.end", { session_id });
    } catch (thrown) {
      toastError(thrown);
      return;
    }
    if (current) leftConsole();
    else {
      set((sessions) => sessions.filter((other) => other.session_id !== session_id));
      toast("Signed out there");
    }
  };
  const endAll = (): Promise<void> => call("session.endAll", {}).then(leftConsole, toastError);
  return (
    <section class="card" aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={2} label="Loading sessions" />}
      <ul class="list">
        {data?.map(({ session_id, browser, seen_at, created_at, current }) => (
          <li key={session_id}>
            <div>
              <strong>{formatBrowser(browser)}</strong> {current && <Pill tone="good">this browser</Pill>}
              <p class="muted small">
                Signed in <Moment at={created_at} />, last used <Moment at={seen_at} />
              </p>
            </div>
            <Button onClick={() => void end(session_id, current)}>Sign out</Button>
          </li>
        ))}
      </ul>
      <div class="actions">
        <Button kind="danger" onClick={() => void endAll()}>
          Sign out everywhere
        </Button>
      </div>
    </section>
  );
}
