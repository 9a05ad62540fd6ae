/** Where the operator is signed in. */
import { operate } from "../../call";
import { Page } from "../../components/page";
import { SessionList } from "../settings/sessions";

export const SessionsPage = () => (
  <Page
    title="Sessions"
    lead="Everybody who has the token is the operator. A session ends after two hours without use, after eight in any case, and when the token changes."
  >
    <SessionList
      load={(signal) => operate("session.list", {}, { signal })}
      endOne={(session_id) => operate("session.end", { session_id })}
      endEach={() => operate("session.endAll", {})}
    />
  </Page>
);
