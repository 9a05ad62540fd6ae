/** Programs that somebody let in: what each may do, and an end to it. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Moment, Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";

type Grant = CallOutput<"grants.list">[number];

/** A program chooses its own name, but cannot forge where its codes are sent. */
const placeOf = ({ host, redirect_host }: Grant): string => {
  const place = redirect_host ?? "a program on somebody's device";
  return host === null || host === redirect_host ? `Goes back to ${place}` : `Published by ${host}, goes back to ${place}`;
};

export function Grants() {
  const { data, error, reload, set } = useLoad("grants", (signal) => call("grants.list", {}, { signal }));
  const revoke = async ({ grant_id, name }: Grant): Promise<void> => {
    try {
      await call("grants.revoke", { grant_id });
      set((before) => before.filter((other) => other.grant_id !== grant_id));
      toast(`${name} is disconnected: it stops working within 30 seconds`);
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <section class="card" aria-labelledby="grants">
      <h2 id="grants">Connected programs</h2>
      <p class="muted">Agents and other programs that somebody let in to this org unit.</p>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={1} label="Loading connected programs" />}
      {data?.length === 0 && <p>No program is connected yet.</p>}
      <ul class="list" aria-label="Connected programs">
        {data?.map((grant) => (
          <li key={grant.grant_id}>
            <div>
              <strong>{grant.name}</strong> <Pill>{grant.role}</Pill> {grant.host === null && <Pill tone="warning">name not verified</Pill>}
              <p class="small">{placeOf(grant)}</p>
              <p class="muted small">
                Connected <Moment at={grant.created_at} />
                {grant.expires_at !== null && (
                  <>
                    , until <Moment at={grant.expires_at} />
                  </>
                )}
              </p>
            </div>
            <Button aria-label={`Disconnect ${grant.name}`} onClick={() => void revoke(grant)}>
              Disconnect
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
