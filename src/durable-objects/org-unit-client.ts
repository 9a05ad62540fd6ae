/** The org units' Durable Objects, behind the interface that the core uses. */
import type { LiveUnits, OrgUnit as Unit } from "../context";
import { forgetUsage } from "./usage-client";

export function liveUnits(env: Env, now: () => number): LiveUnits {
  const objectOf = (unit: Unit) => env.ORG_UNITS.getByName(String(unit.unit));
  return {
    openSession: (unit, session) => objectOf(unit).openSession(session),
    listSessions: (unit) => objectOf(unit).listSessions(now()),
    endSession: (unit, sessionId) => objectOf(unit).endSession(sessionId),
    hasSession: (unit, sessionId) => objectOf(unit).hasSession(sessionId, now()),
    openConsoleSession: (unit, session) => objectOf(unit).openConsoleSession(session),
    seeConsoleSession: (unit, secretHash) => objectOf(unit).seeConsoleSession(secretHash, now()),
    listConsoleSessions: (unit, actorId) => objectOf(unit).listConsoleSessions(actorId, now()),
    endConsoleSessions: (unit, actorId, sessionId) => objectOf(unit).endConsoleSessions(actorId, sessionId),
    forget: async (unit) => {
      await objectOf(unit).forget();
      await forgetUsage(env, unit.unit);
    },
    takeRequest: (unit, credentialId, limit) => objectOf(unit).takeRequest(credentialId, limit, now()),
  };
}
