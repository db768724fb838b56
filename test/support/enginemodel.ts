// A small model of the incremental engine: naive, in memory, on whole texts where the engine has digests. It judges and runs one
// generation after the other, parents first, and says which steps ran. It knows no files, no index, no concurrency.

export type FailureKind = 'api' | 'refused' | 'truncated' | 'too_short' | 'unparsable';
export type Artifact = 'prompt' | 'raw' | 'parsed';

export interface ModelGeneration {
  readonly id: string;
  readonly parent: string | undefined;
  readonly copies: boolean;
}

export type ModelReply =
  | 'failed'
  | { readonly text: string; readonly kind: 'answer' | 'truncated' | 'refused' };

/** The inputs as they are now, by generation. */
export interface World<G extends ModelGeneration> {
  /** Parents come first. */
  readonly generations: readonly G[];
  readonly renderParts: (generation: G) => string;
  readonly render: (generation: G, parent: string) => string;
  /** All parts of generate but the prompt. */
  readonly askParts: (generation: G) => string;
  readonly ask: (generation: G, asked: string) => ModelReply;
  /** All parts of parse but the raw text and what became of the reply. */
  readonly parseParts: (generation: G) => string;
  readonly parse: (
    generation: G,
    raw: string,
  ) => { readonly text: string } | { readonly failed: FailureKind };
}

export interface ModelRequest {
  readonly selected: (id: string) => boolean;
  readonly forced: (id: string) => boolean;
  readonly discards: boolean;
  readonly retries: ReadonlySet<FailureKind>;
}

interface Trace {
  readonly render?: { readonly parts: string; readonly output: string };
  readonly generate?: {
    readonly parts: string;
    readonly prompt: string;
    readonly output: string;
    readonly reply: ReplyKind;
  };
  readonly parse?: { readonly parts: string; readonly raw: string; readonly output: string };
  readonly failure?: { readonly kind: FailureKind; readonly parts: string };
}
type ReplyKind = 'answer' | 'truncated' | 'refused';

/** One generation's folder. */
export interface Slot {
  prompt?: string | undefined;
  raw?: string | undefined;
  parsed?: string | undefined;
  /** Undefined where another tool made it, or nobody. */
  trace?: Trace | undefined;
  /** What raw_metadata.json says. */
  cutOff: boolean;
}

export class EngineModel<G extends ModelGeneration> {
  readonly store = new Map<string, Slot>();
  /** Answers by what was asked, the latest last. */
  readonly answers = new Map<string, string[]>();

  slot(id: string): Slot {
    const slot = this.store.get(id) ?? { cutOff: false };
    this.store.set(id, slot);
    return slot;
  }

  /** Runs what is stale; one line for each generation in which something happened. */
  build(world: World<G>, request: ModelRequest): readonly string[] {
    const wanted = aboveSelected(world.generations, request);
    const stopped = new Set<string>();
    const lines: string[] = [];
    for (const generation of world.generations) {
      const { id, parent } = generation;
      if (!wanted.has(id)) continue;
      const steps = parent !== undefined && stopped.has(parent) ? [] : this.#run(world, generation, request);
      if (steps.length > 0) lines.push(`${id} ${steps.join(' ')}`);
      if (!['current', 'edited'].includes(this.state(world, generation))) stopped.add(id);
    }
    return lines;
  }

  state(world: World<G>, generation: G): 'current' | 'edited' | 'failed' | 'blocked' | 'stale' {
    const { id, parent } = generation;
    const above = world.generations.find((each) => each.id === parent);
    const stateAbove = above === undefined ? 'current' : this.state(world, above);
    if (stateAbove === 'failed' || stateAbove === 'blocked') return 'blocked';
    if (stateAbove === 'stale') return 'stale';
    const slot = this.slot(id);
    const { trace } = slot;
    if (trace === undefined) return this.#adoptable(world, generation) && isWhole(slot) ? 'current' : 'stale';
    const first = this.#firstStep(world, generation, NOTHING_ASKED);
    if (first === 0) return touched(slot).length === 0 ? 'current' : 'edited';
    return this.#failedBefore(world, generation, first) === undefined ? 'stale' : 'failed';
  }

  /** Everything that the trace's steps were made from, now. */
  #parts(world: World<G>, generation: G): { render: string; generate: string; parse: string } {
    const { trace } = this.slot(generation.id);
    return {
      render: `${world.renderParts(generation)}|${this.#parentText(generation)}`,
      generate: world.askParts(generation),
      parse: `${world.parseParts(generation)}|${trace?.generate?.reply === 'truncated'}`,
    };
  }

  #parentText({ parent }: G): string {
    return parent === undefined ? '' : (this.slot(parent).parsed ?? '');
  }

  /** 1 render, 2 generate, 3 parse, 0 none. */
  #firstStep(world: World<G>, generation: G, asked: Asked): number {
    const slot = this.slot(generation.id);
    const { render, generate, parse } = slot.trace ?? {};
    const parts = this.#parts(world, generation);
    const discarded = asked.discards ? touched(slot) : [];
    if (
      asked.forced ||
      render?.parts !== parts.render ||
      slot.prompt === undefined ||
      discarded.includes('prompt')
    )
      return 1;
    if (generate?.parts !== parts.generate || slot.raw === undefined || discarded.includes('raw')) return 2;
    if (slot.prompt !== generate.prompt) return 2;
    const parsed = parse?.parts === parts.parse && slot.parsed !== undefined && !discarded.includes('parsed');
    return parsed && slot.raw === parse.raw ? 0 : 3;
  }

  #failedBefore(world: World<G>, generation: G, first: number): FailureKind | undefined {
    const { trace, raw } = this.slot(generation.id);
    if (trace?.failure === undefined || trace.failure.kind === 'api') return trace?.failure?.kind;
    const same = first === 3 && trace.failure.parts === `${this.#parts(world, generation).parse}|${raw}`;
    return same ? trace.failure.kind : undefined;
  }

  #adoptable(world: World<G>, generation: G): boolean {
    const { prompt } = this.slot(generation.id);
    return prompt !== undefined && prompt === world.render(generation, this.#parentText(generation));
  }

  #adopt(world: World<G>, generation: G): void {
    const slot = this.slot(generation.id);
    const { prompt = '', raw, parsed, cutOff } = slot;
    const reply = cutOff ? 'truncated' : 'answer';
    const now = this.#parts(world, generation);
    slot.trace = {
      render: { parts: now.render, output: prompt },
      ...(raw === undefined ? {} : { generate: { parts: now.generate, prompt, output: raw, reply } }),
    };
    if (raw !== undefined && parsed !== undefined)
      slot.trace = {
        ...slot.trace,
        parse: { parts: this.#parts(world, generation).parse, raw, output: parsed },
      };
  }

  #run(world: World<G>, generation: G, request: ModelRequest): readonly string[] {
    const slot = this.slot(generation.id);
    const asked = {
      forced: request.forced(generation.id),
      discards: request.discards && request.selected(generation.id),
    };
    const untraced = slot.trace === undefined && this.#adoptable(world, generation) && !asked.forced;
    if (untraced && isWhole(slot) && !request.selected(generation.id)) return [];
    if (untraced) this.#adopt(world, generation);
    if (untraced && isWhole(slot)) return ['adopted'];
    const first = this.#firstStep(world, generation, asked);
    if (first === 0) return [];
    const failed = asked.forced ? undefined : this.#failedBefore(world, generation, first);
    const again = failed !== undefined && failed !== 'api';
    if (again && !request.retries.has(failed)) return [];
    return this.#make(world, generation, { ...asked, first, fresh: asked.forced || again });
  }

  #make(world: World<G>, generation: G, asked: Asked & { first: number; fresh: boolean }): readonly string[] {
    const slot = this.slot(generation.id);
    const before = slot.trace ?? {};
    const parts = this.#parts(world, generation);
    const discarded = asked.discards ? touched(slot) : [];
    const steps: string[] = [];
    const prompt =
      asked.first === 1 ? world.render(generation, this.#parentText(generation)) : (slot.prompt ?? '');
    const render = asked.first === 1 ? { parts: parts.render, output: prompt } : before.render;
    if (asked.first === 1) steps.push('rendered');
    const generateHolds =
      before.generate?.parts === parts.generate &&
      before.generate.prompt === prompt &&
      slot.raw !== undefined;
    let { generate } = before;
    if (asked.fresh || asked.first === 2 || !generateHolds || discarded.includes('raw')) {
      this.#retire(world, generation);
      const made = this.#answer(world, generation, {
        asked: `${parts.generate}|${prompt}`,
        prompt,
        fresh: asked.fresh,
      });
      if (made === 'failed') {
        if (asked.first === 1 && slot.raw === undefined)
          Object.assign(slot, { prompt, trace: { ...before, render } });
        slot.trace = { ...slot.trace, failure: { kind: 'api', parts: '' } };
        return ['failed: api'];
      }
      steps.push(made.how);
      generate = { parts: parts.generate, prompt, output: made.text, reply: made.kind };
      Object.assign(slot, { raw: made.text, cutOff: made.kind === 'truncated', parsed: undefined });
    }
    slot.prompt = prompt;
    slot.trace = { ...(render && { render }), ...(generate && { generate }) };
    const parsing = this.#parts(world, generation).parse;
    const parsed =
      before.parse?.parts === parsing && slot.parsed !== undefined && !discarded.includes('parsed');
    if (parsed && slot.raw === before.parse.raw) {
      slot.trace = { ...slot.trace, parse: before.parse };
      return steps;
    }
    return this.#parse(world, generation, steps);
  }

  #parse(world: World<G>, generation: G, steps: string[]): readonly string[] {
    const slot = this.slot(generation.id);
    const { raw = '', trace } = slot;
    const parts = this.#parts(world, generation).parse;
    const reply = trace?.generate?.reply;
    const result =
      reply === 'refused' || reply === 'truncated' ? { failed: reply } : world.parse(generation, raw);
    slot.parsed = 'text' in result ? result.text : undefined;
    slot.trace = {
      ...trace,
      ...('text' in result
        ? { parse: { parts, raw, output: result.text } }
        : { failure: { kind: result.failed, parts: `${parts}|${raw}` } }),
    };
    return [...steps, 'text' in result ? 'parsed' : `failed: ${result.failed}`];
  }

  #answer(
    world: World<G>,
    generation: G,
    { asked, prompt, fresh }: { readonly asked: string; readonly prompt: string; readonly fresh: boolean },
  ): 'failed' | { readonly how: string; readonly text: string; readonly kind: ReplyKind } {
    if (generation.copies) return { how: 'copied', text: prompt, kind: 'answer' };
    const found = fresh ? undefined : this.answers.get(asked)?.at(-1);
    if (found !== undefined) return { how: 'cached', text: found, kind: 'answer' };
    const reply = world.ask(generation, asked);
    if (reply === 'failed') return reply;
    if (reply.kind === 'answer') this.#keep(asked, reply.text);
    return { how: 'called', ...reply };
  }

  /** An answer that is about to be replaced, and that a lost cache does not hold any more, is put there. */
  #retire(world: World<G>, generation: G): void {
    const { prompt, raw, trace, cutOff } = this.slot(generation.id);
    if (generation.copies || prompt === undefined || raw === undefined) return;
    const { parts, output, reply } = trace?.generate ?? {
      ...NO_ANSWER,
      parts: this.#parts(world, generation).generate,
    };
    if (cutOff || reply === 'refused') return;
    if (trace?.generate !== undefined && (raw !== output || prompt !== trace.generate.prompt)) return;
    const asked = `${parts}|${prompt}`;
    const kept = this.answers.get(asked) ?? [];
    if (trace?.generate === undefined ? kept.at(-1) !== raw : !kept.includes(raw)) this.#keep(asked, raw);
  }

  #keep(asked: string, text: string): void {
    this.answers.set(asked, [...(this.answers.get(asked) ?? []), text]);
  }
}

interface Asked {
  readonly forced: boolean;
  readonly discards: boolean;
}
const NOTHING_ASKED: Asked = { forced: false, discards: false };
const NO_ANSWER = { output: undefined, reply: undefined };

function isWhole({ prompt, raw, parsed }: Slot): boolean {
  return prompt !== undefined && raw !== undefined && parsed !== undefined;
}

/** Artifacts that are not as their step left them. */
function touched({ trace, ...files }: Slot): readonly Artifact[] {
  const made = { prompt: trace?.render?.output, raw: trace?.generate?.output, parsed: trace?.parse?.output };
  return (['prompt', 'raw', 'parsed'] as const).filter(
    (name) => files[name] !== undefined && made[name] !== undefined && files[name] !== made[name],
  );
}

function aboveSelected(
  generations: readonly ModelGeneration[],
  { selected }: ModelRequest,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const { id, parent } of [...generations].reverse()) {
    if (selected(id)) wanted.add(id);
    if (wanted.has(id) && parent !== undefined) wanted.add(parent);
  }
  return wanted;
}
