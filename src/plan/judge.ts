// The one place that says whether a step is current, and why. Compares recorded parts with those of now; renders nothing
// but what carries no trace, and touches no disk.
import { shortName } from '../canonical.ts';
import { at, type Graph } from '../graph/graph.ts';
import { PARTS, type FailureKind, type Parts } from '../generation/trace.ts';
import type { Step } from '../generation/stage.ts';
import { isCode } from '../generation/mode.ts';
import { FLAGS, type GenIndex } from '../store/gens/genindex.ts';
import { FILE } from '../store/layout.ts';
import { partsNow, scoredDraft } from './stepparts.ts';
import { ABSENCE, EDITED, FROM, PARSE_BITS, RENDER_BITS, STATES, WHY, type State } from './verdict.ts';

/** Verdicts as columns, a row a generation; `plan/explain.ts` spells one out. */
export interface Verdicts {
  /** Index into STATES. */
  readonly state: Uint8Array;
  /** Of FROM: the first step that must run. */
  readonly from: Uint8Array;
  /** Bits of WHY. */
  readonly why: Uint32Array;
  /** For pending, blocked and waiting rows: the row that is the root of it; -1 otherwise. */
  readonly cause: Int32Array;
  /** Bits of EDITED. */
  readonly edited: Uint8Array;
  /** 1 where a row is current by its files alone. */
  readonly untraced: Uint8Array;
  /** 1 where a build runs the row, or has to look again once what is above has run. */
  readonly attempted: Uint8Array;
}

export interface JudgeOptions {
  /** 1 where the generate step is forced. */
  readonly forced?: Uint8Array;
  /** 1 where hand edits are replaced. */
  readonly discarded?: Uint8Array;
  readonly retry?: ReadonlySet<FailureKind>;
  /** Whether the prompt.txt of a row without a trace equals what would be rendered now; asked only of such rows. */
  readonly prompted: (row: number) => boolean;
  /** Whether a build may vouch for what another tool made; a build on the offline model may not. */
  readonly adopts?: (row: number) => boolean;
  /** Labels that stand for a server in the traces of earlier versions. */
  readonly labelsOf?: (server: string) => readonly string[];
}

export const STATE = Object.fromEntries(STATES.map((state, index) => [state, index])) as Record<
  State,
  number
>;
const TOUCHABLE = [
  [FILE.prompt, 'render', 'promptFile', 'promptOut'],
  [FILE.raw, 'generate', 'rawFile', 'rawOut'],
  [FILE.parsed, 'parse', 'parsedFile', 'parsedOut'],
] as const;
/** Below them nothing can be made. */
const UNMADE = new Set([STATE.failed, STATE.blocked, STATE.accepted]);
const UNSETTLED = new Set([STATE.stale, STATE.missing, STATE.pending]);

export class Judge {
  readonly verdicts: Verdicts;
  readonly #graph: Graph;
  readonly #index: GenIndex;
  readonly #options: JudgeOptions;
  /** Index numbers of the graph's sets of parts. */
  readonly #numbers: Uint32Array;
  /** Whether any row is scored by code. */
  readonly #codeScores: boolean;
  readonly #differences = new Map<number, number>();

  constructor(graph: Graph, index: GenIndex, options: JudgeOptions) {
    this.#graph = graph;
    this.#index = index;
    this.#options = options;
    this.#codeScores = graph.boundTemplates.some(isCode);
    this.#numbers = Uint32Array.from(graph.partSets, (set) => index.number(set));
    const { size } = graph;
    this.verdicts = {
      state: new Uint8Array(size),
      from: new Uint8Array(size),
      why: new Uint32Array(size),
      cause: new Int32Array(size),
      edited: new Uint8Array(size),
      untraced: new Uint8Array(size),
      attempted: new Uint8Array(size),
    };
  }

  /** Parents come before children, so one pass settles all. */
  all(): Verdicts {
    for (let row = 0; row < this.#graph.size; row++) this.row(row);
    return this.verdicts;
  }

  /** Judges one row; its parent's verdict must be settled or as good as it gets. */
  row(row: number): void {
    const { verdicts } = this;
    const parent = this.#graph.parent[row] ?? -1;
    verdicts.cause[row] = -1;
    verdicts.edited[row] = 0;
    verdicts.untraced[row] = 0;
    const above = parent < 0 ? STATE.current : (verdicts.state[parent] ?? 0);
    if (UNMADE.has(above)) return this.#unmade(row, parent);
    const waiting = UNSETTLED.has(above);
    if (waiting) verdicts.cause[row] = rootOf(verdicts, parent);
    const traced = ((this.#index.flags[row] ?? 0) & FLAGS.traced) !== 0;
    const bits = traced ? this.#traced(row, parent, waiting) : this.#foreign(row, waiting);
    this.#settle(row, bits | this.#asked(row), waiting);
  }

  /** Judges a row that has just run: what was asked of it for this run is done. */
  settled(row: number): void {
    const { forced, discarded } = this.#options;
    if (forced !== undefined) forced[row] = 0;
    if (discarded !== undefined) discarded[row] = 0;
    this.row(row);
  }

  #unmade(row: number, parent: number): void {
    const { verdicts } = this;
    const accepted = at(verdicts.state, parent) === STATE.accepted;
    this.#set(row, accepted ? STATE.accepted : STATE.blocked, FROM.none, 0);
    verdicts.cause[row] = rootOf(verdicts, parent);
    verdicts.attempted[row] = at(verdicts.attempted, parent);
  }

  /** What differs from the trace, step by step. Below a step that must run, only what is certain already is said. */
  #traced(row: number, parent: number, waiting: boolean): number {
    const { keys, digests } = this.#index;
    let bits = this.#differs('render', keys.render[row] ?? 0, this.#graph.renderSet[row] ?? 0);
    if (parent >= 0 && !waiting && !same(digests.parent, row, digests.parsedFile, parent)) bits |= WHY.parent;
    if (!this.#there(row, FILE.prompt)) bits |= WHY.missing_prompt;
    const rendered = bits === 0;
    if (rendered && !same(digests.promptFile, row, digests.promptOut, row)) this.#edited(row, EDITED.prompt);
    bits |= this.#differs('generate', keys.generate[row] ?? 0, this.#graph.generateSet[row] ?? 0);
    if (rendered && keys.generate[row] !== 0 && !same(digests.promptFile, row, digests.promptIn, row))
      bits |= WHY.prompt;
    if (!this.#there(row, FILE.raw)) bits |= WHY.missing_raw;
    const generated = bits === 0;
    if (generated && !same(digests.rawFile, row, digests.rawOut, row)) this.#edited(row, EDITED.raw);
    bits |= this.#parseDiffers(row, waiting);
    if (generated && keys.parse[row] !== 0 && !same(digests.rawFile, row, digests.rawIn, row))
      bits |= WHY.raw;
    if (!this.#there(row, FILE.parsed)) bits |= WHY.missing_parsed;
    if (bits === 0 && !same(digests.parsedFile, row, digests.parsedOut, row))
      this.#edited(row, EDITED.parsed);
    return bits;
  }

  /** A row that carries no trace: never built, or made by another tool and judged by its files. */
  #foreign(row: number, waiting: boolean): number {
    const index = this.#index;
    if (!index.has(row, FILE.prompt) && !index.has(row, FILE.raw) && !index.has(row, FILE.parsed))
      return WHY.never_render;
    // Our own record, emptied by a power cut: what lies beside it may be of two answers.
    if (index.has(row, FILE.metadata) && index.isEmpty(row, FILE.metadata)) return WHY.never_render;
    if (waiting) return 0;
    if (!index.has(row, FILE.prompt) || !this.#options.prompted(row)) return WHY.foreign_prompt;
    if (this.#options.adopts?.(row) !== false) this.verdicts.untraced[row] = 1;
    if (!this.#there(row, FILE.raw)) return WHY.missing_raw;
    return this.#there(row, FILE.parsed) ? 0 : WHY.missing_parsed;
  }

  /** A file without a byte is what a power cut leaves, and no edit, unless its step made just that. */
  #there(row: number, file: 0 | 1 | 2): boolean {
    const index = this.#index;
    if (!index.has(row, file)) return false;
    if (!index.isEmpty(row, file)) return true;
    const [, step, now, made] = TOUCHABLE[file];
    return at(index.keys[step], row) !== 0 && same(index.digests[now], row, index.digests[made], row);
  }

  #asked(row: number): number {
    const { forced, discarded } = this.#options;
    const bits = forced?.[row] === 1 ? WHY.forced : 0;
    if (discarded?.[row] !== 1) return bits;
    for (const artifactBit of this.#touched(row)) this.#edited(row, artifactBit);
    return bits | (at(this.verdicts.edited, row) === 0 ? 0 : WHY.discarded);
  }

  /** Artifacts that are not as their step left them, whether or not they have to be made again for another reason too. */
  #touched(row: number): readonly number[] {
    const index = this.#index;
    return TOUCHABLE.filter(
      ([file, step, now, made]) =>
        index.has(row, file) &&
        at(index.keys[step], row) !== 0 &&
        !same(index.digests[now], row, index.digests[made], row),
    ).map(([file]) => 1 << file);
  }

  #settle(row: number, bits: number, waiting: boolean): void {
    const { verdicts } = this;
    if (bits === 0) {
      if (waiting) return this.#attempt(row, STATE.pending, FROM.none, 0);
      return this.#set(row, verdicts.edited[row] === 0 ? STATE.current : STATE.edited, FROM.none, 0);
    }
    const from = firstStep(bits, verdicts.edited[row] ?? 0);
    const failure = waiting || (bits & WHY.forced) !== 0 ? undefined : this.#failed(row, from);
    if (failure !== undefined) {
      if (this.#isAccepted(row, from)) return this.#set(row, STATE.accepted, from, bits);
      const again = failure === 'api' || this.#options.retry?.has(failure) === true;
      return again
        ? this.#attempt(row, STATE.failed, from, bits | WHY.retry)
        : this.#set(row, STATE.failed, from, bits);
    }
    return this.#attempt(row, (bits & ~ABSENCE) === 0 ? STATE.missing : STATE.stale, from, bits);
  }

  /** The kind of the recorded failure, if trying again now would be the same attempt. */
  #failed(row: number, from: number): FailureKind | undefined {
    const failure = this.#index.failureAt(row);
    if (failure === undefined) return undefined;
    if (failure.kind === 'api') return failure.kind;
    return FROM[failure.step] === from && this.#failsAgain(row, failure.step) ? failure.kind : undefined;
  }

  /** What failed is asked for as it was when somebody said that it stays missing. */
  #isAccepted(row: number, from: number): boolean {
    const failure = this.#index.failureAt(row);
    return (
      ((this.#index.flags[row] ?? 0) & FLAGS.accepted) !== 0 &&
      failure !== undefined &&
      FROM[failure.step] === from &&
      this.#failsAgain(row, failure.step)
    );
  }

  /** Whether a step would be tried with the parts with which it failed. */
  #failsAgain(row: number, step: Step): boolean {
    const recorded = this.#index.get('failureParts', row);
    return this.#spellings(this.partsNow(row, step)).some((each) => shortName(each) === recorded);
  }

  /** Parts as they are written now, and as earlier versions wrote them. */
  #spellings(parts: Parts): readonly Parts[] {
    return [parts, ...this.#labelsOf(parts).map((provider) => ({ ...parts, provider }))];
  }

  #labelsOf({ provider }: Parts): readonly string[] {
    return provider === undefined ? [] : (this.#options.labelsOf?.(provider) ?? []);
  }

  /** All parts of a step as they are now, as far as the files on disk say. */
  partsNow(row: number, step: Step): Parts {
    return partsNow(this.#graph, this.#index, row, step);
  }

  #parseSet(row: number): number {
    return (this.#graph.parseSet[row] ?? 0) + (((this.#index.flags[row] ?? 0) & FLAGS.cutOff) === 0 ? 0 : 1);
  }

  /** The text of the draft is no part of a set: it is another one for every draft. */
  #parseDiffers(row: number, waiting: boolean): number {
    const recorded = this.#index.keys.parse[row] ?? 0;
    const bits = this.#differs('parse', recorded, this.#parseSet(row));
    const draft = this.#codeScores ? scoredDraft(this.#graph, row) : -1;
    if (draft < 0) return bits;
    const same = this.#index.parts(recorded)['draft'] === this.#index.get('parsedFile', draft);
    return waiting || recorded === 0 || same ? bits & ~WHY.draft : bits | WHY.draft;
  }

  #differs(step: Step, recorded: number, set: number): number {
    const now = this.#numbers[set] ?? 0;
    if (recorded === now) return 0;
    if (recorded === 0)
      return step === 'render'
        ? WHY.never_render
        : step === 'generate'
          ? WHY.never_generate
          : WHY.never_parse;
    const pair = recorded * 0x100000 + now;
    let bits = this.#differences.get(pair);
    if (bits === undefined) {
      const [before, parts] = [this.#index.parts(recorded), at(this.#graph.partSets, set)];
      bits = this.#differenceBits(step, before, parts);
      if (this.#labelsOf(parts).includes(before['provider'] ?? '')) bits &= ~WHY.provider;
      this.#differences.set(pair, bits);
    }
    return bits;
  }

  #differenceBits(step: Step, recorded: Parts, now: Parts): number {
    let bits = 0;
    for (const part of PARTS[step]) {
      const before = recorded[part];
      // An earlier version counted line ends: what it recorded of this very text is no difference.
      const renamed = before === undefined ? undefined : this.#graph.formerly.get(before);
      if ((renamed ?? before) !== now[part]) bits |= WHY[part];
    }
    return bits;
  }

  #edited(row: number, artifactBit: number): void {
    this.verdicts.edited[row] = at(this.verdicts.edited, row) | artifactBit;
  }

  #attempt(row: number, state: number, from: number, bits: number): void {
    this.#set(row, state, from, bits);
    this.verdicts.attempted[row] = 1;
  }

  #set(row: number, state: number, from: number, bits: number): void {
    this.verdicts.state[row] = state;
    this.verdicts.from[row] = from;
    this.verdicts.why[row] = bits;
    this.verdicts.attempted[row] = 0;
  }
}

function firstStep(bits: number, edited: number): number {
  if ((bits & RENDER_BITS) !== 0) return FROM.render;
  const needed = (bits & ~PARSE_BITS & ~WHY.discarded) === 0 ? FROM.parse : FROM.generate;
  if ((bits & WHY.discarded) === 0) return needed;
  const touched =
    (edited & EDITED.prompt) !== 0 ? FROM.render : (edited & EDITED.raw) !== 0 ? FROM.generate : FROM.parse;
  return Math.min(needed, touched);
}

/** Two digests of the index; columns are handed in, since looking them up by name is what judging would spend its time on. */
function same(a: Uint32Array, row: number, b: Uint32Array, otherRow: number): boolean {
  return a[row * 2] === b[otherRow * 2] && a[row * 2 + 1] === b[otherRow * 2 + 1];
}

function rootOf(verdicts: Verdicts, parent: number): number {
  const cause = verdicts.cause[parent] ?? -1;
  return cause < 0 ? parent : cause;
}
