import {
  createContext,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useContext,
  useEffect,
  useId,
  useRef,
} from "react";
import type { Problem } from "~/core/problem";
import { ProblemAlert } from "./states";

const FormProblem = createContext<Problem | null>(null);

interface FormProps {
  problem: Problem | null;
  onSubmit: () => void;
  children: ReactNode;
  id?: string;
  className?: string;
  /** Names of the fields shown here; a refusal of any other field goes into the alert on top. */
  fields?: readonly string[];
}

/** A form whose refused fields show the server's words; the first of them gets the focus. */
export function Form({ problem, onSubmit, children, id, className = "stack", fields = [] }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus();
  }, [problem]);
  const elsewhere = problem?.fields.filter((entry) => !fields.includes(entry.field)) ?? [];
  const showAlert = problem && (problem.fields.length === 0 || elsewhere.length > 0);
  return (
    <FormProblem.Provider value={problem}>
      <form
        ref={form}
        id={id}
        className={className}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {showAlert ? <ProblemAlert problem={problem} fields={elsewhere} /> : null}
        {children}
      </form>
    </FormProblem.Provider>
  );
}

interface FieldProps {
  label: ReactNode;
  name: string;
  hint?: ReactNode;
  optional?: boolean;
  error?: string | undefined;
}

function useField({ name, hint, error }: FieldProps) {
  const id = useId();
  const problem = useContext(FormProblem);
  const message = error ?? problem?.fieldMessage(name);
  const describedBy = [hint && `${id}-hint`, message && `${id}-error`].filter(Boolean).join(" ");
  return {
    id,
    message,
    control: { id, name, "aria-invalid": message ? true : undefined, "aria-describedby": describedBy || undefined },
  };
}

function Frame({
  id,
  message,
  field,
  children,
}: {
  id: string;
  message?: string | undefined;
  field: FieldProps;
  children: ReactNode;
}) {
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {field.label} {field.optional ? <span className="optional">(optional)</span> : null}
      </label>
      {children}
      {field.hint ? (
        <p className="hint" id={`${id}-hint`}>
          {field.hint}
        </p>
      ) : null}
      {message ? (
        <p className="error" id={`${id}-error`}>
          {message}
        </p>
      ) : null}
    </div>
  );
}

type Rest<T> = Omit<T, "name" | "id" | "onChange"> & { onText: (text: string) => void };

export function TextField(props: FieldProps & Rest<InputHTMLAttributes<HTMLInputElement>>) {
  const { label, name, hint, optional, error, onText, className = "input", ...rest } = props;
  const { id, message, control } = useField(props);
  return (
    <Frame id={id} message={message} field={{ label, name, hint, optional: optional ?? false }}>
      <input {...rest} {...control} className={className} onChange={(event) => onText(event.target.value)} />
    </Frame>
  );
}

export function TextArea(props: FieldProps & Rest<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const { label, name, hint, optional, error, onText, ...rest } = props;
  const { id, message, control } = useField(props);
  return (
    <Frame id={id} message={message} field={{ label, name, hint, optional: optional ?? false }}>
      <textarea {...rest} {...control} className="input" onChange={(event) => onText(event.target.value)} />
    </Frame>
  );
}

export function SelectField(props: FieldProps & Rest<SelectHTMLAttributes<HTMLSelectElement>>) {
  const { label, name, hint, optional, error, onText, children, ...rest } = props;
  const { id, message, control } = useField(props);
  return (
    <Frame id={id} message={message} field={{ label, name, hint, optional: optional ?? false }}>
      <select {...rest} {...control} className="input" onChange={(event) => onText(event.target.value)}>
        {children}
      </select>
    </Frame>
  );
}

interface ChoiceFieldProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  choices: readonly { value: T; label: ReactNode }[];
  onPick: (value: T) => void;
}

export function ChoiceField<T extends string>({ legend, name, value, choices, onPick }: ChoiceFieldProps<T>) {
  return (
    <fieldset className="field">
      <legend className="label mb-1.5">{legend}</legend>
      <div className="cluster">
        {choices.map((choice) => (
          <label key={choice.value} className="choice choice-card flex-auto whitespace-nowrap px-3">
            <input type="radio" name={name} checked={choice.value === value} onChange={() => onPick(choice.value)} />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
