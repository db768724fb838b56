// Fields that amend the address: what is shown is always what the address says. Knows no screen.
import { amend, route } from '../frame/route.ts';

interface ChoiceInput {
  readonly label: string;
  /** The word of the address that holds it. */
  readonly name: string;
  /** Values, or values with what they are called. */
  readonly options: readonly (string | readonly [value: string, title: string])[];
  /** What is in force where the address says nothing. */
  readonly otherwise: string;
}

export function Choice({ label, name, options, otherwise }: ChoiceInput): preact.JSX.Element {
  const value = route.value.words.get(name) ?? otherwise;
  const onChange = (event: Event): void => {
    const chosen = (event.currentTarget as HTMLSelectElement).value;
    amend({ [name]: chosen === otherwise ? undefined : chosen, from: undefined });
  };
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={onChange}>
        {options.map((option) => {
          const [key, title] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={key} value={key}>
              {title}
            </option>
          );
        })}
      </select>
    </label>
  );
}

interface TextInput {
  readonly label: string;
  readonly name: string;
  readonly placeholder: string;
  /** Words that the browser offers. */
  readonly offers?: readonly string[];
}

export function TextField({ label, name, placeholder, offers = [] }: TextInput): preact.JSX.Element {
  const onChange = (event: Event): void =>
    amend({ [name]: (event.currentTarget as HTMLInputElement).value.trim() || undefined, from: undefined });
  return (
    <label class="field grow">
      <span>{label}</span>
      <input
        type="search"
        value={route.value.words.get(name) ?? ''}
        placeholder={placeholder}
        list={`offers-${name}`}
        spellcheck={false}
        autocomplete="off"
        onChange={onChange}
      />
      <datalist id={`offers-${name}`}>
        {offers.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </label>
  );
}
