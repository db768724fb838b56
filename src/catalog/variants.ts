// Templates asked with parameters of a spec's axes: a variant of a template, with a name of its own. What no axis varies keeps its name.
import { defined } from '../defined.ts';
import { parseFloatText, trim } from '../text/python.ts';
import type { Template } from './catalog.ts';

/** What a spec may vary beside templates and models, in the order in which a name has them. */
export const PARAMETERS = ['temperature', 'top_p', 'system'] as const;
export type Parameter = (typeof PARAMETERS)[number];

/** By name, as text: numbers as JavaScript writes them. */
export type ParameterValues = Readonly<Partial<Record<Parameter, string>>>;

/** The word for no system prompt at all. */
export const NO_SYSTEM = 'none';

/** The word of tables for a blank level, which leaves a parameter as the config has it: no system prompt is called so. */
export const USUAL = 'usual';

const NAME = /^(.+?)((?:@(?:temperature|top_p|system)=[^@]+)+)$/;
const PART = /@(temperature|top_p|system)=([^@]+)/g;

/** `essay@temperature=0.9@system=terse`; the template's own id where nothing is varied. */
export function variantId(templateId: string, values: ParameterValues): string {
  const parts = PARAMETERS.flatMap((name) =>
    values[name] === undefined ? [] : [`@${name}=${values[name]}`],
  );
  return `${templateId}${parts.join('')}`;
}

const known = new Map<string, { readonly base: string; readonly values: ParameterValues }>();

/** A name taken apart; a template's own id is its base and has no values. */
export function variantOf(id: string): { readonly base: string; readonly values: ParameterValues } {
  const found = known.get(id) ?? apart(id);
  known.set(id, found);
  return found;
}

function apart(id: string): { readonly base: string; readonly values: ParameterValues } {
  const [, base = id, suffix = ''] = NAME.exec(id) ?? [];
  const values = Object.fromEntries(
    [...suffix.matchAll(PART)].map(([, name = '', value = '']) => [name, value]),
  );
  return { base, values };
}

/** The value as a name has it, or undefined for one that can not be asked for: a temperature below 0, a top_p outside of 0 to 1, no name. */
export function parameterValue(name: Parameter, level: string): string | undefined {
  const text = trim(level);
  if (name === 'system')
    return /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(text) && text !== USUAL ? text : undefined;
  const number = parseFloatText(text);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const fits = name === 'temperature' ? number >= 0 : number > 0 && number <= 1;
  return fits ? String(number) : undefined;
}

/** The templates of a catalog, which also knows their variants when it is asked for one by name, and lists none of them. */
export function withVariants(templates: ReadonlyMap<string, Template>): ReadonlyMap<string, Template> {
  const get = (id: string): Template | undefined => templates.get(id) ?? variantIn(templates, id);
  return Object.assign(new Map(templates), { get, has: (id: string) => get(id) !== undefined });
}

function variantIn(templates: ReadonlyMap<string, Template>, id: string): Template | undefined {
  const { base, values } = variantOf(id);
  const template = templates.get(base);
  const written = PARAMETERS.every((name) => {
    const value = values[name];
    return value === undefined || parameterValue(name, value) === value;
  });
  // Of two ways to write the same only one is a name; and what asks nobody has nothing to vary.
  if (template?.mode !== 'llm' || !written || variantId(base, values) !== id) return undefined;
  const { temperature, top_p: topP, system } = values;
  return {
    ...template,
    id,
    asked: {
      ...(temperature === undefined ? {} : { temperature: Number(temperature) }),
      ...(topP === undefined ? {} : { sampling: { top_p: Number(topP) } }),
    },
    ...defined({ system }),
  };
}
