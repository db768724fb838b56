// What an agent can ask of a project and have done: the documents that the workbench shows, at most 50 rows at a time, and builds within
// what the server was started with.
import type { Project } from '../api/project.ts';
import type { View } from '../api/view/view.ts';
import { defined } from '../defined.ts';
import { checkShape, type Shape } from '../inputs/shape.ts';
import { problem, ProblemError, type Problem } from '../problem.ts';
import { ESSAY_ORDERS } from '../scores/book/essays.ts';
import type { Builds, BuildNews } from '../ui/builds.ts';

/** A JSON Schema, as far as these tools go. */
interface Schema {
  [key: string]: string | string[] | { [key: string]: string };
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schemas of its arguments, by name. */
  readonly fields: Readonly<Record<string, Schema>>;
  readonly needed: readonly string[];
  readonly writes: boolean;
  /** Throws a ProblemError for arguments that can not be used. */
  readonly run: (given: unknown) => Promise<object> | object;
}

/** The cure of what was asked wrongly. */
export const TAKES = 'The list of tools says what each of them takes.';
/** Rows of a document. */
const ROWS = 50;
/** UTF-16 units of a text. */
const LETTERS = 20_000;

const WORDS: Schema = { type: 'array', items: { type: 'string' } };
const CURSOR: Schema = { type: 'string', description: 'the `cursor` of the page before' };
const SELECT: Schema = {
  ...WORDS,
  description: 'selectors such as `stage:essay`, `cohort:NAME`, `state:stale`, `template:NAME+`, or a gen id',
};
const ID: Schema = { type: 'string', description: 'a gen id such as d_…, e_… or v_…' };
const WORK: Tool['fields'] = {
  select: SELECT,
  exclude: SELECT,
  force: { type: 'boolean', description: 'make anew what is current too' },
  retry: { type: 'string', enum: ['api', 'refused', 'all'], description: 'ask again what failed' },
};

export function toolsOf(project: Project, view: View, builds: Builds): readonly Tool[] {
  return [...readingTools(view), ...buildingTools(project, builds)];
}

/** An agent asks as soon as it has saved a file, or is there: it is answered of what is on disk then. */
function readingTools(view: View): readonly Tool[] {
  let settled: Promise<void> | undefined;
  return [statusTool, planTool, whyTool, showTool, scoresTool].map((toolOf): Tool => {
    const tool = toolOf(view);
    return {
      ...tool,
      async run(given) {
        await (settled === undefined ? (settled = view.settled()) : settled.then(() => view.caughtUp()));
        return tool.run(given);
      },
    };
  });
}

function statusTool(view: View): Tool {
  return {
    name: 'status',
    description:
      'How many generations are in which state, by cohort and stage; who builds now; what is wrong with the inputs.',
    fields: { cursor: CURSOR },
    needed: [],
    writes: false,
    run(given) {
      const { cursor } = read<{ cursor?: string }>(given, { cursor: 'text' });
      const { lines, ...counts } = view.status();
      const from = placeOf(cursor);
      const page = {
        holder: view.holder ?? null,
        broken: view.broken,
        warnings: view.warnings.slice(0, ROWS),
      };
      return {
        type: 'status',
        ...counts,
        ...page,
        lines: lines.slice(from, from + ROWS),
        cursor: next(from, lines.length),
      };
    },
  };
}

function planTool(view: View): Tool {
  return {
    name: 'plan',
    description: 'What a build would run now and why, with the bounds of its price in USD. Runs nothing.',
    fields: { ...WORK, cursor: CURSOR },
    needed: [],
    writes: false,
    async run(given) {
      const { cursor, ...wish } = read<WishGiven & { cursor?: string }>(given, { ...WISH, cursor: 'text' });
      const from = placeOf(cursor);
      const plan = await view.plan({ ...wish, from, most: ROWS });
      return { type: 'plan', ...plan, cursor: next(from, plan.toRun) };
    },
  };
}

function whyTool(view: View): Tool {
  return {
    name: 'why',
    description:
      'Why a generation is as it is: what it was made from, recorded and now, down to the root cause.',
    fields: { id: ID },
    needed: ['id'],
    writes: false,
    async run(given) {
      const { id } = read<{ id: string }>(given, { id: 'text' }, ['id']);
      const { explanation, chain } = await view.generation(id);
      return { type: 'why', chain, ...shortened(explanation ?? {}) };
    },
  };
}

function showTool(view: View): Tool {
  return {
    name: 'show',
    description:
      'A generation: what is known of it, who it is made from and into, its scores, and one of its texts.',
    fields: {
      id: ID,
      file: {
        type: 'string',
        enum: ['parsed', 'raw', 'prompt', 'metadata'],
        description: 'which text; parsed without it',
      },
      cursor: { type: 'string', description: 'the `cursor` of the piece of text before' },
    },
    needed: ['id'],
    writes: false,
    async run(given) {
      const shape = { id: 'text', file: ['parsed', 'raw', 'prompt', 'metadata'], cursor: 'text' } as const;
      const {
        id,
        file = 'parsed',
        cursor,
      } = read<{
        id: string;
        file?: 'parsed' | 'raw' | 'prompt' | 'metadata';
        cursor?: string;
      }>(given, shape, ['id']);
      const { explanation: _explained, children, ...report } = await view.generation(id);
      const from = placeOf(cursor);
      const { text, size } = view.text(id, file, from);
      const shown = text?.slice(0, LETTERS) ?? null;
      const end = from + (shown?.length ?? 0);
      return {
        type: 'show',
        ...report,
        children: children.slice(0, ROWS),
        file,
        text: shown,
        size,
        cursor: end < size ? String(end) : null,
      };
    },
  };
}

function scoresTool(view: View): Tool {
  return {
    name: 'scores',
    description:
      'Essays with every score, best or worst first. `find` narrows by words of id, template, model or combo.',
    fields: {
      cohort: { type: 'string' },
      find: { type: 'string' },
      order: { type: 'string', enum: [...ESSAY_ORDERS] },
      rubric: WORDS,
      judge: WORDS,
      cursor: CURSOR,
    },
    needed: [],
    writes: false,
    run(given) {
      const { cursor, rubric, judge, ...rest } = read<ScoresGiven>(given, SCORES);
      const from = placeOf(cursor);
      const where = defined({ rubric, judge });
      const page = view.essays({ ...rest, where, from, most: ROWS });
      return { type: 'scores', ...page, cursor: next(from, page.total) };
    },
  };
}

function buildingTools(project: Project, builds: Builds): readonly Tool[] {
  let runs = 0;
  const news = (): object => {
    const build = builds.news;
    return {
      type: 'run',
      run: runs === 0 ? null : String(runs),
      remaining: builds.remaining,
      ...short(build),
    };
  };
  return [
    {
      name: 'build',
      description:
        'Begins a build and answers at once with its run; `run` says how it goes. Spends nothing unless the server was started with --max-cost.',
      fields: WORK,
      needed: [],
      writes: true,
      async run(given) {
        await builds.start(read<WishGiven>(given, WISH));
        runs++;
        return news();
      },
    },
    {
      name: 'run',
      description:
        'How the last build stands: done, failed, left and why, spent; with `stop`, that nothing more is started.',
      fields: { stop: { type: 'boolean' } },
      needed: [],
      writes: true,
      async run(given) {
        const { stop } = read<{ stop?: boolean }>(given, { stop: 'flag' });
        if (stop === true) builds.stop();
        const { state, since = '' } = builds.news ?? {};
        const last = state === 'ended' ? (await project.runs()).at(-1) : undefined;
        const own = last !== undefined && last.ended >= since;
        return { ...news(), record: own ? last.id : null };
      },
    },
  ];
}

/** Ids of failures by the dozen say nothing that the first do not. */
function short(build: BuildNews | null): object {
  if (build === null) return { state: 'none' };
  const failures = build.failures
    .slice(0, ROWS)
    .map(({ genIds, ...each }) => ({ ...each, genIds: genIds.slice(0, ROWS) }));
  return { ...build, failures };
}

const TEXTS: Shape = { list: 'text' };
const WISH = {
  select: TEXTS,
  exclude: TEXTS,
  force: 'flag',
  retry: ['api', 'refused', 'all'],
} as const satisfies Record<string, Shape>;
interface WishGiven {
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly force?: boolean;
  readonly retry?: 'api' | 'refused' | 'all';
}

const SCORES = {
  cohort: 'text',
  find: 'text',
  order: ESSAY_ORDERS,
  rubric: TEXTS,
  judge: TEXTS,
  cursor: 'text',
} as const satisfies Record<string, Shape>;
interface ScoresGiven {
  readonly cohort?: string;
  readonly find?: string;
  readonly order?: (typeof ESSAY_ORDERS)[number];
  readonly rubric?: readonly string[];
  readonly judge?: readonly string[];
  readonly cursor?: string;
}

function read<T>(given: unknown, fields: Readonly<Record<string, Shape>>, needed: readonly string[] = []): T {
  const found = checkShape(given, { fields }, { path: '', place: {} }).map(({ message }) =>
    unfit(message.replace('config key', 'argument')),
  );
  const names = given !== null && typeof given === 'object' ? Object.keys(given) : [];
  const missing = needed
    .filter((name) => !names.includes(name))
    .map((name) => unfit(`the argument ${name} is missing`));
  if (found.length + missing.length > 0) throw new ProblemError([...found, ...missing]);
  return given as T;
}

function unfit(message: string): Problem {
  return problem('DD168', message, { cure: TAKES });
}

function placeOf(cursor: string | undefined): number {
  const place = Number(cursor ?? 0);
  if (Number.isSafeInteger(place) && place >= 0) return place;
  throw new ProblemError([unfit('the cursor is none that was given')]);
}

function next(from: number, total: number): string | null {
  return from + ROWS < total ? String(from + ROWS) : null;
}

/** Long texts in it are cut, wherever they stand. */
function shortened(document: object): object {
  return JSON.parse(
    JSON.stringify(document, (_key, value: unknown) =>
      typeof value === 'string' && value.length > LETTERS ? `${value.slice(0, LETTERS)}…` : value,
    ),
  ) as object;
}
