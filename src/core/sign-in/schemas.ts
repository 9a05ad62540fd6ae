/** What signing in takes. */
import { z } from "zod";

const CREDENTIAL_CHARS_MAX = 10_000;
const Secret = z.string().trim().min(1, "must not be empty").max(CREDENTIAL_CHARS_MAX, "is too long");

/** A service account's pair. */
export const PairInput = z.strictObject({ client_id: Secret, client_secret: Secret });
/** A personal access token, or a JWT. */
export const TokenInput = z.strictObject({ token: Secret });

export const LocalSignInInput = z.strictObject({ code: Secret });

export const SessionChoice = z.strictObject({ session_id: z.string().min(1).max(100) });
