/** What a trigger waits for, as a form. */
import { call } from "../../call";
import { Button, IconButton } from "../../components/button";
import { CheckField, SelectField, TextField } from "../../components/form";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import type { Duration, TriggerDraft } from "./trigger-draft";
import type { Choices, DurationUnit } from "./words";

export type FieldsProps = { draft: TriggerDraft; onChange: (to: Partial<TriggerDraft>) => void; choices: Choices };

export function ConditionFields({ draft, onChange, choices }: FieldsProps) {
  const { data = [] } = useLoad("types", (signal) => call("events.types", {}, { signal }));
  const types = [...data];
  switch (draft.kind) {
    case "milestone":
      return <MilestoneFields draft={draft} onChange={onChange} types={types} />;
    case "sequence":
      return <SequenceFields draft={draft} onChange={onChange} types={types} />;
    case "surge":
      return <SurgeFields draft={draft} onChange={onChange} types={types} />;
    case "segment":
      return <SegmentFields draft={draft} onChange={onChange} choices={choices} />;
  }
}

type KindProps = Omit<FieldsProps, "choices"> & { types: readonly string[] };

const MilestoneFields = ({ draft, onChange, types }: KindProps) => (
  <>
    <TextField
      label="When the score reaches"
      name="condition.score_threshold"
      type="number"
      step="any"
      value={draft.score_threshold}
      onInput={(event) => onChange({ score_threshold: event.currentTarget.value })}
    />
    <EventTypeField
      label="By an event of the type"
      value={draft.event_type}
      types={types}
      hint="Empty: by any event"
      onType={(event_type) => onChange({ event_type })}
    />
    <CheckField
      label="Again, each time the score passes it anew"
      name="condition.fire_mode"
      hint="Otherwise once for each lead"
      checked={draft.repeats}
      onChange={(repeats) => onChange({ repeats })}
    />
    {draft.repeats && (
      <DurationFields
        label="But not again within"
        name="condition.cooldown_seconds"
        duration={draft.cooldown}
        onChange={(cooldown) => onChange({ cooldown })}
      />
    )}
  </>
);

const SequenceFields = ({ draft: { steps, ordered, window }, onChange, types }: KindProps) => (
  <>
    <fieldset class="steps">
      <legend>When a lead does all of these</legend>
      <ol>
        {steps.map((step, at) => (
          <li key={at}>
            <EventTypeField
              label={`Event ${at + 1}`}
              name={`condition.event_types.${at}`}
              value={step}
              types={types}
              onType={(type) => onChange({ steps: steps.map((other, place) => (place === at ? type : other)) })}
            />
            {mayWrite() && steps.length > 1 && (
              <IconButton
                icon="trash"
                label={`Remove event ${at + 1}`}
                onClick={() => onChange({ steps: steps.filter((_, place) => place !== at) })}
              />
            )}
          </li>
        ))}
      </ol>
      {mayWrite() && (
        <div class="actions">
          <Button icon="plus" onClick={() => onChange({ steps: [...steps, ""] })}>
            Add an event
          </Button>
        </div>
      )}
    </fieldset>
    <CheckField label="In this order" name="condition.ordered" checked={ordered} onChange={(to) => onChange({ ordered: to })} />
    <DurationFields label="Within" name="condition.window_seconds" duration={window} onChange={(to) => onChange({ window: to })} />
  </>
);

const SurgeFields = ({ draft: { threshold, event_type, window }, onChange, types }: KindProps) => (
  <>
    <TextField
      label="When a lead has this many events"
      name="condition.threshold"
      type="number"
      min={1}
      step={1}
      value={threshold}
      onInput={(event) => onChange({ threshold: event.currentTarget.value })}
    />
    <EventTypeField
      label="Of the type"
      value={event_type}
      types={types}
      hint="Empty: of any type"
      onType={(type) => onChange({ event_type: type })}
    />
    <DurationFields label="Within" name="condition.window_seconds" duration={window} onChange={(to) => onChange({ window: to })} />
  </>
);

const SegmentFields = ({ draft: { segment_id, on }, onChange, choices: { segments } }: FieldsProps) => (
  <>
    <SelectField
      label="When a lead"
      name="condition.on"
      value={on}
      options={[
        { value: "entered", label: "enters the segment" },
        { value: "left", label: "leaves the segment" },
      ]}
      onChange={(event) => onChange({ on: event.currentTarget.value as "entered" | "left" })}
    />
    <SelectField
      label="Segment"
      name="condition.segment_id"
      value={segment_id}
      hint={segments.length === 0 ? "There are no segments of leads yet: the API creates them" : undefined}
      options={[{ value: "", label: "Choose a segment" }, ...segments.map(segmentOption)]}
      onChange={(event) => onChange({ segment_id: event.currentTarget.value })}
    />
  </>
);

const segmentOption = ({ segment_id, name, active }: Choices["segments"][number]) => ({
  value: segment_id,
  label: active ? name : `${name} (not active: it has no members)`,
});

type EventTypeProps = {
  label: string;
  name?: string;
  value: string;
  types: readonly string[];
  hint?: string;
  onType: (type: string) => void;
};

const EventTypeField = ({ label, name = "condition.event_type", value, types, hint, onType }: EventTypeProps) => (
  <TextField
    label={label}
    name={name}
    value={value}
    suggestions={types}
    hint={hint}
    autocomplete="off"
    onInput={(event) => onType(event.currentTarget.value)}
  />
);

const UNITS: readonly DurationUnit[] = ["day", "hour", "minute", "second"];

type DurationProps = { label: string; name: string; duration: Duration; onChange: (duration: Duration) => void };

const DurationFields = ({ label, name, duration: { amount, unit }, onChange }: DurationProps) => (
  <div class="duration">
    <TextField
      label={label}
      name={name}
      type="number"
      min={0}
      step="any"
      value={amount}
      onInput={(event) => onChange({ amount: event.currentTarget.value, unit })}
    />
    <SelectField
      label="Unit"
      name={`${name}_unit`}
      value={unit}
      options={UNITS.map((value) => ({ value, label: `${value}s` }))}
      onChange={(event) => onChange({ amount, unit: event.currentTarget.value as DurationUnit })}
    />
  </div>
);
