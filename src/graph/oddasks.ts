// What is odd about what models are asked: settings that their provider passes over in silence, and reasoning that it has no words for.
// Only of what some row really asks. Knows no catalog and asks nobody.
import { problem, warning, type Problem } from '../problem.ts';
import { STAGES } from '../generation/stage.ts';
import { isCopy } from '../generation/mode.ts';
import { at, type Ask, type GraphTemplate, type Structure } from './graph.ts';

export interface Asks {
  readonly structure: Structure;
  readonly templates: readonly GraphTemplate[];
  /** `asks[stage * models + model]`. */
  readonly asks: readonly (Ask | null)[];
}

/** `ignores`: names of settings that a provider takes and does nothing with. One warning for each of them, whoever asks. */
export function oddAsks(tables: Asks, ignores: (provider: string) => readonly string[]): readonly Problem[] {
  const warned = new Map<string, Problem>();
  const unsayable: Problem[] = [];
  for (const [place, ask] of askedIn(tables)) {
    const stage = STAGES[Math.floor(place / tables.structure.models.length)] ?? '';
    const { provider, modelId, unsayable: reasoning } = ask;
    if (reasoning !== undefined)
      unsayable.push(
        problem(
          'DD182',
          `${modelId} is asked for reasoning ${JSON.stringify(reasoning)} in the ${stage} stage, and provider ${provider} ${typeof reasoning === 'number' ? 'takes no budget in tokens' : 'takes only a budget in tokens'}`,
          { data: { model: modelId, stage, reasoning } },
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

function isSent({ sampling, seedByReplicate, transport = {} }: Ask, name: string): boolean {
  return (
    Object.hasOwn(sampling, name) ||
    Object.hasOwn(transport, name) ||
    (name === 'seed' && seedByReplicate === true)
  );
}

/** Each ask that a row has, with its place among them. */
function askedIn({ structure, templates, asks }: Asks): ReadonlyMap<number, Ask> {
  const found = new Map<number, Ask>();
  const copies = templates.map(isCopy);
  for (let row = 0; row < structure.size; row++) {
    const place = (structure.stage[row] ?? 0) * structure.models.length + (structure.model[row] ?? 0);
    const ask = asks[place];
    if (
      ask !== null &&
      ask !== undefined &&
      !found.has(place) &&
      copies[at(structure.template, row)] !== true
    )
      found.set(place, ask);
  }
  return found;
}
