// What is odd about what models are asked: settings that their provider passes over in silence, and reasoning that it has no words for.
// Only of what some row really asks. Knows no catalog and asks nobody.
import { defined } from '../defined.ts';
import type { Stage } from '../generation/stage.ts';
import { problem, warning, type Place, type Problem } from '../problem.ts';
import { isCopy } from '../generation/mode.ts';
import { askPlace, at, type Ask, type GraphTemplate, type Structure } from './graph.ts';

export interface Asks {
  readonly structure: Structure;
  readonly templates: readonly GraphTemplate[];
  /** By `askPlace`. */
  readonly asks: readonly (Ask | null)[];
}

/**
 * `ignores`: names of settings that a provider takes and does nothing with. One warning for each of them, whoever asks. `reasoningSaid`:
 * where a model's reasoning is said.
 */
export function oddAsks(
  tables: Asks,
  ignores: (provider: string) => readonly string[],
  reasoningSaid: (modelId: string, stage: Stage) => Place | undefined = () => undefined,
): readonly Problem[] {
  const warned = new Map<string, Problem>();
  const unsayable: Problem[] = [];
  for (const { ask, template } of askedIn(tables).values()) {
    const { stage } = template;
    if (template.asked?.temperature !== undefined && ask.temperature === undefined)
      unsayable.push(takesNone(ask, template));
    const { provider, modelId, unsayable: reasoning } = ask;
    if (reasoning !== undefined)
      unsayable.push(
        problem(
          'DD182',
          `${modelId} is asked for reasoning ${JSON.stringify(reasoning)} in the ${stage} stage, and provider ${provider} ${typeof reasoning === 'number' ? 'takes no budget in tokens' : 'takes only a budget in tokens'}`,
          defined({ place: reasoningSaid(modelId, stage), data: { model: modelId, stage, reasoning } }),
        ),
      );
    for (const name of ignores(provider).filter((each) => isSent(ask, each))) {
      const key = `${provider} ${name}`;
      if (warned.has(key)) continue;
      const message = `provider ${provider} ignores ${name}, which ${modelId} is sent in the ${stage} stage: it stands in the record and decides nothing`;
      warned.set(key, warning('DD180', message, { data: { provider, setting: name, model: modelId } }));
    }
  }
  return [...warned.values(), ...unsayable];
}

function isSent(ask: Ask, name: string): boolean {
  const { sampling, seedByReplicate, transport = {}, temperature, tokensField = 'max_tokens' } = ask;
  return (
    (name === 'temperature' && temperature !== undefined) ||
    name === tokensField ||
    Object.hasOwn(sampling, name) ||
    Object.hasOwn(transport, name) ||
    (name === (ask.seedField ?? 'seed') && seedByReplicate === true)
  );
}

function takesNone({ modelId, provider }: Ask, { id, stage }: GraphTemplate): Problem {
  const message = `the spec varies the temperature of ${stage} template ${id}, and ${modelId} at provider ${provider} is sent none`;
  return problem('DD371', message, { reason: 'no_temperature', data: { model: modelId, template: id } });
}

interface Asked {
  readonly ask: Ask;
  /** The first that asks so. */
  readonly template: GraphTemplate;
}

/** Each ask that a row has, by its place among them. */
function askedIn({ structure, templates, asks }: Asks): ReadonlyMap<number, Asked> {
  const found = new Map<number, Asked>();
  const copies = templates.map(isCopy);
  for (let row = 0; row < structure.size; row++) {
    const place = askPlace(structure, templates, row);
    const ask = asks[place];
    if (
      ask !== null &&
      ask !== undefined &&
      !found.has(place) &&
      copies[at(structure.template, row)] !== true
    )
      found.set(place, { ask, template: at(templates, at(structure.template, row)) });
  }
  return found;
}
