/** Every call of the operator's part of the console. */
import type { InputOf, OutputOf } from "../../call";
import type { OperatorCall } from "../call";
import { auditCalls } from "./audit";
import { channelCalls } from "./channels";
import { credentialCalls } from "./credentials";
import { healthCalls } from "./health";
import { organizationCalls } from "./organizations";
import { rewardCalls } from "./rewards";
import { sessionCalls } from "./session";

export const operatorCalls = {
  ...sessionCalls,
  ...organizationCalls,
  ...credentialCalls,
  ...channelCalls,
  ...rewardCalls,
  ...healthCalls,
  ...auditCalls,
};

type Calls = typeof operatorCalls;
export type OperatorCallName = keyof Calls;
export type OperatorCallInput<Name extends OperatorCallName> = InputOf<Calls[Name]>;
export type OperatorCallOutput<Name extends OperatorCallName> = OutputOf<Calls[Name]>;

export const findOperatorCall = (name: string): OperatorCall | undefined =>
  Object.hasOwn(operatorCalls, name) ? (operatorCalls[name as OperatorCallName] as OperatorCall) : undefined;
