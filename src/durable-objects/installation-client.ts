/** The keys of this installation, from the settings or from the object that creates them. Kept in each isolate. */
import type { ConsoleSession } from "../context";
import { Unavailable } from "../errors";
import { logError } from "../log";
import type { Claim } from "./installation";
import { type KeyTexts, keyTextsOf } from "./key-rotation";

/** A new key is read by every isolate long before it signs: see key-rotation.ts. */
const KEYS_TTL_MS = 60 * 60 * 1000;
const RETRY_AFTER_SECONDS = 5;

type Kept = { texts: KeyTexts; readAt: number };
const keptByEnv = new WeakMap<Env, Kept>();

const installation = (env: Env) => env.INSTALLATION.getByName("only");

/** Reads the keys when this isolate does not have them; null when it does. Throws Unavailable. */
export function loadKeys(env: Env, now: number): Promise<void> | null {
  const kept = keptByEnv.get(env);
  if (kept && now - kept.readAt < KEYS_TTL_MS) return null;
  if (env.SIGNING_KEY) {
    keep(env, textsOfSettings(env.SIGNING_KEY, env.SIGNING_KEY_PREVIOUS), Infinity);
    return null;
  }
  return readKeys(env, now);
}

/** The keys that `loadKeys` has read. */
export function keyTexts(env: Env): KeyTexts {
  const kept = keptByEnv.get(env);
  if (!kept) throw new Error("the keys are not loaded");
  return kept.texts;
}

async function readKeys(env: Env, now: number): Promise<void> {
  try {
    keep(env, keyTextsOf(await installation(env).keys(now), now), now);
  } catch (error) {
    logError("signing keys not read", error);
    // an isolate that has keys goes on with them
    if (!keptByEnv.has(env)) throw new Unavailable("The service is starting; try again in a moment", RETRY_AFTER_SECONDS);
  }
}

function textsOfSettings(current: string, previous: string | undefined): KeyTexts {
  const all: [string, ...string[]] = previous ? [current, previous] : [current];
  return { signing: all, tagging: all };
}

const keep = (env: Env, texts: KeyTexts, readAt: number): void => void keptByEnv.set(env, { texts, readAt });

export const adminTokenHash = (env: Env): Promise<string | null> => installation(env).adminTokenHash();

export const codeToLog = (env: Env, now: number): Promise<string | null> => installation(env).codeToLog(now);

export const claimInstallation = (env: Env, code: string, now: number): Promise<Claim> => installation(env).claim(code, now);

/** The operator's sessions of the console. `actorId`: by what name the object knows the operator. */
export const operatorSessions = (env: Env, actorId: string, now: () => number) => ({
  open: (session: ConsoleSession) => installation(env).openConsoleSession(session),
  see: (secretHash: string) => installation(env).seeConsoleSession(secretHash, now()),
  list: () => installation(env).listConsoleSessions(actorId, now()),
  end: (sessionId: string | null) => installation(env).endConsoleSessions(actorId, sessionId),
});
