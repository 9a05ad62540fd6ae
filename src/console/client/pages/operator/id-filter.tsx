import { setQuery } from "../../router";

type IdFilterProps = {
  label: string;
  placeholder: string;
  /** the parameter of the address that holds the id */
  name: string;
  value: string;
  /** a parameter that a change clears */
  clears?: string;
};

/** A field that narrows a list to what belongs to one id, as the address has it. */
export const IdFilter = ({ label, placeholder, name, value, clears }: IdFilterProps) => (
  <label>
    <span>{label}</span>
    <input
      type="search"
      placeholder={placeholder}
      value={value}
      onChange={(event) => setQuery({ ...(clears ? { [clears]: null } : {}), [name]: event.currentTarget.value.trim() })}
    />
  </label>
);
