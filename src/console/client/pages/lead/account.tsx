/** The account that a lead is linked to: shown, changed, cleared. */
import { useState } from "preact/hooks";
import { call, Problem } from "../../call";
import { AccountFinder } from "../../components/account-finder";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import type { Lead } from ".";

type AccountProps = { lead: Lead; onSaved: (lead: Lead) => void };

export function AccountCard({ lead, onSaved }: AccountProps) {
  const [choosing, setChoosing] = useState(false);
  const { account } = lead;
  const link = async (account_id: string | null): Promise<void> => {
    setChoosing(false);
    try {
      const saved = await relink(lead, account_id);
      onSaved(saved);
      const back = (): void =>
        void relink(saved, account?.account_id ?? null)
          .then(onSaved)
          .catch(toastError);
      toast(saved.account ? `Linked to ${saved.account.name}` : `No longer linked to ${account?.name}`, { undo: back });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <section class="card" aria-labelledby="account">
      <header class="card-head">
        <h2 id="account">Account</h2>
        {mayWrite() && (
          <div class="actions">
            <Button onClick={() => setChoosing(true)}>{account ? "Change" : "Link to an account"}</Button>
            {account && (
              <Button kind="quiet" onClick={() => void link(null)}>
                Unlink
              </Button>
            )}
          </div>
        )}
      </header>
      {account ? (
        <p>
          <a href={hrefOf(`/leads?account_id=${account.account_id}`)}>{account.name}</a> {account.domain && <Pill>{account.domain}</Pill>}
        </p>
      ) : (
        <p class="muted">This lead is linked to no account.</p>
      )}
      {choosing && (
        <Dialog title="Link to an account" onClose={() => setChoosing(false)}>
          <AccountFinder onChoose={({ account_id }) => void link(account_id)} />
        </Dialog>
      )}
    </section>
  );
}

/** Other fields may have changed since the lead was shown; another account is somebody else's decision, and stays. */
async function relink(lead: Lead, account_id: string | null): Promise<Lead> {
  const { lead_id, version, account } = lead;
  try {
    return await call("leads.change", { lead_id, version, account_id });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 412) throw error;
  }
  const theirs = await call("leads.get", { lead_id });
  if (theirs.account?.account_id !== account?.account_id)
    throw new Error(`Somebody else has linked this lead to ${theirs.account?.name ?? "no account"}: load the page again`);
  return call("leads.change", { lead_id, version: theirs.version, account_id });
}
