// A small project for end-to-end tests, with names short enough that a build's steps can be listed: four drafts, eight essays (half of
// them copies), sixteen evaluations. Its builds are read as lists of steps, one line a generation.
//
//   A:d-one                 the draft of combo A by template d-one (and model w1, replicate 1, which go without saying)
//   A:d-one/e-llm           its essay by template e-llm
//   A:d-one/e-llm/v-one#2   the second evaluation of that essay
import { createHash } from 'node:crypto';
import { type FakeRequest } from './fakeprovider.ts';
import type { Ended } from './program.ts';
import { makeProject, type TestProject } from './project.ts';

const TEMPLATE_HEADER = 'template_id,template_name,description,parser,generator\n';

/** Paths of its template texts and its spec. */
export const DRAFT = 'data/1_raw/templates/draft/d-one.txt';
export const ESSAY = 'data/1_raw/templates/essay/e-llm.txt';
export const JUDGE = 'data/1_raw/templates/evaluation/v-one.txt';
export const SPEC = 'data/cohorts/C/spec/config.yaml';

/** JSON, so that no start waits for TypeScript. A test that needs a config in TypeScript brings one. */
export const CONFIG_FILE = 'daydream.config.json';

export const KITE_FILES: Readonly<Record<string, string>> = {
  [CONFIG_FILE]: '{"provider":"offline"}\n',
  'data/1_raw/concepts_metadata.csv': 'concept_id,name\nk1,Kite\nk2,Keel\nk3,Kiln\n',
  'data/1_raw/concepts/descriptions-paragraph/k1.txt': 'Flies on a line.\n',
  'data/1_raw/concepts/descriptions-paragraph/k2.txt': 'Holds a course.\n',
  'data/1_raw/concepts/descriptions-paragraph/k3.txt': 'Bakes clay.\n',
  'data/1_raw/draft_templates.csv': `${TEMPLATE_HEADER}d-one,One,x,,llm\nd-two,Two,x,essay_block,llm\nd-three,Three,x,,llm\n`,
  'data/1_raw/essay_templates.csv': `${TEMPLATE_HEADER}e-llm,Written,x,,llm\ne-copy,Copied,x,,copy\n`,
  'data/1_raw/evaluation_templates.csv': `${TEMPLATE_HEADER}v-one,Judged,x,in_last_line,llm\n`,
  'data/1_raw/llm_models.csv':
    'id,model,provider,display_name,specialization,input_price,output_price\n' +
    'w1,lab/w1,lab,W1,gen,0.01,0.01\nw2,lab/w2,lab,W2,gen,0.01,0.01\nj1,lab/j1,lab,J1,judge,0.01,0.01\n',
  'data/1_raw/replication_config.csv': 'stage,replicates\ndraft,1\nessay,1\nevaluation,2\n',
  'data/1_raw/templates/draft/d-one.txt':
    'Use:\n{% for concept in concepts %}- {{ concept.name }}: {{ concept.content }}\n{% endfor %}',
  'data/1_raw/templates/draft/d-two.txt': 'Tagged {{ concepts[0].content }}\n',
  'data/1_raw/templates/draft/d-three.txt': 'Three {{ concepts[0].name }}\n',
  'data/1_raw/templates/essay/e-llm.txt': 'Draft:\n{{ links_block }}\nEnd\n',
  'data/1_raw/templates/evaluation/v-one.txt': 'Judge:\n{{ response }}\nEnd\n',
  'data/combo_mappings.csv':
    'combo_id,version,concept_id,description_level,k_max,created_at\nA,v1,k1,paragraph,1,t\nB,v1,k2,paragraph,1,t\n',
  'data/cohorts/C/spec/config.yaml': `axes:
  combo_id: [A, B]
  draft_template: [d-one, d-two]
  draft_llm: [w1]
  evaluation_template: [v-one]
  evaluation_llm: [j1]
rules:
  tuples:
    path:
      axes: [essay_template, essay_llm]
      items: [[e-llm, w2], [e-copy, None]]
output:
  field_order: [combo_id, draft_template, draft_llm, essay_template, essay_llm, evaluation_template, evaluation_llm]
`,
};

export interface KiteBuild extends Ended {
  /** `A:d-one rendered called parsed`, in code point order; what was looked at and left as it was is not listed. */
  readonly steps: readonly string[];
}

export interface Kite extends TestProject {
  /** `daydream build` with these words. */
  readonly build: (...words: readonly string[]) => Promise<KiteBuild>;
  readonly check: (...words: readonly string[]) => Promise<Ended>;
  /** The folder of a generation by its label. */
  readonly folder: (label: string) => string;
  readonly id: (label: string) => string;
}

/** The project, answered by a server of this URL, or by the offline model. A config among `files` takes the place of its own. */
export function makeKite(url?: string, files: Readonly<Record<string, string>> = {}): Kite {
  const { [CONFIG_FILE]: offline = '', ...inputs } = KITE_FILES;
  const hasConfig = Object.keys(files).some((name) => name.startsWith('daydream.config.'));
  const config = hasConfig ? {} : { [CONFIG_FILE]: url === undefined ? offline : settingsFor(url) };
  const project = makeProject({ ...inputs, ...config, ...files });
  const member = (label: string): { stage: string; id: string } => {
    for (const [id, each] of labels(project)) if (each.label === label) return { stage: each.stage, id };
    throw new Error(`no generation ${label}`);
  };
  return {
    ...project,
    check: (...words) => project.run(['check', ...words]),
    id: (label) => member(label).id,
    folder: (label) => `data/gens/${member(label).stage}/${member(label).id}`,
    async build(...words) {
      const ended = await project.run(['build', '--json', ...words]);
      return { ...ended, steps: stepsIn(project, ended) };
    },
  };
}

/** The text of a JSON config. */
export function settingsFor(url: string, more: Readonly<Record<string, unknown>> = {}): string {
  const providers = { lab: { baseURL: url, stream: false } };
  return `${JSON.stringify({ provider: 'lab', providers, ...more })}\n`;
}

/** The same in TypeScript, `more` being code. */
export function configFor(url: string, more = ''): string {
  return `import { defineConfig } from 'daydream';

export default defineConfig({ provider: 'lab', providers: { lab: { baseURL: '${url}', stream: false } }, ${more} });
`;
}

interface Outcome {
  readonly kind: string;
  readonly steps?: readonly string[];
  readonly failure?: { readonly kind: string };
  readonly why?: string;
}

function stepsIn(project: TestProject, { stdout }: Ended): readonly string[] {
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type?: string; genId?: string; outcome?: Outcome });
  const made = events.filter(({ type, outcome }) => type === 'generation' && outcome?.kind !== 'unchanged');
  const named = made.length === 0 ? new Map<string, Member>() : labels(project);
  return made
    .map(({ genId = '', outcome }) => `${named.get(genId)?.label ?? genId} ${words(outcome)}`)
    .sort();
}

function words(outcome: Outcome | undefined): string {
  const steps = outcome?.steps ?? [];
  switch (outcome?.kind) {
    case 'built':
      return steps.join(' ');
    case 'failed':
      return [...steps, 'failed:', outcome.failure?.kind].join(' ');
    default:
      return `${outcome?.kind ?? ''}${outcome?.why === undefined ? '' : `: ${outcome.why}`}`;
  }
}

interface Member {
  readonly stage: string;
  readonly label: string;
}

const MODELS: Readonly<Record<string, string>> = { draft: 'w1', evaluation: 'j1' };

/** Labels of all members of the cohort, by id. */
function labels(project: TestProject): ReadonlyMap<string, Member> {
  const found = new Map<string, Member>();
  for (const line of project.read('data/cohorts/C/membership.csv').trim().split('\n').slice(1)) {
    const [stage = '', id = '', , parent = '', combo = '', template = '', model = '', replicate = ''] =
      line.split(',');
    const above = stage === 'draft' ? `${combo}:` : `${found.get(parent)?.label ?? parent}/`;
    const asked = stage === 'essay' || model === MODELS[stage] ? '' : `@${model}`;
    found.set(id, { stage, label: `${above}${template}${asked}${replicate === '1' ? '' : `#${replicate}`}` });
  }
  return found;
}

/**
 * Answers for the project's templates. What d-one and e-llm get differs from call to call; what d-two gets differs only outside of
 * the block that its parser takes; a score depends on the essay alone.
 */
export function kiteAnswer({ prompt, model, index }: FakeRequest): string {
  const mark = createHash('sha256').update(prompt).digest('hex').slice(0, 8);
  if (prompt.startsWith('Tagged')) return `Call ${index}.\n<essay>\nOn ${mark} by ${model}\n</essay>\nDone.`;
  if (prompt.startsWith('Judge')) return `Call ${index}.\nSCORE: ${Number.parseInt(mark, 16) % 10}`;
  return `Call ${index}.\nOn ${mark}\nby ${model}.`;
}
