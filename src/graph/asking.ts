// What is asked of a model for a stage: what stage, catalog row and the model's rule say of it together, the narrower before the wider.
// Knows no config file and no catalog file.
import { defined } from '../defined.ts';

/** What can be said at each of the three places. `null` takes back what a wider place says. */
export interface AskSettings {
  readonly temperature?: number | null;
  readonly maxTokens?: number;
  /** An effort by the provider's word (`low`, `high` …), or a budget in tokens. */
  readonly reasoning?: string | number | null;
  /** One number for all, or each replicate's own. */
  readonly seed?: number | 'replicate' | null;
  /** Further settings that decide the text; merged by name. */
  readonly sampling?: Readonly<Record<string, unknown>>;
  /** Settings that decide the price or the way and not the text; merged by name. */
  readonly transport?: Readonly<Record<string, unknown>>;
}

/** Which parameter of a request limits the tokens of its reply. */
export type TokensField = 'max_tokens' | 'max_completion_tokens';

/** Which parameter of a request holds a seed. */
export type SeedField = 'seed' | 'random_seed';

/** How a provider is told of reasoning: by OpenRouter's object, by OpenAI's word, or by Anthropic's budget. */
export type ReasoningForm = 'reasoning' | 'reasoning_effort' | 'thinking';

/** All that decides a reply beside the prompt and the model, as it is sent. */
export interface Asking {
  /** Absent where none is sent. */
  readonly temperature?: number;
  readonly maxTokens: number;
  readonly sampling: Readonly<Record<string, unknown>>;
  /** Each replicate is sent its own number as `seed`. */
  readonly seedByReplicate?: true;
  /** Where that is another parameter than `seed`. */
  readonly seedField?: SeedField;
  /** Sent beside the rest; decides price or way and no text, and is no part of what is asked. */
  readonly transport?: Readonly<Record<string, unknown>>;
  /** Reasoning was asked for in a way that the provider has no words for. */
  readonly unsayable?: string | number;
}

/** What has words of its own, by its names in a request. */
export const SAID_UNDER_SAMPLING = {
  seed: ['seed', 'random_seed'],
  reasoning: ['reasoning', 'reasoning_effort', 'thinking'],
} as const;

/** The one setting under sampling that takes the place of another. */
const LIMIT: TokensField = 'max_completion_tokens';

/** What can be said in words of its own or under sampling: the narrower counts, whichever way it says it. */
const EITHER_WAY = { ...SAID_UNDER_SAMPLING, maxTokens: [LIMIT] } as const;
type EitherWay = keyof typeof EITHER_WAY;
const WORDS = Object.keys(EITHER_WAY) as readonly EitherWay[];

/** `places`: from the widest to the narrowest. */
export function askingOf(
  places: readonly AskSettings[],
  {
    maxTokens,
    temperature: taken,
    reasoning: form,
    seedField = 'seed',
  }: {
    readonly maxTokens: number;
    readonly temperature: boolean;
    readonly reasoning: ReasoningForm;
    readonly seedField?: SeedField;
  },
): Asking {
  const narrowest = <Name extends keyof AskSettings>(name: Name): AskSettings[Name] | undefined =>
    places.findLast((place) => place[name] !== undefined)?.[name];
  const { words, sampling } = merged(places);
  const temperature = narrowest('temperature') ?? undefined;
  const seed = words.seed ?? undefined;
  const reasoning = words.reasoning ?? undefined;
  const thought = reasoning === undefined ? {} : saidAs(form, reasoning);
  const transport = allOver(places.map((place) => place.transport));
  return defined({
    temperature: taken ? temperature : undefined,
    maxTokens: narrowest('maxTokens') ?? maxTokens,
    sampling: { ...sampling, ...thought, ...(typeof seed === 'number' ? { [seedField]: seed } : {}) },
    seedByReplicate: seed === 'replicate' ? (true as const) : undefined,
    seedField: seed === 'replicate' && seedField !== 'seed' ? seedField : undefined,
    transport: Object.keys(transport).length === 0 ? undefined : transport,
    unsayable: thought === undefined ? reasoning : undefined,
  });
}

interface Merged {
  readonly words: Pick<AskSettings, 'seed' | 'reasoning'>;
  readonly sampling: Readonly<Record<string, unknown>>;
}

/** Place by place: what one says in either way takes back what wider ones say in the other. */
function merged(places: readonly AskSettings[]): Merged {
  return places.reduce<Merged>(
    ({ words, sampling: wider }, place, at) => {
      const { sampling = {} } = place;
      const said = WORDS.filter((name) => place[name] !== undefined);
      const taken = new Set<string>(said.flatMap((name) => [...EITHER_WAY[name]]));
      const under = WORDS.filter((name) => EITHER_WAY[name].some((each) => Object.hasOwn(sampling, each)));
      const kept = Object.fromEntries(Object.entries(wider).filter(([name]) => !taken.has(name)));
      return {
        words: {
          ...words,
          ...Object.fromEntries(said.map((name) => [name, place[name]])),
          ...Object.fromEntries(under.map((name) => [name, undefined])),
        },
        sampling: at === 0 ? sampling : over(kept, sampling),
      };
    },
    { words: {}, sampling: {} },
  );
}

/** From the widest on. In that there is nothing to take back: there `null` is a value like another. */
function allOver(
  all: readonly (Readonly<Record<string, unknown>> | undefined)[],
): Readonly<Record<string, unknown>> {
  const [widest = {}, ...narrower] = all;
  return narrower.reduce<Readonly<Record<string, unknown>>>(over, widest);
}

/** The narrower over the wider; a `null` in it takes back what the wider one says. */
function over(
  wider: Readonly<Record<string, unknown>>,
  narrower: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const all = Object.entries({ ...wider, ...narrower });
  return Object.fromEntries(all.filter(([name]) => narrower[name] !== null));
}

/** Undefined where the provider has no words for it. */
function saidAs(
  form: ReasoningForm,
  reasoning: string | number,
): Readonly<Record<string, unknown>> | undefined {
  const isBudget = typeof reasoning === 'number';
  switch (form) {
    case 'reasoning':
      return { reasoning: isBudget ? { max_tokens: reasoning } : { effort: reasoning } };
    case 'reasoning_effort':
      return isBudget ? undefined : { reasoning_effort: reasoning };
    case 'thinking':
      return isBudget ? { thinking: { type: 'enabled', budget_tokens: reasoning } } : undefined;
    default:
      return form satisfies never;
  }
}

/** How long a reply may be, in tokens: what stands under sampling is sent in the place of the other. */
export function mostTokens({ maxTokens, sampling }: Pick<Asking, 'maxTokens' | 'sampling'>): number {
  const said = sampling[LIMIT];
  return typeof said === 'number' ? said : maxTokens;
}

/** Tokens that may be thought at most, where that is said: providers want more of them for the whole reply. */
export function budgetIn(sampling: Asking['sampling']): number {
  const { reasoning, thinking } = sampling as Readonly<
    Record<string, Readonly<Record<string, unknown>> | null>
  >;
  const said = reasoning?.['max_tokens'] ?? thinking?.['budget_tokens'];
  return typeof said === 'number' ? said : 0;
}

/** The same settings with no more than that. */
export function shortened(sampling: Asking['sampling'], most: number): Asking['sampling'] {
  const said = sampling[LIMIT];
  return said === undefined
    ? sampling
    : { ...sampling, [LIMIT]: typeof said === 'number' ? Math.min(said, most) : most };
}

/** The sampling that one replicate is asked with. */
export function samplingFor(
  {
    sampling,
    seedByReplicate,
    seedField = 'seed',
  }: Pick<Asking, 'sampling' | 'seedByReplicate' | 'seedField'>,
  replicate: number,
): Readonly<Record<string, unknown>> {
  return seedByReplicate === true ? { ...sampling, [seedField]: replicate } : sampling;
}
