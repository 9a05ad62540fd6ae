/** What the operator's verbs need of the bindings: for /admin, and for the operator's part of the console. */
import type { CallerCtx, Ctx, OrgUnit } from "./context";
import { signReceipt } from "./core/auth";
import type { ErasureWorld } from "./core/erasure";
import { endMoves } from "./core/moves";
import { OPERATOR_ID, type OperatorSignIn } from "./core/sign-in";
import { operatorSessions } from "./durable-objects/installation-client";
import { openAuth, openFiles, openMoves, openUnit, signingKeysOf } from "./open-context";
import { adminTokenHashOf } from "./open-installation";

/** The home org unit of a channel. */
export const openHome = (env: Env, caller: CallerCtx, home: OrgUnit): Ctx =>
  openUnit(env, caller, home, { bookmark: undefined, writes: true, dialect: "admin" }).ctx;

/** For deleting an organization. */
export async function openErasure(env: Env, caller: CallerCtx): Promise<ErasureWorld> {
  const keys = await signingKeysOf(env);
  return {
    openUnit: (unit) => openHome(env, caller, unit),
    files: openFiles(env),
    sign: (content) => signReceipt(keys, content),
    endMoves: (organizationId, until) => endMoves(openMoves(env), organizationId, until),
  };
}

/** For signing in as the operator, and for the sessions. `address`: the caller's network, see http/address.ts. */
export const openOperatorSignIn = async (env: Env, address: string | null): Promise<OperatorSignIn> => ({
  ...(await openAuth(env, address)),
  tokenHash: await adminTokenHashOf(env),
  sessions: operatorSessions(env, OPERATOR_ID, Date.now),
});
