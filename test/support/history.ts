// One history: a project on disk, the engine at work in it through a driver, and the model beside it. After each build both must have run
// the same steps and hold the same texts; what was done is kept as a script.
import assert from 'node:assert/strict';
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
import { openSession } from '../../src/engine/project/session.ts';
import { taskAt, type Graph } from '../../src/graph/graph.ts';
import { EngineModel, type FailureKind, type World } from './enginemodel.ts';
import {
  COMBOS,
  contents,
  filesOf,
  Oracle,
  parse,
  parserOf,
  questionOf,
  templateText,
  type Inputs,
  type Made,
  type Weather,
} from './imagined.ts';

export const ARTIFACTS = ['prompt', 'raw', 'parsed'] as const;

/** How a history's builds are run. */
export interface Driver {
  /** Where its provider listens, which answers as the oracle of the build says. */
  readonly url: string;
  /** Runs a build: one line for each generation in which something happened, and whether it ended well. */
  build(root: string, request: Building, oracle: Oracle): Promise<Built>;
  /** What is said afterwards: the state of each generation, and whether all is well. */
  judge(root: string): Promise<{ readonly states: ReadonlyMap<string, string>; readonly green: boolean }>;
}

export interface Built {
  readonly lines: readonly string[];
  readonly green: boolean;
}

/** The project on disk with the engine at work in it, and the model beside it. */
export class History {
  readonly root = mkdtempSync(join(tmpdir(), 'daydream-model-'));
  readonly inputs: Inputs;
  readonly model = new EngineModel<Made>();
  readonly weather: readonly [Oracle, Oracle] = [new Oracle(), new Oracle()];
  /**
   * Whether artifacts were edited, and whose traces went, which say so: with both gone, an edit is taken for another tool's work. So
   * is a text that was parsed as nobody would parse it now.
   */
  readonly #blurred = { edited: false, untraced: new Set<string>() };
  readonly #driver: Driver;
  readonly #script: string[] = [];
  #written: Readonly<Record<string, string>> = {};
  #generations: readonly Made[] = [];

  constructor(inputs: Inputs, driver: Driver) {
    this.inputs = inputs;
    this.#driver = driver;
    this.write();
  }

  /** What was done so far, as edits and commands that a shell can run in an empty folder. */
  get script(): string {
    return this.#script.join('\n');
  }

  write(): void {
    const files = filesOf(this.inputs);
    for (const [name, text] of Object.entries(files)) if (this.#written[name] !== text) this.#put(name, text);
    this.#written = files;
  }

  /** Tells the weather of a template's calls to come. */
  turn(template: string, to: Weather): void {
    this.#script.push(`# from now on the provider's answers for ${template} are ${to}`);
    for (const oracle of this.weather) oracle.weather.set(template, to);
  }

  #put(name: string, text: string): void {
    this.#script.push(`mkdir -p '${dirname(name)}' && printf '%s' ${quoted(text)} > '${name}'`);
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  #drop(name: string): void {
    this.#script.push(`rm -rf '${name}'`);
    rmSync(join(this.root, name), { recursive: true, force: true });
  }

  async #look(): Promise<void> {
    const session = await openSession({ root: this.root, environment: {}, now: () => Date.now() });
    this.#generations = generationsOf(session.loaded.graph);
    for (const { id, template } of this.#generations) this.weather[0].templates.set(id, template);
  }

  pick(number: number): Made | undefined {
    return this.#generations[number % Math.max(1, this.#generations.length)];
  }

  /** Relative to the root. */
  folder({ stage, genId }: Made): string {
    return `data/gens/${stage}/${genId}`;
  }

  path(made: Made, name = ''): string {
    return join(this.root, this.folder(made), name);
  }

  edit(made: Made, artifact: (typeof ARTIFACTS)[number], form: number): void {
    if (!existsSync(this.path(made))) return;
    // The id keeps the questions of different generations apart: which of two equal ones is asked first is left to chance.
    const mark = `hand ${made.id} ${form % 2}`;
    const forms = [mark, `${mark}\nby\nhand`, `<essay>\n${mark}\n</essay>\n\n\nok`, `${mark}\nSCORE: 5`];
    const written = forms[form % 4] ?? mark;
    this.#put(`${this.folder(made)}/${artifact}.txt`, written);
    this.model.slot(made.id)[artifact] = written;
    this.#blurred.edited = true;
  }

  lose(made: Made, what: number): void {
    const slot = this.model.slot(made.id);
    const artifact = ARTIFACTS[what];
    if (artifact !== undefined) {
      this.#drop(`${this.folder(made)}/${artifact}.txt`);
      slot[artifact] = undefined;
    } else if (what === ARTIFACTS.length) {
      this.#drop(`${this.folder(made)}/metadata.json`);
      slot.trace = undefined;
      this.#blurred.untraced.add(made.id);
    } else {
      this.#drop(this.folder(made));
      this.model.store.delete(made.id);
    }
  }

  loseCaches(part: number): void {
    const name = ['', '/gens.bin', '/graph.bin', '/responses'][part] ?? '';
    this.#drop(`data/.daydream${name}`);
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
    this.#script.push(['daydream build', ...wordsOf(request)].join(' '));
    await this.#look();
    const generations = this.#generations;
    const world = this.world(generations);
    const { lines, green } = await this.#driver.build(this.root, request, this.weather[0]);
    const selected = ({ stage }: Made): boolean => request.select === undefined || stage === request.select;
    const byId = new Map(generations.map((each) => [each.id, each]));
    const is = (id: string, test: (made: Made) => boolean): boolean => test(byId.get(id) ?? fail(id));
    const modelled = this.model.build(world, {
      selected: (id) => is(id, selected),
      forced: (id) => is(id, (made) => selected(made) && made.stage === request.force),
      discards: request.discards,
      retries: new Set(request.retries),
    });
    assert.deepEqual([...lines].sort(), [...modelled].sort());
    assert.deepEqual(this.#texts(generations), this.#modelTexts(generations));
    await this.#check(world, { whole: request.select === undefined, green });
  }

  /** What a later command sees: the states that the model gives, and after a good build nothing but what inputs and replies make. */
  async #check(
    world: World<Made>,
    build: { readonly whole: boolean; readonly green: boolean },
  ): Promise<void> {
    const found = await this.#driver.judge(this.root);
    const modelled = world.generations.map((made) => [made.id, this.model.state(world, made)] as const);
    const coarse = (all: readonly (readonly [string, string | undefined])[]): unknown =>
      all.map(([id, state]) => [
        id,
        build.whole || ['current', 'edited'].includes(state ?? '') ? state : 'not',
      ]);
    const states = world.generations.map(({ id }) => [id, found.states.get(id)] as const);
    assert.deepEqual(coarse(states), coarse(modelled));
    if (!build.whole) return;
    assert.deepEqual(found.green, build.green);
    const pure = !this.#blurred.edited || this.#blurred.untraced.size === 0;
    if (pure && build.green && modelled.every(([, state]) => state === 'current')) this.#expectClean(world);
  }

  /** Every prompt is what its inputs render, every raw text is a reply to it, every parsed text is what its parser makes of that. */
  #expectClean(world: World<Made>): void {
    const texts = this.#texts(world.generations);
    for (const made of world.generations) {
      const { prompt = '', raw = '', parsed } = texts[made.id] ?? {};
      assert.deepEqual(prompt, world.render(made, texts[made.parent ?? '']?.['parsed'] ?? ''));
      if (made.copies) assert.deepEqual(raw, prompt);
      if (!this.#blurred.untraced.has(made.id)) assert.deepEqual({ text: parsed }, world.parse(made, raw));
    }
  }

  #texts(generations: readonly Made[]): Readonly<Record<string, Partial<Record<string, string>>>> {
    return textsBy(generations, (made, artifact) => read(this.path(made, `${artifact}.txt`)));
  }

  #modelTexts(generations: readonly Made[]): unknown {
    return textsBy(generations, (made, artifact) => this.model.slot(made.id)[artifact]);
  }

  /** Another time, the same size and contents. */
  touch(made: Made): void {
    const name = `${this.folder(made)}/raw.txt`;
    if (!existsSync(join(this.root, name))) return;
    this.#script.push(`touch -d '+10 seconds' '${name}'`);
    utimesSync(join(this.root, name), new Date(), new Date(Date.now() + 10_000));
  }

  /** As a clone does: other inodes and times, the same contents, and no caches. */
  copy(): void {
    this.#script.push('cp -R data/gens aside && rm -rf data/gens && mv aside data/gens');
    const aside = `${this.root}-aside`;
    cpSync(join(this.root, 'data/gens'), aside, { recursive: true });
    rmSync(join(this.root, 'data/gens'), { recursive: true });
    cpSync(aside, join(this.root, 'data/gens'), { recursive: true });
    rmSync(aside, { recursive: true });
    this.loseCaches(0);
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface Building {
  readonly force: 'draft' | 'essay' | 'evaluation' | undefined;
  readonly select: 'draft' | 'essay' | 'evaluation' | undefined;
  readonly discards: boolean;
  readonly retries: readonly FailureKind[];
}

export const PLAIN_BUILD = {
  do: 'build',
  force: undefined,
  select: undefined,
  discards: false,
  retries: [],
} as const;

/** A build's words on the command line. */
export function wordsOf({ force, select, discards, retries }: Building): readonly string[] {
  return [
    ...(select === undefined ? [] : [`stage:${select}`]),
    ...(force === undefined ? [] : ['--force', force]),
    ...(discards ? ['--discard-edits'] : []),
    ...(retries.length === 0 ? [] : ['--retry', retries.includes('api') ? 'api' : 'refused']),
  ];
}

export type Action =
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

export async function act(history: History, action: Action): Promise<void> {
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
      return history.turn(action.template, action.to);
    case 'lose caches':
      return history.loseCaches(action.part);
    case 'build':
      return history.build(action);
    case 'copy':
      return history.copy();
    default: {
      const made = history.pick(action.which);
      if (made === undefined) return undefined;
      if (action.do === 'edit') return history.edit(made, action.artifact, action.form);
      if (action.do === 'lose') return history.lose(made, action.what);
      return history.touch(made);
    }
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fail(id: string): never {
  throw new Error(`no generation ${id}`);
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
