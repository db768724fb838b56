// The engine and its model agree: on random graphs, after any sequence of edits of inputs and artifacts, losses, faults of the
// provider, forces and builds, the same steps run and the same texts lie in the store; and a build that ends well leaves what a
// build from nothing could have left.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runPlan, writeMembership } from '../../src/engine/building.ts';
import { isGreen, countSelected, makePlan } from '../../src/engine/planning.ts';
import { judge, openSession, type Session } from '../../src/engine/session.ts';
import { taskAt, type Graph } from '../../src/graph/graph.ts';
import { STATES } from '../../src/plan/verdict.ts';
import { Desk } from '../../src/run/desk.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { Answer, Question } from '../../src/run/workshop.ts';
import {
  EngineModel,
  type FailureKind,
  type ModelGeneration,
  type ModelReply,
  type World,
} from '../support/enginemodel.ts';

const ARTIFACTS = ['prompt', 'raw', 'parsed'] as const;

interface Made extends ModelGeneration {
  readonly stage: 'draft' | 'essay' | 'evaluation';
  readonly genId: string;
  readonly template: string;
  readonly combo: string;
  readonly model: string;
  readonly replicate: number;
}

type Weather = 'fair' | 'down' | 'cut' | 'short' | 'filtered';

/** Everything that the files of the project are written from. */
interface Inputs {
  readonly combos: readonly string[];
  readonly drafts: readonly string[];
  readonly essays: readonly string[];
  readonly replicates: number;
  /** What a draft's prompt says by template; `tone` is what replies care little about. */
  readonly templates: Record<string, { core: number; tone: number; comment: number }>;
  readonly concepts: Record<string, { name: number; text: number }>;
  readonly models: Record<string, number>;
  readonly parsers: Record<string, string>;
  minLines: number;
  maxTokens: number;
}

const COMBOS: Readonly<Record<string, readonly string[]>> = { A: ['k1'], B: ['k1', 'k2'] };

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}

function templateText(id: string, { templates }: Inputs): string {
  const { core = 0, tone = 0, comment = 0 } = templates[id] ?? {};
  const head = `${comment === 0 ? '' : `{# ${comment} #}`}${id} core ${core} tone ${tone}\n`;
  if (id.startsWith('e')) return `${head}{{ links_block }}`;
  if (id.startsWith('v')) return `${head}{{ response }}`;
  const line = id === 'd-a' ? '{{ concept.name }}: {{ concept.content }}' : '{{ concept.name }}';
  return `${head}{% for concept in concepts %}${line}\n{% endfor %}`;
}

function filesOf(inputs: Inputs): Record<string, string> {
  const header = 'template_id,template_name,description,parser,generator\n';
  const { drafts, essays, parsers, models, concepts } = inputs;
  const list = (values: readonly string[]): string => `[${values.join(', ')}]`;
  return {
    'daydream.config.json': JSON.stringify({
      provider: 'lab',
      providers: { lab: { baseURL: 'http://127.0.0.1:9/v1' } },
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
class Oracle {
  readonly weather = new Map<string, Weather>();
  readonly #asked = new Map<string, number>();

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

/** The project on disk with the engine at work in it, and the model beside it. */
class History {
  readonly root = mkdtempSync(join(tmpdir(), 'daydream-model-'));
  readonly inputs: Inputs;
  readonly model = new EngineModel<Made>();
  readonly weather: readonly [Oracle, Oracle] = [new Oracle(), new Oracle()];
  /** Artifacts that were edited, and the traces that say so: with both gone, an edit is taken for another tool's work. */
  readonly #blurred = { edited: false, untraced: false };
  #written: Readonly<Record<string, string>> = {};
  #generations: readonly Made[] = [];

  constructor(inputs: Inputs) {
    this.inputs = inputs;
    this.write();
  }

  write(): void {
    const files = filesOf(this.inputs);
    for (const [name, text] of Object.entries(files))
      if (this.#written[name] !== text) put(join(this.root, name), text);
    this.#written = files;
  }

  async open(): Promise<Session> {
    const session = await openSession({ root: this.root, environment: {}, now: () => Date.now() });
    this.#generations = generationsOf(session.loaded.graph);
    return session;
  }

  pick(number: number): Made | undefined {
    return this.#generations[number % Math.max(1, this.#generations.length)];
  }

  path({ stage, genId }: Made, name = ''): string {
    return join(this.root, 'data/gens', stage, genId, name);
  }

  edit(made: Made, artifact: (typeof ARTIFACTS)[number], form: number): void {
    if (!existsSync(this.path(made))) return;
    // The id keeps the questions of different generations apart: which of two equal ones is asked first is left to chance.
    const mark = `hand ${made.id} ${form % 2}`;
    const forms = [mark, `${mark}\nby\nhand`, `<essay>\n${mark}\n</essay>\n\n\nok`, `${mark}\nSCORE: 5`];
    const written = forms[form % 4] ?? mark;
    writeFileSync(this.path(made, `${artifact}.txt`), written);
    this.model.slot(made.id)[artifact] = written;
    this.#blurred.edited = true;
  }

  lose(made: Made, what: number): void {
    const slot = this.model.slot(made.id);
    const artifact = ARTIFACTS[what];
    if (artifact !== undefined) {
      rmSync(this.path(made, `${artifact}.txt`), { force: true });
      slot[artifact] = undefined;
    } else if (what === ARTIFACTS.length) {
      rmSync(this.path(made, 'metadata.json'), { force: true });
      slot.trace = undefined;
      this.#blurred.untraced = true;
    } else {
      rmSync(this.path(made), { recursive: true, force: true });
      this.model.store.delete(made.id);
    }
  }

  loseCaches(part: number): void {
    const state = join(this.root, 'data/.daydream');
    rmSync(part === 0 ? state : join(state, ['gens.bin', 'graph.bin', 'responses'][part - 1] ?? ''), {
      recursive: true,
      force: true,
    });
    if (part === 0 || part === 3) this.model.answers.clear();
  }

  world(generations: readonly Made[]): World<Made> {
    const { inputs, weather } = this;
    const render = ({ template, combo, copies }: Made, parent: string): string => {
      if (copies) return parent;
      const head = templateText(template, inputs).replace(/^\{# \d+ #\}/, '');
      const lines = (COMBOS[combo] ?? []).map((id) => {
        const { name, text } = inputs.concepts[id] ?? { name: 0, text: 0 };
        return `name ${id} ${name}${template === 'd-a' ? `: text ${id} ${text}` : ''}\n`;
      });
      return `${head.split('\n')[0] ?? ''}\n${template.startsWith('d') ? lines.join('') : parent}`;
    };
    return {
      generations,
      render,
      renderParts: ({ template, combo, stage, copies }) =>
        copies ? '' : templateText(template, inputs) + (stage === 'draft' ? contents(combo, inputs) : ''),
      askParts: (made) => (made.copies ? 'copy' : JSON.stringify(questionOf(made, inputs))),
      ask: (made, asked) => {
        const { length } = `${JSON.stringify(questionOf(made, inputs))}|`;
        return weather[1].reply({
          ...questionOf(made, inputs),
          template: made.template,
          prompt: asked.slice(length),
        });
      },
      parseParts: ({ stage, template }) =>
        `${parserOf(template, inputs)}|${stage === 'draft' ? inputs.minLines : 0}`,
      parse: ({ stage, template }, raw) => {
        const lines = raw.split('\n').filter((line) => line.trim() !== '').length;
        if (stage === 'draft' && lines < inputs.minLines) return { failed: 'too_short' };
        return parse(parserOf(template, inputs), raw);
      },
    };
  }

  /** Builds with both, compares them, and checks what was left. */
  async build(request: Building): Promise<void> {
    const session = await this.open();
    const generations = this.#generations;
    const world = this.world(generations);
    const { events, steps } = listening(generations);
    writeMembership(session);
    const plan = await makePlan(session, {
      select: request.select === undefined ? [] : [`stage:${request.select}`],
      exclude: [],
      ...(request.force === undefined ? {} : { force: [request.force] }),
      edits: request.discards ? 'discard' : 'keep',
      retry: new Set(request.retries),
    });
    const { counts } = await runPlan(plan, {
      clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
      random: () => 0.5,
      environment: {},
      runId: 'run',
      listen: events,
      abort: new AbortController().signal,
      stopping: () => false,
      failFast: false,
      cache: 'use',
      through: { asking: this.#asking(), desk: new Desk() },
    });
    const selected = ({ stage }: Made): boolean => request.select === undefined || stage === request.select;
    const byId = new Map(generations.map((each) => [each.id, each]));
    const is = (id: string, test: (made: Made) => boolean): boolean => test(byId.get(id) ?? fail(id));
    const modelled = this.model.build(world, {
      selected: (id) => is(id, selected),
      forced: (id) => is(id, (made) => selected(made) && made.stage === request.force),
      discards: request.discards,
      retries: new Set(request.retries),
    });
    assert.deepEqual(steps(), [...modelled].sort());
    assert.deepEqual(this.#texts(generations), this.#modelTexts(generations));
    await this.#check(world, { whole: request.select === undefined, green: isGreen(counts) });
  }

  /** What a later command sees: the states that the model gives, and after a good build nothing but what inputs and replies make. */
  async #check(
    world: World<Made>,
    build: { readonly whole: boolean; readonly green: boolean },
  ): Promise<void> {
    const session = await this.open();
    const judged = await judge(session);
    const states = world.generations.map((made, row) => [made.id, STATES[judged.verdicts.state[row] ?? 0]]);
    const modelled = world.generations.map((made) => [made.id, this.model.state(world, made)]);
    const coarse = (all: readonly (readonly [string, string | undefined])[]): unknown =>
      all.map(([id, state]) => [
        id,
        build.whole || ['current', 'edited'].includes(state ?? '') ? state : 'not',
      ]);
    assert.deepEqual(coarse(states as [string, string][]), coarse(modelled as [string, string][]));
    if (!build.whole) return;
    const everyRow = new Uint8Array(world.generations.length).fill(1);
    assert.deepEqual(isGreen(countSelected({ judge: judged }, everyRow)), build.green);
    const pure = !(this.#blurred.edited && this.#blurred.untraced);
    if (pure && build.green && modelled.every(([, state]) => state === 'current')) this.#expectClean(world);
  }

  /** Every prompt is what its inputs render, every raw text is a reply to it, every parsed text is what its parser makes of that. */
  #expectClean(world: World<Made>): void {
    const texts = this.#texts(world.generations);
    for (const made of world.generations) {
      const { prompt = '', raw = '', parsed } = texts[made.id] ?? {};
      assert.deepEqual(prompt, world.render(made, texts[made.parent ?? '']?.['parsed'] ?? ''));
      if (made.copies) assert.deepEqual(raw, prompt);
      assert.deepEqual({ text: parsed }, world.parse(made, raw));
    }
  }

  #asking(): NonNullable<Parameters<typeof runPlan>[1]['through']>['asking'] {
    const [oracle] = this.weather;
    const answer = ({ task, ask, prompt }: Question): Promise<Answer> => {
      const question = {
        template: task.template.id,
        model: ask.model,
        replicate: task.replicate,
        maxTokens: String(ask.maxTokens),
        prompt,
      };
      const reply = oracle.reply(question);
      return Promise.resolve(reply === 'failed' ? DOWN : answered(reply));
    };
    return {
      answer,
      windowOf: () => 3,
      dispatcher: undefined,
      stopStarting: () => {},
      trouble: () => undefined,
      close: () => {},
    };
  }

  #texts(generations: readonly Made[]): Readonly<Record<string, Partial<Record<string, string>>>> {
    return textsBy(generations, (made, artifact) => read(this.path(made, `${artifact}.txt`)));
  }

  #modelTexts(generations: readonly Made[]): unknown {
    return textsBy(generations, (made, artifact) => this.model.slot(made.id)[artifact]);
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function fail(id: string): never {
  throw new Error(`no generation ${id}`);
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function textsBy(
  generations: readonly Made[],
  textOf: (made: Made, artifact: (typeof ARTIFACTS)[number]) => string | undefined,
): Readonly<Record<string, Partial<Record<string, string>>>> {
  return Object.fromEntries(
    generations.map((made) => [
      made.id,
      Object.fromEntries(
        ARTIFACTS.flatMap((artifact) => {
          const text = textOf(made, artifact);
          return text === undefined ? [] : [[artifact, text]];
        }),
      ),
    ]),
  );
}

function contents(combo: string, { concepts }: Inputs): string {
  return JSON.stringify((COMBOS[combo] ?? []).map((id) => [id, concepts[id]]));
}

function questionOf(
  { model, stage, replicate }: Made,
  inputs: Inputs,
): { model: string; replicate: number; maxTokens: string } {
  const maxTokens = stage === 'evaluation' ? inputs.maxTokens : 20_480;
  return { model: `lab/${model}-${inputs.models[model] ?? 0}`, replicate, maxTokens: String(maxTokens) };
}

function parserOf(template: string, { parsers }: Inputs): string {
  return template.startsWith('v') ? 'in_last_line' : (parsers[template] ?? 'identity');
}

function parse(parser: string, raw: string): { text: string } | { failed: 'unparsable' } {
  if (parser === 'identity') return { text: raw };
  const [, found] = (parser === 'essay_block' ? /<essay>([^]*)<\/essay>/ : /^SCORE: (\d)$/m).exec(raw) ?? [];
  if (found === undefined) return { failed: 'unparsable' };
  return { text: parser === 'essay_block' ? found.trim() : `${found}.0\n` };
}

const DOWN: Answer = { kind: 'failure', reason: 'bad_request', message: 'down', attempts: [], cost: 0 };

function answered({ text, kind }: Exclude<ModelReply, 'failed'>): Answer {
  const rest = kind === 'refused' ? { refusal: 'content_filter' as const } : {};
  return {
    kind: 'reply',
    reply: { kind: 'reply', text, truncated: kind === 'truncated', usage: {}, ...rest },
    attempts: [],
    cost: 0,
    durationMs: 0,
  };
}

function generationsOf(graph: Graph): readonly Made[] {
  return Array.from({ length: graph.size }, (_, row) => {
    const { stage, genId, parentId, template, combo, modelId, replicate, work } = taskAt(graph, row);
    return {
      id: genId,
      genId,
      stage,
      parent: parentId,
      template: template.id,
      combo: combo.id,
      model: modelId,
      replicate,
      copies: work.kind === 'copy',
    };
  });
}

/** What happened to each generation, in the model's words. */
function listening(generations: readonly Made[]): {
  readonly events: (event: RunEvent) => void;
  readonly steps: () => readonly string[];
} {
  const lines: string[] = [];
  const known = new Set(generations.map(({ id }) => id));
  return {
    steps: () => lines.sort(),
    events(event) {
      if (event.type !== 'generation') return;
      assert.ok(known.has(event.genId));
      const { outcome } = event;
      if (outcome.kind === 'adopted') lines.push(`${event.genId} adopted`);
      if (outcome.kind === 'built') lines.push(`${event.genId} ${outcome.steps.join(' ')}`);
      if (outcome.kind === 'failed' && outcome.failure.reason !== 'as_before')
        lines.push([event.genId, ...outcome.steps, `failed: ${outcome.failure.kind}`].join(' '));
    },
  };
}

interface Building {
  readonly force: 'draft' | 'essay' | 'evaluation' | undefined;
  readonly select: 'draft' | 'essay' | 'evaluation' | undefined;
  readonly discards: boolean;
  readonly retries: readonly FailureKind[];
}

type Action =
  | {
      readonly do: 'template';
      readonly id: string;
      readonly part: 'core' | 'tone' | 'comment';
      readonly to: number;
    }
  | { readonly do: 'concept'; readonly id: string; readonly part: 'name' | 'text'; readonly to: number }
  | { readonly do: 'model'; readonly id: string; readonly to: number }
  | { readonly do: 'parser'; readonly id: string; readonly to: string }
  | { readonly do: 'setting'; readonly name: 'minLines' | 'maxTokens'; readonly to: number }
  | { readonly do: 'spec'; readonly axis: 'combos' | 'drafts' | 'essays'; readonly to: readonly string[] }
  | { readonly do: 'weather'; readonly template: string; readonly to: Weather }
  | {
      readonly do: 'edit';
      readonly which: number;
      readonly artifact: (typeof ARTIFACTS)[number];
      readonly form: number;
    }
  | { readonly do: 'lose'; readonly which: number; readonly what: number }
  | { readonly do: 'lose caches'; readonly part: number }
  | { readonly do: 'touch'; readonly which: number }
  | { readonly do: 'copy' }
  | ({ readonly do: 'build' } & Building);

async function act(history: History, action: Action): Promise<void> {
  const { inputs } = history;
  switch (action.do) {
    case 'template':
      Object.assign(inputs.templates[action.id] ?? {}, { [action.part]: action.to });
      return history.write();
    case 'concept':
      Object.assign(inputs.concepts[action.id] ?? {}, { [action.part]: action.to });
      return history.write();
    case 'model':
      inputs.models[action.id] = action.to;
      return history.write();
    case 'parser':
      inputs.parsers[action.id] = action.to;
      return history.write();
    case 'setting':
      inputs[action.name] = action.to;
      return history.write();
    case 'spec':
      Object.assign(inputs, { [action.axis]: action.to });
      return history.write();
    case 'weather':
      for (const oracle of history.weather) oracle.weather.set(action.template, action.to);
      return undefined;
    case 'lose caches':
      return history.loseCaches(action.part);
    case 'build':
      return history.build(action);
    case 'copy': {
      // As a clone does: other inodes and times, the same contents, and no caches.
      const aside = `${history.root}-aside`;
      cpSync(join(history.root, 'data/gens'), aside, { recursive: true });
      rmSync(join(history.root, 'data/gens'), { recursive: true });
      cpSync(aside, join(history.root, 'data/gens'), { recursive: true });
      rmSync(aside, { recursive: true });
      return history.loseCaches(0);
    }
    default: {
      const made = history.pick(action.which);
      if (made === undefined) return undefined;
      if (action.do === 'edit') return history.edit(made, action.artifact, action.form);
      if (action.do === 'lose') return history.lose(made, action.what);
      const file = history.path(made, 'raw.txt');
      if (existsSync(file)) utimesSync(file, new Date(), new Date(Date.now() + 10_000));
      return undefined;
    }
  }
}

const TEMPLATES = ['d-a', 'd-b', 'e-llm', 'v-one'];
const small = fc.nat({ max: 2 });
const which = fc.nat({ max: 40 });
const stage = fc.constantFrom('draft' as const, 'essay' as const, 'evaluation' as const);
const combos = fc.constantFrom<(readonly string[])[]>(['A'], ['A', 'B'], ['B']);
const drafts = fc.constantFrom<(readonly string[])[]>(['d-a'], ['d-a', 'd-b'], ['d-b']);
const essays = fc.constantFrom<(readonly string[])[]>(['e-llm'], ['e-llm', 'e-copy'], ['e-copy']);

const plainBuild = fc.constant<Action>({
  do: 'build',
  force: undefined,
  select: undefined,
  discards: false,
  retries: [],
});
const anyBuild = fc.record({
  do: fc.constant('build' as const),
  force: fc.option(stage, { nil: undefined, freq: 2 }),
  select: fc.option(stage, { nil: undefined, freq: 4 }),
  discards: fc.boolean(),
  retries: fc.constantFrom<(readonly FailureKind[])[]>(
    [],
    ['refused', 'truncated', 'too_short', 'unparsable'],
    ['api'],
  ),
});
const change: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('template' as const),
    id: fc.constantFrom(...TEMPLATES),
    part: fc.constantFrom('core' as const, 'tone' as const, 'comment' as const),
    to: small,
  }),
  fc.record({
    do: fc.constant('concept' as const),
    id: fc.constantFrom('k1', 'k2'),
    part: fc.constantFrom('name' as const, 'text' as const),
    to: small,
  }),
  fc.record({ do: fc.constant('model' as const), id: fc.constantFrom('w1', 'w2', 'j1'), to: small }),
  fc.record({
    do: fc.constant('parser' as const),
    id: fc.constantFrom('d-a', 'd-b'),
    to: fc.constantFrom('identity', 'essay_block'),
  }),
  fc.record({
    do: fc.constant('setting' as const),
    name: fc.constant('minLines' as const),
    to: fc.constantFrom(0, 3),
  }),
  fc.record({
    do: fc.constant('setting' as const),
    name: fc.constant('maxTokens' as const),
    to: fc.constantFrom(100, 200),
  }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('combos' as const), to: combos }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('drafts' as const), to: drafts }),
  fc.record({ do: fc.constant('spec' as const), axis: fc.constant('essays' as const), to: essays }),
  fc.record({
    do: fc.constant('weather' as const),
    template: fc.constantFrom(...TEMPLATES),
    to: fc.constantFrom<Weather[]>('fair', 'fair', 'fair', 'down', 'cut', 'short', 'filtered'),
  }),
  fc.record({
    do: fc.constant('edit' as const),
    which,
    artifact: fc.constantFrom(...ARTIFACTS),
    form: fc.nat({ max: 7 }),
  }),
  fc.record({
    do: fc.constant('edit' as const),
    which,
    artifact: fc.constantFrom(...ARTIFACTS),
    form: fc.nat({ max: 7 }),
  }),
  fc.record({ do: fc.constant('lose' as const), which, what: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant('lose' as const), which, what: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant('lose caches' as const), part: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('touch' as const), which }),
  fc.constant<Action>({ do: 'copy' }),
);

const histories = fc.record({
  shape: fc.record({ combos, drafts, essays, replicates: fc.constantFrom(1, 1, 2) }),
  actions: fc.array(
    fc.oneof(
      { arbitrary: change, weight: 5 },
      { arbitrary: plainBuild, weight: 2 },
      { arbitrary: anyBuild, weight: 1 },
    ),
    {
      minLength: 4,
      maxLength: 18,
    },
  ),
});

function inputsOf(shape: Pick<Inputs, 'combos' | 'drafts' | 'essays' | 'replicates'>): Inputs {
  const plain = (): { core: number; tone: number; comment: number } => ({ core: 0, tone: 0, comment: 0 });
  return {
    ...shape,
    templates: { 'd-a': plain(), 'd-b': plain(), 'e-llm': plain(), 'v-one': plain() },
    concepts: { k1: { name: 0, text: 0 }, k2: { name: 0, text: 0 } },
    models: { w1: 0, w2: 0, j1: 0 },
    parsers: { 'd-a': 'identity', 'd-b': 'essay_block' },
    minLines: 3,
    maxTokens: 100,
  };
}

/** More of them, and others each time, with `DAYDREAM_HISTORIES=5000`. */
const wanted = process.env['DAYDREAM_HISTORIES'];

describe('any history', () => {
  it(
    'runs in the engine what it runs in the model, and leaves the same',
    async () => {
      const plain = {
        do: 'build',
        force: undefined,
        select: undefined,
        discards: false,
        retries: [],
      } as const;
      const asserted = fc.assert(
        fc.asyncProperty(histories, async ({ shape, actions }) => {
          const history = new History(inputsOf(shape));
          try {
            await history.build(plain);
            for (const action of actions) await act(history, action);
            await history.build(plain);
            await history.build(plain);
          } finally {
            history.close();
          }
        }),
        {
          numRuns: Number(wanted ?? 50),
          ...(wanted === undefined ? { seed: 20_261_123 } : {}),
          endOnFailure: false,
        },
      );
      await expect(asserted).resolves.toBeUndefined();
    },
    wanted === undefined ? 120_000 : 24 * 3_600_000,
  );
});
