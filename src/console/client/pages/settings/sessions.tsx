/** Where one is signed in, and signing out there. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Moment, Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { formatBrowser } from "../../format";
import { useLoad } from "../../load";
import { leftConsole } from "../../session";
import { Section } from "./parts";

type SessionsProps = {
  load: (signal: AbortSignal) => Promise<CallOutput<"session.list">>;
  endOne: (sessionId: string) => Promise<unknown>;
  endEach: () => Promise<unknown>;
};

export const Sessions = () => (
  <SessionList
    load={(signal) => call("session.list", {}, { signal })}
    endOne={(session_id) => call("session.end", { session_id })}
    endEach={() => call("session.endAll", {})}
  />
);

export function SessionList({ load, endOne, endEach }: SessionsProps) {
  const loaded = useLoad("sessions", load);
  const end = async (session_id: string, current: boolean): Promise<void> => {
    try {
      await endOne(session_id);
    } catch (thrown) {
      toastError(thrown);
      return;
    }
    if (current) leftConsole();
    else {
      loaded.set((sessions) => sessions.filter((other) => other.session_id !== session_id));
      toast("Signed out there");
    }
  };
  const endAll = (): Promise<void> => endEach().then(leftConsole, toastError);
  return (
    <Section
      title="Where you are signed in"
      loaded={loaded}
      actions={
        <Button kind="danger" onClick={() => void endAll()}>
          Sign out everywhere
        </Button>
      }
    >
      {(sessions) => (
        <ul class="list" aria-label="Sessions">
          {sessions.map(({ session_id, browser, seen_at, created_at, current }) => (
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
      )}
    </Section>
  );
}
