/** The conditions on an event's metadata, one line each. */
import { Button, IconButton } from "../../components/button";
import { SelectField, TextField } from "../../components/form";
import { mayWrite } from "../../session";
import { type EditedFilter, NO_FILTER, OPERATORS, type OperatorWord, takesValue } from "./filter-words";

type FilterFieldsProps = {
  filters: readonly EditedFilter[];
  onChange: (filters: EditedFilter[]) => void;
  /** what events of this type have in their metadata */
  properties: readonly string[];
};

const OPTIONS = Object.entries(OPERATORS).map(([value, label]) => ({ value, label }));

export function FilterFields({ filters, onChange, properties }: FilterFieldsProps) {
  const change = (at: number, to: Partial<EditedFilter>): void =>
    onChange(filters.map((filter, place) => (place === at ? { ...filter, ...to } : filter)));
  return (
    <fieldset class="filter-fields">
      <legend>Only events whose details match</legend>
      {filters.length === 0 && <p class="muted">Every event of this type counts.</p>}
      {filters.map((filter, at) => (
        <div class="filter-line" key={at}>
          <TextField
            label="Detail"
            name={`attribute_filters.${at}.field`}
            value={filter.field}
            suggestions={properties}
            autocomplete="off"
            onInput={(event) => change(at, { field: event.currentTarget.value })}
          />
          <SelectField
            label="Comparison"
            name={`attribute_filters.${at}.operator`}
            options={OPTIONS}
            value={filter.operator}
            onChange={(event) => change(at, { operator: event.currentTarget.value as OperatorWord })}
          />
          {takesValue(filter.operator) && (
            <TextField
              label="Value"
              name={`attribute_filters.${at}.value`}
              value={filter.value}
              autocomplete="off"
              onInput={(event) => change(at, { value: event.currentTarget.value })}
            />
          )}
          {mayWrite() && (
            <IconButton
              icon="trash"
              label={`Remove condition ${at + 1}`}
              onClick={() => onChange(filters.filter((_, place) => place !== at))}
            />
          )}
        </div>
      ))}
      {mayWrite() && (
        <div class="actions">
          <Button icon="plus" onClick={() => onChange([...filters, NO_FILTER])}>
            Add a condition
          </Button>
        </div>
      )}
    </fieldset>
  );
}
