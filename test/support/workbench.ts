// A graph from a sketch with a store on disk and somebody to ask, so that runs can be tried one rule at a time: the files are real,
// the answers are the test's. Knows no config, no catalog and no provider.
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { digest } from '../../src/digest.ts';
import { createParserRegistry } from '../../src/generation/parsers/registry.ts';
import type { Artifact } from '../../src/generation/stage.ts';
import { idAt, origins, stageAt, taskAt, type Graph, type Task } from '../../src/graph/graph.ts';
import { Judge, type JudgeOptions } from '../../src/plan/judge.ts';
import { explain } from '../../src/plan/explain.ts';
import type { Verdict } from '../../src/plan/verdict.ts';
import type { Answer, Sending } from '../../src/run/answer.ts';
import { Desk } from '../../src/run/desk.ts';
import type { RunEvent, RunSummary } from '../../src/run/events.ts';
import type { Floor } from '../../src/run/execute.ts';
import { Run, type RunOptions } from '../../src/run/loop.ts';
import { promptHolds } from '../../src/run/prepare.ts';
import type { Question } from '../../src/run/question.ts';
import type { Texts } from '../../src/run/study.ts';
import { GenIndex } from '../../src/store/gens/genindex.ts';
import { readArtifact, readMetadata, refreshFile, type Metadata } from '../../src/store/gens/genstore.ts';
import { genFolder, INDEXED_FILES, layoutOf, type Layout } from '../../src/store/layout.ts';
import { writeAtomic } from '../../src/store/writing/atomic.ts';
import { penHere } from '../../src/store/writing/pen.ts';
import { compileTemplate } from '../../src/template/template.ts';
import { graphOf, rowOf, textOf, type GraphSketch } from './graphs.ts';
import { scratchFolder } from './project.ts';

/** A draft, its essay and its evaluation, whose prompts hold what is above them. */
export const CHAIN: GraphSketch = {
  rows: {
    d1: { template: 'draft-t', model: 'writer' },
    e1: { from: 'd1', template: 'essay-t', model: 'writer' },
    v1: { from: 'e1', template: 'judge-t', model: 'judge' },
  },
  texts: { 'essay-t': 'Essay of {{ draft_block }}', 'judge-t': 'Judge {{ response }}' },
};

/** A question that was sent, in the order of sending. */
export interface Asked {
  readonly genId: string;
  readonly prompt: string;
  readonly priority: number;
}

export type Answers = (question: Question, sending: Sending, signal: AbortSignal) => Answer | Promise<Answer>;

export interface Ran {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** `d1 built rendered called parsed`, in the order of the events. */
  readonly told: readonly string[];
}

export interface Workbench {
  readonly graph: Graph;
  readonly layout: Layout;
  /** With the index and the judge as they are after the last look. */
  readonly floor: Floor;
  readonly asked: readonly Asked[];
  /** Runs everything, or as the options say, on what the disk holds now. */
  readonly run: (
    options?: Partial<RunOptions> & { readonly judging?: Partial<JudgeOptions> },
  ) => Promise<Ran>;
  /** A row's verdict on what the disk holds now. */
  readonly verdict: (id: string) => Verdict;
  readonly task: (id: string) => Task;
  readonly read: (id: string, artifact: Artifact) => string | undefined;
  readonly write: (id: string, file: string, text: string) => void;
  readonly metadata: (id: string, file?: string) => Metadata | 'damaged' | undefined;
  /** The same store under another sketch. */
  readonly with: (sketch: GraphSketch, rest?: Partial<Floor>) => Workbench;
}

export interface BenchOptions {
  /** A text for each question when left out. */
  readonly answers?: Answers | undefined;
  readonly rest?: Partial<Floor>;
  readonly layout?: Layout;
}

export function replied(
  text: string,
  more: Partial<Extract<Answer, { kind: 'reply' }>['reply']> = {},
): Answer {
  const reply = { kind: 'reply', text, truncated: false, usage: {}, ...more } as const;
  return { kind: 'reply', reply, attempts: [], spent: { ...NOTHING_SPENT, billed: 0.01 }, durationMs: 1500 };
}

/** A line of its own for each question, and a score for evaluations. */
export const PLAIN_ANSWERS: Answers = ({ task, prompt }) =>
  replied(`On ${task.genId} and ${digest(prompt.text).slice(0, 4)}.\nSCORE: 5`);

export function workbench(
  sketch: GraphSketch = CHAIN,
  { answers = PLAIN_ANSWERS, rest = {}, layout = layoutOf(scratchFolder()) }: BenchOptions = {},
): Workbench {
  const graph = graphOf(sketch);
  const asked: Asked[] = [];
  const study = { graph, layout, texts: textsFor(sketch), index: new GenIndex(graph.size) };
  const look = (judging: Partial<JudgeOptions> = {}): Floor => {
    const index = indexOf(graph, layout);
    const shop = { ...study, index };
    const judge = new Judge(graph, index, { prompted: (row) => promptHolds(shop, row), ...judging });
    judge.all();
    return {
      ...shop,
      judge,
      desk: new Desk(),
      pen: penHere(layout),
      parsers: createParserRegistry({}).value,
      answer: async (question, sending, signal) => {
        const { task, prompt } = question;
        asked.push({ genId: task.genId, prompt: prompt.text, priority: sending.priority });
        return answers(question, sending, signal);
      },
      cache: 'use',
      claim: () => undefined,
      missed: ({ task }) => `missed ${task.genId}`,
      unpaid: new Set(['offline']),
      labelsOf: () => [],
      originOf: origins(graph),
      now: () => '2026-01-02T03:04:05.000Z',
      runId: 'the-run',
      ...rest,
    };
  };
  let floor = look();
  return {
    graph,
    layout,
    asked,
    get floor() {
      return floor;
    },
    async run({ judging, listen, ...options } = {}) {
      floor = look(judging);
      const events: RunEvent[] = [];
      const run = new Run(floor, {
        scope: new Uint8Array(graph.size).fill(1),
        windowOf: () => 100,
        abort: new AbortController().signal,
        stopping: () => false,
        failFast: false,
        breathe: () => undefined,
        ...options,
        listen: (event) => {
          events.push(event);
          listen?.(event);
        },
      });
      const summary = await run.run();
      return { summary, events, told: events.flatMap(wordsOf) };
    },
    verdict(id) {
      floor = look();
      return explain({ graph, index: floor.index, verdicts: floor.judge.verdicts }, rowOf(graph, id));
    },
    task: (id) => taskAt(graph, rowOf(graph, id)),
    read: (id, artifact) => readText(graph, layout, id, artifact),
    write: (id, file, text) => void writeAtomic(`${folderOf(graph, layout, id)}/${file}`, text),
    metadata: (id, file) => readMetadata(layout, stageAt(graph, rowOf(graph, id)), id, file),
    with: (next, more = {}) => workbench(next, { answers, layout, rest: { ...rest, ...more } }),
  };
}

/** `d1 built rendered called parsed`, `v1 blocked by d1`, `e1 left parked at paid`. */
function wordsOf(event: RunEvent): readonly string[] {
  if (event.type !== 'generation') return [];
  const { genId, outcome } = event;
  switch (outcome.kind) {
    case 'built':
      return [[genId, 'built', ...outcome.steps].join(' ')];
    case 'failed':
      return [
        [genId, 'failed', ...outcome.steps, `${outcome.failure.step}:`, outcome.failure.reason].join(' '),
      ];
    case 'blocked':
      return [`${genId} blocked by ${outcome.by}`];
    case 'left':
      return [`${genId} left ${outcome.why}${outcome.pool === undefined ? '' : ` at ${outcome.pool}`}`];
    default:
      return [`${genId} ${outcome.kind}`];
  }
}

function textsFor(sketch: GraphSketch): Texts {
  return {
    template({ id, file }) {
      const text = textOf(sketch, id);
      const { value, problems } = compileTemplate(text, { file });
      const [problem] = problems;
      if (value !== undefined)
        return { digest: digest(text), files: { [file]: digest(text) }, compiled: value };
      if (problem === undefined) throw new Error(`no template ${id}`);
      return { problem };
    },
    plain: () => undefined,
    concepts: (comboId) => ({
      digest: digest(`combo ${comboId}`),
      contents: (sketch.concepts?.[comboId] ?? []).map((id) => ({ name: id, content: `About ${id}.` })),
    }),
  };
}

/** What is remembered of a store that was read just now. */
function indexOf(graph: Graph, layout: Layout): GenIndex {
  const index = new GenIndex(graph.size);
  for (let row = 0; row < graph.size; row++)
    for (const [file, name] of INDEXED_FILES.entries())
      refreshFile(index, row, file, `${folderOf(graph, layout, idAt(graph, row))}/${name}`);
  return index;
}

function folderOf(graph: Graph, layout: Layout, id: string): string {
  return genFolder(layout, stageAt(graph, rowOf(graph, id)), id);
}

function readText(graph: Graph, layout: Layout, id: string, artifact: Artifact): string | undefined {
  return readArtifact(layout, stageAt(graph, rowOf(graph, id)), id, artifact);
}
