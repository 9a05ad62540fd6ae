/** The accounts of a chunk's rows: found by their domains, or to be created with the chunk. */
import type { Statement, UnitDb } from "../../../context";
import { linkDomains, type NewAccount } from "../../accounts";
import type { RowInput } from "../import-row";
import { keyOf } from "./targets";

/** `created`: the accounts that `writes` creates. */
export type LinkedRows = { inputs: readonly RowInput[]; created: readonly NewAccount[]; writes: (now: number) => Statement<never>[] };

/** The rows with the ids of their accounts. One round trip; none for rows that name no account. */
export async function linkAccounts(db: UnitDb, inputs: readonly RowInput[]): Promise<LinkedRows> {
  const wanted = inputs.flatMap(({ account }) => (account ? [account] : []));
  if (wanted.length === 0) return { inputs, created: [], writes: () => [] };
  const { idOf, created, writes } = await linkDomains(db, wanted);
  return { inputs: inputs.map((input) => linked(input, idOf)), created, writes };
}

function linked(input: RowInput, idOf: ReadonlyMap<string, string>): RowInput {
  const id = input.account ? idOf.get(input.account.domain) : undefined;
  if (id === undefined) return input;
  if (input.account?.fills) return { ...input, fills: new Map([...(input.fills ?? []), [keyOf("account_id"), id]]) };
  const patch = new Map([...input.patch, [keyOf("account_id"), id] as const]);
  return { ...input, patch, patchJson: JSON.stringify(Object.fromEntries(patch)) };
}
