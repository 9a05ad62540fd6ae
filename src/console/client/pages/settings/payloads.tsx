/** The last payloads of a source: what became of each, where each answer goes, and taking it again. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Moment, Pill, type Tone } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { counted, formatNumber } from "../../format";
import { useLoad } from "../../load";
import { useLive } from "../../load-live";
import { Json } from "../live/parts";
import type { Source } from "./sources";

type Payload = CallOutput<"sources.payloads">[number];

const TONES: Record<Payload["outcome"], Tone> = { accepted: "good", test: "info", unusable: "bad" };
const ALIASES = [
  { value: "_alias_email", label: "Email" },
  { value: "_alias_phone", label: "Phone" },
  { value: "_alias_external_id", label: "External id" },
  { value: "_alias_cookie", label: "Cookie" },
  { value: "_alias_social", label: "Profile URL" },
];

type PayloadsProps = { source: Source; onMapped: (source: Source) => void };

export function Payloads({ source, onMapped }: PayloadsProps) {
  const { source_id, mapping } = source;
  const live = useLive(source_id, (signal) => call("sources.payloads", { source_id }, { signal }));
  const fields = useLoad("fields", (signal) => call("fields.list", {}, { signal }));
  const names = fields.data?.fields.map(({ name }) => name) ?? [];
  const save = async (to: Source["mapping"]): Promise<void> => {
    onMapped(await call("sources.change", { source_id, mapping: to }));
    live.reload();
  };
  const map = async (pointer: string, label: string, target: string): Promise<void> => {
    const { [pointer]: _, ...others } = mapping;
    try {
      await save(target === "" ? others : { ...others, [pointer]: target });
      toast(`${label} ${target === "" ? "is placed by its name again" : `goes to ${wordOf(target)}`}: replay what was sent before`, {
        undo: () => void save(mapping).catch(toastError),
      });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <section class="card" aria-labelledby="payloads">
      <h2 id="payloads">What was sent last</h2>
      <p class="muted about">The newest 20. Choose where an answer goes, then replay a payload to have it taken with that.</p>
      {live.error && !live.data && <ErrorState error={live.error} onRetry={live.reload} />}
      {!live.data && !live.error && <Skeleton lines={4} label="Loading what was sent" />}
      {live.data?.length === 0 && (
        <EmptyState icon="live" title="Nothing has been sent yet">
          Leave this page open and send a test from the form: it appears here within seconds, whatever becomes of it.
        </EmptyState>
      )}
      <ul class="feed" aria-label="Payloads">
        {live.data?.map((payload) => (
          <PayloadView
            key={payload.payload_id}
            payload={payload}
            sourceId={source_id}
            mapping={mapping}
            names={names}
            onMap={map}
            onReplayed={live.reload}
          />
        ))}
      </ul>
    </section>
  );
}

const wordOf = (target: string): string => ALIASES.find(({ value }) => value === target)?.label.toLowerCase() ?? `the field ${target}`;

type ViewProps = {
  payload: Payload;
  sourceId: string;
  mapping: Source["mapping"];
  names: readonly string[];
  onMap: (pointer: string, label: string, target: string) => Promise<void>;
  onReplayed: () => void;
};

function PayloadView({ payload, sourceId, mapping, names, onMap, onReplayed }: ViewProps) {
  const { payload_id, received_at, deliveries, outcome, reason, event_ids, fields } = payload;
  const [busy, setBusy] = useState(false);
  const replay = async (): Promise<void> => {
    setBusy(true);
    try {
      const taken = await call("sources.replay", { source_id: sourceId, payload_id });
      toast(taken.outcome === "accepted" ? `Taken: ${counted(taken.event_ids.length, "event")} queued` : (taken.reason ?? taken.outcome));
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
    onReplayed();
  };
  return (
    <li>
      <details>
        <summary>
          <Pill tone={TONES[outcome]}>{outcome}</Pill>
          <span class={outcome === "unusable" ? "reason" : undefined}>
            {reason ?? counted(event_ids.length, "event")}
            {deliveries > 1 && `, sent ${formatNumber(deliveries)} times`}
          </span>
          <Moment at={received_at} />
        </summary>
        <div class="feed-more">
          <ul class="mapped" aria-label="Answers">
            {fields.map(({ pointer, label, value, target }) => (
              <li key={pointer}>
                <div>
                  <strong>{label}</strong>
                  <p class="muted small">{value}</p>
                </div>
                <TargetChoice
                  label={`Where ${label} goes`}
                  mapped={mapping[pointer] ?? ""}
                  automatic={mapping[pointer] === undefined ? target : null}
                  names={names}
                  onChoose={(to) => void onMap(pointer, label, to)}
                />
              </li>
            ))}
          </ul>
          <Json {...payload.payload} label={`Payload ${payload_id}`} />
        </div>
      </details>
      <Button icon="play" busy={busy} onClick={() => void replay()} aria-label={`Replay the payload ${payload_id}`}>
        Replay
      </Button>
    </li>
  );
}

type ChoiceProps = {
  label: string;
  /** as the mapping says; "": the name decides */
  mapped: string;
  /** what the name decides; null: nothing, or not known */
  automatic: string | null;
  names: readonly string[];
  onChoose: (target: string) => void;
};

function TargetChoice({ label, mapped, automatic, names, onChoose }: ChoiceProps) {
  const others = mapped === "" || mapped.startsWith("_alias_") || names.includes(mapped) ? names : [mapped, ...names];
  return (
    <select aria-label={label} value={mapped} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">By its name{mapped === "" && `: ${automatic === null ? "nowhere" : wordOf(automatic)}`}</option>
      <optgroup label="Names the lead">
        {ALIASES.map((alias) => (
          <option key={alias.value} value={alias.value}>
            {alias.label}
          </option>
        ))}
      </optgroup>
      <optgroup label="Profile fields">
        {others.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </optgroup>
    </select>
  );
}
