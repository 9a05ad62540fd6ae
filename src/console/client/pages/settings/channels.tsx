/** Notification channels, and a test delivery to each. */
import { call } from "../../call";
import { Button } from "../../components/button";
import { Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";

export function Channels() {
  const { data, error, reload } = useLoad("channels", (signal) => call("channels.list", {}, { signal }));
  const test = (channel_id: string, name: string): Promise<void> =>
    call("channels.test", { channel_id }).then(() => toast(`A test is on its way to ${name}: see Live, Deliveries`), toastError);
  return (
    <section class="card" aria-labelledby="channels">
      <h2 id="channels">Notification channels</h2>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={2} label="Loading notification channels" />}
      {data?.length === 0 && <p>There is none yet: create one with POST /notification-channels.</p>}
      <ul class="list" aria-label="Notification channels">
        {data?.map(({ channel_id, name, type, active, disabled_reason }) => (
          <li key={channel_id}>
            <div>
              <strong>{name}</strong> <Pill>{type}</Pill> {!active && <Pill tone="warning">disabled</Pill>}
              {disabled_reason && <p class="muted small">{disabled_reason}</p>}
            </div>
            {active && mayWrite() && (
              <Button icon="play" aria-label={`Test ${name}`} onClick={() => void test(channel_id, name)}>
                Test
              </Button>
            )}
          </li>
        ))}
      </ul>
      <p>
        <a href={hrefOf("/live?show=deliveries")}>Deliveries</a>
      </p>
    </section>
  );
}
