// What a random history is about: a small project as a value, the files that are written from it, and what its provider says. Knows
// neither the engine nor its model.
import { createHash } from 'node:crypto';
import type { ModelGeneration, ModelReply } from './enginemodel.ts';

export interface Made extends ModelGeneration {
  readonly stage: 'draft' | 'essay' | 'evaluation';
  readonly genId: string;
  readonly template: string;
  readonly combo: string;
  readonly model: string;
  readonly replicate: number;
}

export type Weather = 'fair' | 'down' | 'cut' | 'short' | 'filtered';

/** Everything that the files of the project are written from. */
export interface Inputs {
  readonly combos: readonly string[];
  readonly drafts: readonly string[];
  readonly essays: readonly string[];
  readonly replicates: number;
  /** Where the provider listens. */
  readonly url: string;
  /** What a draft's prompt says by template; `tone` is what replies care little about. */
  readonly templates: Record<string, { core: number; tone: number; comment: number }>;
  readonly concepts: Record<string, { name: number; text: number }>;
  readonly models: Record<string, number>;
  readonly parsers: Record<string, string>;
  minLines: number;
  maxTokens: number;
}

export const COMBOS: Readonly<Record<string, readonly string[]>> = { A: ['k1'], B: ['k1', 'k2'] };

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}

export function templateText(id: string, { templates }: Inputs): string {
  const { core = 0, tone = 0, comment = 0 } = templates[id] ?? {};
  const head = `${comment === 0 ? '' : `{# ${comment} #}`}${id} core ${core} tone ${tone}\n`;
  if (id.startsWith('e')) return `${head}{{ links_block }}`;
  if (id.startsWith('v')) return `${head}{{ response }}`;
  const line = id === 'd-a' ? '{{ concept.name }}: {{ concept.content }}' : '{{ concept.name }}';
  return `${head}{% for concept in concepts %}${line}\n{% endfor %}`;
}

export function filesOf(inputs: Inputs): Record<string, string> {
  const header = 'template_id,template_name,description,parser,generator\n';
  const { drafts, essays, parsers, models, concepts } = inputs;
  const list = (values: readonly string[]): string => `[${values.join(', ')}]`;
  return {
    'daydream.config.json': JSON.stringify({
      provider: 'lab',
      providers: { lab: { baseURL: inputs.url, stream: false } },
      stages: { draft: { minLines: inputs.minLines }, evaluation: { maxTokens: inputs.maxTokens } },
    }),
    'data/1_raw/concepts_metadata.csv': `concept_id,name\n${Object.entries(concepts)
      .map(([id, { name }]) => `${id},name ${id} ${name}\n`)
      .join('')}`,
    ...Object.fromEntries(
      Object.entries(concepts).map(([id, { text }]) => [
        `data/1_raw/concepts/descriptions-paragraph/${id}.txt`,
        `text ${id} ${text}\n`,
      ]),
    ),
    'data/1_raw/draft_templates.csv': `${header}d-a,,,${parsers['d-a'] ?? ''},llm\nd-b,,,${parsers['d-b'] ?? ''},llm\n`,
    'data/1_raw/essay_templates.csv': `${header}e-llm,,,,llm\ne-copy,,,,copy\n`,
    'data/1_raw/evaluation_templates.csv': `${header}v-one,,,in_last_line,llm\n`,
    'data/1_raw/llm_models.csv': `id,model\n${Object.entries(models)
      .map(([id, version]) => `${id},lab/${id}-${version}\n`)
      .join('')}`,
    'data/1_raw/replication_config.csv': `stage,replicates\ndraft,${inputs.replicates}\nessay,1\nevaluation,1\n`,
    ...Object.fromEntries(
      Object.keys(inputs.templates).map((id) => [
        `data/1_raw/templates/${STAGE_OF[id.charAt(0)] ?? ''}/${id}.txt`,
        templateText(id, inputs),
      ]),
    ),
    'data/combo_mappings.csv': `combo_id,version,concept_id,description_level,k_max,created_at\n${Object.entries(
      COMBOS,
    )
      .flatMap(([id, ids]) => ids.map((concept) => `${id},v1,${concept},paragraph,2,t\n`))
      .join('')}`,
    'data/cohorts/C/spec/config.yaml': `axes:
  combo_id: ${list(inputs.combos)}
  draft_template: ${list(drafts)}
  draft_llm: [w1]
  evaluation_template: [v-one]
  evaluation_llm: [j1]
rules:
  tuples:
    path: { axes: [essay_template, essay_llm], items: ${list(essays.map((id) => `[${id}, ${id === 'e-copy' ? 'None' : 'w2'}]`))} }
output:
  field_order: [combo_id, draft_template, draft_llm, essay_template, essay_llm, evaluation_template, evaluation_llm]
`,
  };
}

const STAGE_OF: Readonly<Record<string, string>> = { d: 'draft', e: 'essay', v: 'evaluation' };

/** What the provider says: a function of what is asked, of how often it was asked before, and of the weather of the template. */
export class Oracle {
  readonly weather = new Map<string, Weather>();
  /** Templates by generation, for prompts that a hand wrote. */
  readonly templates = new Map<string, string>();

  readonly #asked = new Map<string, number>();

  /** A rendered prompt says its template first; one that a hand wrote names its generation. */
  templateOf(prompt: string): string {
    const rendered = /^(\S+) core/.exec(prompt)?.[1];
    const [, id = ''] = /hand (\S+)/.exec(prompt) ?? [];
    return rendered ?? this.templates.get(id) ?? 'unknown';
  }

  reply(question: {
    template: string;
    model: string;
    replicate: number;
    prompt: string;
    maxTokens: string;
  }): ModelReply {
    const { template, prompt, ...rest } = question;
    const key = JSON.stringify(question);
    const times = (this.#asked.get(key) ?? 0) + 1;
    const weather = this.weather.get(template) ?? 'fair';
    if (weather === 'down') return 'failed';
    this.#asked.set(key, times);
    const gist = hash(prompt.replaceAll(/ tone \d+/g, '') + JSON.stringify(rest));
    if (weather === 'filtered') return { text: `none of ${gist}`, kind: 'refused' };
    const text =
      weather === 'short' ? `no ${gist}` : this.#text(template, { gist, aside: hash(prompt) + times });
    return { text, kind: weather === 'cut' ? 'truncated' : 'answer' };
  }

  #text(template: string, { gist, aside }: { gist: string; aside: string }): string {
    if (template.startsWith('d')) return `aside ${aside}\n\n<essay>\ngist ${gist}\n</essay>\nend`;
    if (template.startsWith('e')) return `essay ${gist}`;
    return `verdict ${aside}\nSCORE: ${Number.parseInt(gist, 16) % 10}`;
  }
}

export function contents(combo: string, { concepts }: Inputs): string {
  return JSON.stringify((COMBOS[combo] ?? []).map((id) => [id, concepts[id]]));
}

export function questionOf(
  { model, stage, replicate }: Made,
  inputs: Inputs,
): { model: string; replicate: number; maxTokens: string } {
  const maxTokens = stage === 'evaluation' ? inputs.maxTokens : 20_480;
  return { model: `lab/${model}-${inputs.models[model] ?? 0}`, replicate, maxTokens: String(maxTokens) };
}

export function parserOf(template: string, { parsers }: Inputs): string {
  return template.startsWith('v') ? 'in_last_line' : (parsers[template] ?? 'identity');
}

export function parse(parser: string, raw: string): { text: string } | { failed: 'unparsable' } {
  if (parser === 'identity') return { text: raw };
  const [, found] = (parser === 'essay_block' ? /<essay>([^]*)<\/essay>/ : /^SCORE: (\d)$/m).exec(raw) ?? [];
  if (found === undefined) return { failed: 'unparsable' };
  return { text: parser === 'essay_block' ? found.trim() : `${found}.0\n` };
}

export function inputsOf(
  shape: Pick<Inputs, 'combos' | 'drafts' | 'essays' | 'replicates'>,
  url: string,
): Inputs {
  const plain = (): { core: number; tone: number; comment: number } => ({ core: 0, tone: 0, comment: 0 });
  return {
    ...shape,
    url,
    templates: { 'd-a': plain(), 'd-b': plain(), 'e-llm': plain(), 'v-one': plain() },
    concepts: { k1: { name: 0, text: 0 }, k2: { name: 0, text: 0 } },
    models: { w1: 0, w2: 0, j1: 0 },
    parsers: { 'd-a': 'identity', 'd-b': 'essay_block' },
    minLines: 3,
    maxTokens: 100,
  };
}
