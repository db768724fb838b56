// What the generations that a run covered were when it ended: a head, then one JSON line a generation. Written once and never changed,
// so that later builds change nothing of it. Knows no graph and no statistics.
import { join } from 'node:path';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { readIfPresent, writeDurable } from '../writing/atomic.ts';
import type { Layout } from '../layout.ts';

const MADE_VERSION = 1;

export interface MadeHead {
  readonly run: string;
  /** Cohorts that the lines count in. */
  readonly cohorts: readonly string[];
  /** Templates, combos and models by name, such as `draft template rolling-thread`, with what decides their results. */
  readonly inputs: Readonly<Record<string, string>>;
}

export interface MadeLine {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly state: string;
  /** Places in the head's cohorts. */
  readonly in: readonly number[];
  /** The digest of parsed.txt; null where there was none. */
  readonly text: string | null;
  /** Where the files of its folder are kept, by name; absent where only digests were. */
  readonly files?: Readonly<Record<string, string>>;
  /** Calls for it by then, and their cost in USD, as the ledger has them; absent where there were none. */
  readonly calls?: number;
  readonly cost?: number;
  /** Of how many of these nobody knows what they cost; absent for none. */
  readonly unknown?: number;
  /** Of an evaluation: its row of the score tables. */
  readonly score?: Readonly<Record<string, unknown>>;
}

export interface Made {
  readonly head: MadeHead;
  readonly lines: readonly MadeLine[];
}

export async function writeMade(layout: Layout, { head, lines }: Made): Promise<void> {
  const all = [{ version: MADE_VERSION, type: 'made', ...head }, ...lines];
  await writeDurable(pathOf(layout, head.run), all.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

/** Undefined where the run kept nothing, `damaged` where it can not be read. */
export function readMade(layout: Layout, run: string): Made | 'damaged' | undefined {
  const bytes = readIfPresent(pathOf(layout, run));
  if (bytes === undefined) return undefined;
  try {
    const [head, ...lines] = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
    return isHead(head) && lines.every(isLine) ? { head, lines: lines as MadeLine[] } : 'damaged';
  } catch {
    return 'damaged';
  }
}

function isHead(value: unknown): value is MadeHead {
  const { version, cohorts, inputs } = (value ?? {}) as Partial<MadeHead> & { version?: unknown };
  return version === MADE_VERSION && Array.isArray(cohorts) && typeof inputs === 'object';
}

/** Names become paths: none may lead elsewhere. */
function isLine(value: unknown): value is MadeLine {
  const line = (value ?? {}) as Partial<MadeLine>;
  return (
    STAGES.some((stage) => stage === line.stage) &&
    typeof line.genId === 'string' &&
    isName(line.genId) &&
    Array.isArray(line.in) &&
    Object.keys(line.files ?? {}).every(isName)
  );
}

function isName(text: string): boolean {
  return text !== '' && !text.startsWith('.') && !/[\\/\0]/.test(text);
}

function pathOf({ runs }: Layout, run: string): string {
  return join(runs, `${run}.made.jsonl`);
}
