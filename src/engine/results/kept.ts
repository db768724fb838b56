// What was reckoned from a whole data root, kept in `.daydream/results/` until any of its inputs differs: a cache and nothing more. Knows
// nothing of what was reckoned.
import { hash, createHash } from 'node:crypto';
import { statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { GenReader } from '../../scores/rows.ts';
import { type Column, readColumns, writeColumns } from '../../store/columns.ts';
import { ABSENT, type GenIndex, OLD_MS, UNKNOWN } from '../../store/gens/genindex.ts';
import { readRatings } from '../../store/ledger/ratings.ts';
import { isMissing, namesIfPresent } from '../../store/writing/atomic.ts';
import { PROGRAM } from '../../version.ts';
import type { Session } from '../project/session.ts';
import { rememberingReader } from './reports.ts';

const VERSION = 1;
/** Bytes of one result; a longer one is reckoned again each time. */
const LONGEST = 16_000_000;
/** Results that are kept: one for each question that was asked of the data root, the latest ones. */
const MOST = 12;
/** Of fewer generations all is reckoned in no time. */
export const WORTH_KEEPING = 1000;

/** Whatever a result can depend on, other than the question: results of other inputs are never handed out. */
export class KeptResults {
  readonly #session: Session;
  readonly #states: Uint8Array;
  readonly #worth: number;
  #inputs: string | undefined | 'unknown' = 'unknown';
  #outside = false;

  /** `states`: of the generations, by row, as they were judged just now. `worth`: the size of a root for which results are kept. */
  constructor(session: Session, states: Uint8Array, worth = WORTH_KEEPING) {
    this.#session = session;
    this.#states = states;
    this.#worth = worth;
  }

  /** To read the store for what is kept here: it notices what no stamp tells of. */
  reader(): GenReader {
    return rememberingReader(this.#session, () => (this.#outside = true));
  }

  /**
   * The answer to a question: the kept one if it was reckoned from the very same inputs by the same program, else what `make` says, which
   * is kept. `question`: JSON of all that `make` depends on beside the session. `holds`: whether a kept answer is still good.
   */
  async of<T>(
    question: unknown,
    make: () => T | Promise<T>,
    holds: (kept: T) => boolean = () => true,
  ): Promise<T> {
    const inputs = this.#inputsKey();
    const asked = hash('sha256', JSON.stringify(question), 'hex');
    const path = join(this.#session.loaded.layout.state, FOLDER, `${asked.slice(0, 16)}.bin`);
    const key = `${asked} ${inputs ?? ''}`;
    const kept = inputs === undefined ? undefined : readKept<T>(path, key);
    if (kept !== undefined && holds(kept.value)) return kept.value;
    const value = await make();
    // Texts that no cohort has are not in the index: whether they change nobody would notice.
    if (inputs !== undefined && !this.#outside) keep(path, key, value);
    return value;
  }

  /** Undefined where something is too young to be told from what it may be a moment later. */
  #inputsKey(): string | undefined {
    if (this.#session.index.size < this.#worth) return undefined;
    if (this.#inputs === 'unknown') this.#inputs = inputsKey(this.#session, this.#states);
    return this.#inputs;
  }
}

const FOLDER = 'results';

function inputsKey({ options, loaded, index }: Session, states: Uint8Array): string | undefined {
  const { layout, header, settings } = loaded;
  const ledger = stampOf(layout.ledger);
  const young = options.now() - OLD_MS;
  if (isYoung(index, young) || (ledger?.mtimeMs ?? 0) > young) return undefined;
  const sum = createHash('sha256');
  const { columns, names } = index.contents();
  sum.update(
    JSON.stringify([
      [PROGRAM, process.version, layout.dataRoot],
      [header, settings],
      ledger?.words ?? '',
      names,
      readRatings(layout),
    ]),
  );
  for (const column of columns.values()) sum.update(bytesOf(column));
  sum.update(states);
  return sum.digest('hex');
}

/** Whether a file of the store may change once more without another stamp, or did so while it was read. */
function isYoung({ mtimes, sizes }: GenIndex, young: number): boolean {
  for (let place = 0; place < mtimes.length; place++) {
    const mtime = mtimes[place] ?? 0;
    if (sizes[place] !== ABSENT && (mtime === UNKNOWN || mtime > young)) return true;
  }
  return false;
}

/** The time of the last change of any kind is among it: nobody can set that back. */
function stampOf(path: string): { readonly words: string; readonly mtimeMs: number } | undefined {
  try {
    const { size, ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return { words: [size, ino, mtimeNs, ctimeNs].join(' '), mtimeMs: Number(ctimeNs / 1_000_000n) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Column): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Undefined where there is none of these inputs, or it is damaged. */
function readKept<T>(path: string, key: string): { readonly value: T } | undefined {
  const file = readColumns<{ readonly key: string }>(path, VERSION);
  const value = file?.columns.get('value');
  if (file?.header.key !== key || !(value instanceof Uint8Array)) return undefined;
  try {
    return { value: deserialize(Buffer.from(value)) as T };
  } catch {
    return undefined;
  }
}

/** Where nothing can be written, it is reckoned again the next time. */
function keep(path: string, key: string, value: unknown): void {
  const bytes = serialize(value);
  if (bytes.byteLength > LONGEST) return;
  const folder = join(path, '..');
  try {
    writeColumns(path, VERSION, { key }, new Map([['value', new Uint8Array(bytes)]]));
    const files = namesIfPresent(folder).map((name) => join(folder, name));
    const aged = files
      .map((file) => ({ file, written: statSync(file).mtimeMs }))
      .sort((a, b) => b.written - a.written);
    for (const { file } of aged.slice(MOST)) unlinkSync(file);
  } catch {
    // A cache and nothing more.
  }
}
