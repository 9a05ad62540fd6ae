/** Where the operator is signed in. Whoever has the token sees all of these sessions, and ends any of them. */
import { z } from "zod";
import { endAllOperatorSessions, endOperatorSession, listOperatorSessions, SessionChoice } from "../../../../core/sign-in";
import { operatorCall } from "../call";

const NOTHING = z.strictObject({});

export const sessionCalls = {
  "session.current": operatorCall(NOTHING, async (_, __, { session }) => ({
    session_id: session.session_id,
    expires_at: session.expires_at,
  })),
  "session.list": operatorCall(NOTHING, async (_, __, { signIn, session }) =>
    (await listOperatorSessions(signIn)).map(({ session_id, browser, created_at, seen_at, expires_at }) => ({
      session_id,
      browser,
      created_at,
      seen_at,
      expires_at,
      current: session_id === session.session_id,
    })),
  ),
  "session.end": operatorCall(SessionChoice, async (_, choice, { signIn, session, setCookie }) => {
    await endOperatorSession(signIn, choice);
    if (choice.session_id === session.session_id) setCookie(null);
    return {};
  }),
  "session.signOut": operatorCall(NOTHING, async (_, __, { signIn, session, setCookie }) => {
    await endOperatorSession(signIn, { session_id: session.session_id });
    setCookie(null);
    return {};
  }),
  "session.endAll": operatorCall(NOTHING, async (_, __, { signIn, setCookie }) => {
    const ended = await endAllOperatorSessions(signIn);
    setCookie(null);
    return { ended };
  }),
};
