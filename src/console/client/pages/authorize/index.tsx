/** Somebody decides whether a program may act in their name: which one, in which org unit, with which role. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Form, SelectField } from "../../components/form";
import { Page } from "../../components/page";
import { Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { session } from "../../session";
import { showUnit } from "../../unit";

type Consent = CallOutput<"authorization.view">;

const MEANING: Record<string, string> = {
  viewer: "viewer: reads, changes nothing",
  editor: "editor: reads and changes leads, imports and rules",
  admin: "admin: does everything in this org unit, its credentials included",
};

export function AuthorizePage() {
  const [query] = useState(() => location.search.slice(1));
  const { data, error, reload } = useLoad("authorization", (signal) => call("authorization.view", { query }, { signal }));
  const [done, setDone] = useState(false);
  const leave = (to: string): void => {
    setDone(true);
    location.assign(to);
  };
  return (
    <Page title="Let a program in">
      {error && !data && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={5} label="Loading the request" />}
      {done && <EmptyState title="Back to the program">You may close this page if the program does not open by itself.</EmptyState>}
      {data && !done && <Consent consent={data} query={query} onLeave={leave} />}
    </Page>
  );
}

function Consent({ consent, query, onLeave }: { consent: Consent; query: string; onLeave: (to: string) => void }) {
  const { client, unit, roles, deny_url } = consent;
  const approve = async ({ role = "viewer" }: Record<string, string>): Promise<void> => {
    const { redirect_to } = await call("authorization.approve", { query, role: role as Consent["roles"][number] });
    onLeave(redirect_to);
  };
  return (
    <section class="card consent" aria-labelledby="consent">
      <h2 id="consent">
        {client.name} wants to work with the leads of {unit.name}
      </h2>
      <Facts consent={consent} />
      <Form
        submit="Approve"
        onSubmit={approve}
        actions={
          <Button kind="plain" onClick={() => onLeave(deny_url)}>
            Deny
          </Button>
        }
      >
        <UnitField unit={unit} />
        <SelectField
          label="Role"
          name="role"
          hint="The least that it needs. You can only give what you have yourself."
          options={roles.map((role) => ({ value: role, label: MEANING[role] ?? role }))}
        />
      </Form>
      <p class="muted small">
        It stays connected for up to 90 days. <a href={hrefOf("/settings")}>Settings</a> lists what is connected, and disconnects it.
      </p>
    </section>
  );
}

function Facts({ consent: { client, redirect_host, resource } }: { consent: Consent }) {
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Program</dt>
          <dd>
            <strong>{client.name}</strong>{" "}
            {client.host === null ? (
              <>
                at {redirect_host ?? "this device"} <Pill tone="warning">not verified</Pill> It chose this name itself.
              </>
            ) : (
              `of ${client.host}`
            )}
          </dd>
        </div>
        <div>
          <dt>You go back to</dt>
          <dd>{redirect_host ?? "a program on this device"}</dd>
        </div>
        <div>
          <dt>It may use</dt>
          <dd>{resource ?? "the whole API of this service"}</dd>
        </div>
      </dl>
      {(client.host === null || redirect_host === null) && (
        <p class="muted">Approve only if you have just started this yourself: another program can give itself the same name.</p>
      )}
    </>
  );
}

/** Where it is let in: the unit that the console shows, as anywhere else. */
function UnitField({ unit }: { unit: Consent["unit"] }) {
  const units = session.value?.units ?? [unit];
  return (
    <SelectField
      label="Org unit"
      name="unit"
      value={unit.unit_id}
      options={units.map(({ unit_id, name }) => ({ value: unit_id, label: name }))}
      onChange={(event) => {
        const chosen = units.find(({ unit_id }) => unit_id === event.currentTarget.value);
        if (!chosen || !session.value) return;
        session.value = { ...session.value, unit: chosen };
        showUnit(chosen.unit_id);
      }}
    />
  );
}
