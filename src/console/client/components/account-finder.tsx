/** Choosing an account by part of its name or domain, or creating the one that is missing. */
import type { CallOutput } from "../../server/calls";
import { call } from "../call";
import { counted } from "../format";
import { Button } from "./button";
import { Finder } from "./finder";
import { toastError } from "./toast";

export type Account = CallOutput<"accounts.create">;

export function AccountFinder({ onChoose }: { onChoose: (account: Account) => void }) {
  const create = async (name: string): Promise<void> => onChoose(await call("accounts.create", { name }));
  return (
    <Finder
      label="Account"
      placeholder="Name or domain"
      find={async (search, signal) => {
        const { accounts } = await call("accounts.find", { search }, { signal });
        return accounts.map((account) => ({
          id: account.account_id,
          title: account.name,
          detail: [account.domain, counted(account.leads, "lead")].filter(Boolean).join(" · "),
          item: account,
        }));
      }}
      onChoose={onChoose}
      nothing={(name) => (
        <div class="actions">
          <span>No account matches.</span>
          <Button icon="plus" onClick={() => void create(name).catch(toastError)}>
            Create “{name}”
          </Button>
        </div>
      )}
    />
  );
}
