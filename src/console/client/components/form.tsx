/** Forms whose errors stand at their fields: the server names each by its path. */
import { type ComponentChildren, createContext, type TargetedEvent } from "preact";
import { useContext, useId, useRef, useState } from "preact/hooks";
import { isAbort, Problem } from "../call";
import { Button } from "./button";
import { Icon } from "./icon";

type FormState = { problem: Problem | null };
const FormContext = createContext<FormState>({ problem: null });

type FormProps = {
  /** what it does, on its button */
  submit: string;
  /** the values by the names of the fields */
  onSubmit: (values: Record<string, string>) => Promise<unknown>;
  children: ComponentChildren;
  /** beside the button */
  actions?: ComponentChildren;
  /** `danger` for what cannot be undone */
  kind?: "primary" | "danger";
};

/** Sends once at a time; what was typed stays when it is refused, and the first field that is wrong gets the focus. */
export function Form({ submit, onSubmit, children, actions, kind = "primary" }: FormProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const send = async (): Promise<void> => {
    if (busy || !form.current) return;
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit(valuesOf(form.current));
    } catch (error) {
      if (!isAbort(error)) setProblem(error instanceof Problem ? error : new Problem(0, "unknown", (error as Error).message));
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <FormContext.Provider value={{ problem }}>{children}</FormContext.Provider>
      <div class="form-problem" role="alert">
        {problem && !namesField(form.current, problem) && (
          <p>
            <Icon name="warning" /> {problem.message}
          </p>
        )}
      </div>
      <div class="actions">
        <Button kind={kind} type="submit" busy={busy}>
          {submit}
        </Button>
        {actions}
      </div>
    </form>
  );
}

const valuesOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : value.name]));

const namesField = (form: HTMLFormElement | null, { errors }: Problem): boolean =>
  errors.length > 0 && errors.every(({ path }) => form?.elements.namedItem(path.replace(/\.\d+$/, "")));

type FieldProps = { label: string; name: string; hint?: ComponentChildren };

function useField(name: string, hint: ComponentChildren) {
  const id = useId();
  const error = useContext(FormContext).problem?.at(name);
  const described = [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return {
    id,
    error,
    control: { id, name, "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined } as const,
  };
}

function FieldFrame({
  id,
  label,
  hint,
  error,
  children,
}: {
  id: string;
  label: string;
  hint: ComponentChildren;
  error: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

const FieldNotes = ({ id, hint, error }: { id: string; hint: ComponentChildren; error: string | undefined }) => (
  <>
    {hint && (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
    {error && (
      <p class="field-error" id={`${id}-error`}>
        <Icon name="warning" /> {error}
      </p>
    )}
  </>
);

type TextProps = {
  type?: "text" | "password" | "email" | "number" | "url" | "search" | "datetime-local";
  min?: number;
  step?: number | "any";
  /** offered while one types */
  suggestions?: readonly string[];
  value?: string;
  defaultValue?: string;
  placeholder?: string;
  autocomplete?: "off" | "username" | "current-password";
  autofocus?: boolean;
  spellcheck?: boolean;
  onInput?: (event: TargetedEvent<HTMLInputElement>) => void;
  onBlur?: () => void;
};

export function TextField({ label, name, hint, suggestions, ...rest }: FieldProps & TextProps) {
  const { id, error, control } = useField(name, hint);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input {...(rest as { type?: "text" })} {...control} list={suggestions && `${id}-list`} />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}

type SelectProps = FieldProps & {
  options: readonly { value: string; label: string }[];
  value?: string;
  onChange?: (event: TargetedEvent<HTMLSelectElement>) => void;
};

export function SelectField({ label, name, hint, options, ...rest }: SelectProps) {
  const { id, error, control } = useField(name, hint);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <select {...rest} {...control}>
        {options.map(({ value, label: text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

export function AreaField({ label, name, hint, defaultValue }: FieldProps & { defaultValue?: string }) {
  const { id, error, control } = useField(name, hint);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea rows={3} defaultValue={defaultValue} {...control} />
    </FieldFrame>
  );
}

type CheckProps = FieldProps & { value?: string; checked: boolean; onChange?: (checked: boolean) => void };

/** Among the values it is there only when it is ticked. Without `onChange`, `checked` says what it is at first. */
export function CheckField({ label, name, hint, value = "on", checked, onChange }: CheckProps) {
  const { id, error, control } = useField(name, hint);
  const state = onChange
    ? { checked, onChange: (event: TargetedEvent<HTMLInputElement>) => onChange(event.currentTarget.checked) }
    : { defaultChecked: checked };
  return (
    <div class="field">
      <label class="check-field">
        <input type="checkbox" value={value} {...control} {...state} />
        {label}
      </label>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}
