/** Every call of the console. A part adds its table: one import, one spread. */
import type { JobEvent } from "../../../core/imports";
import type { Call, InputOf, OutputOf } from "../call";
import { accountCalls } from "./accounts";
import { authorizationCalls } from "./authorization";
import { channelCalls } from "./channels";
import { conflictCalls } from "./conflicts";
import { credentialCalls } from "./credentials";
import { duplicateCalls } from "./duplicates";
import { importCalls } from "./imports";
import { leadCalls } from "./lead";
import { leadAroundCalls } from "./lead-around";
import { leadViewCalls } from "./lead-views";
import { leadListCalls } from "./leads";
import { levelCalls } from "./levels";
import { liveCalls } from "./live";
import { mergeCalls } from "./merges";
import { overviewCalls } from "./overview";
import { profileScoringCalls } from "./profile-scoring";
import { scoringCalls } from "./scoring";
import { sessionCalls } from "./session";
import { sourceCalls } from "./sources";
import { triggerCalls } from "./triggers";
import { unitCalls } from "./units";

export const calls = {
  ...sessionCalls,
  ...authorizationCalls,
  ...importCalls,
  ...leadListCalls,
  ...leadCalls,
  ...leadAroundCalls,
  ...accountCalls,
  ...conflictCalls,
  ...duplicateCalls,
  ...mergeCalls,
  ...liveCalls,
  ...leadViewCalls,
  ...credentialCalls,
  ...channelCalls,
  ...unitCalls,
  ...sourceCalls,
  ...overviewCalls,
  ...scoringCalls,
  ...levelCalls,
  ...profileScoringCalls,
  ...triggerCalls,
};

export type Calls = typeof calls;
export type CallName = keyof Calls;
export type CallInput<Name extends CallName> = InputOf<Calls[Name]>;
export type CallOutput<Name extends CallName> = OutputOf<Calls[Name]>;

export type { OperatorCallInput, OperatorCallName, OperatorCallOutput } from "../operator/calls";

/** What the stream of an import sends. */
export type ImportEvent = JobEvent;

export const findCall = (name: string): Call | undefined => (Object.hasOwn(calls, name) ? (calls[name as CallName] as Call) : undefined);
