// What doctor knows of a generation that was read. Reads nothing.
import type { GenId, Stage } from '../../generation/stage.ts';
import type { Failure } from '../../generation/trace.ts';
import type { Metadata } from './genstore.ts';

/** One artifact as it lies there. */
export interface TextFacts {
  readonly bytes: number;
  readonly blank: boolean;
  /** Whether it is other than its step left it; undefined where no trace says. */
  readonly changed: boolean | undefined;
  /** Bytes that no text holds: what a crash or a broken disk leaves. */
  readonly torn: 'not UTF-8' | 'holds NUL bytes' | undefined;
}

/** What was answered is counted too. */
export interface RawTextFacts extends TextFacts {
  /** Of the text, with every line end read as LF. */
  readonly digest: string;
  /** Unicode code points. */
  readonly length: number;
  /** That hold more than blanks, of as many as its stage needs. */
  readonly lines: number;
}

export interface TraceFacts {
  readonly provider: string | undefined;
  readonly cutOff: boolean;
  readonly failure: Failure['kind'] | undefined;
}

/** What raw_metadata.json says. */
export interface AnswerFacts {
  /** USD as the provider counted them. */
  readonly cost: number | undefined;
  /** Code points that were written. */
  readonly length: number | undefined;
  readonly truncated: boolean;
}

export interface StoredGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  /** The same object for generations of one stage whose metadata and trace say the same but for who their parents are. */
  readonly kind: object;
  /** As who asked for the survey numbers generations; -1 for one that has no number there. */
  readonly row: number;
  /** Of what another thread read only the fields that are asked for, since there are many of them. */
  readonly metadata: Metadata | 'damaged' | undefined;
  readonly trace: TraceFacts | 'newer' | undefined;
  readonly answer: AnswerFacts | 'damaged' | undefined;
  readonly parsedMetadata: 'present' | 'damaged' | undefined;
  readonly texts: {
    readonly prompt: TextFacts | undefined;
    readonly raw: RawTextFacts | undefined;
    readonly parsed: TextFacts | undefined;
  };
  /** Whether all its files are there, JSON and texts as they were written, with something in each, and the answer is not cut off. */
  readonly whole: boolean;
  /** Of an evaluation: a finite number. */
  readonly score: number | undefined;
  /** Its parent by metadata.json; undefined for drafts, and where none is named. */
  readonly parentId: GenId | undefined;
  /** Whether prompt.txt holds that parent's parsed text; undefined where one of the two is not there, and where a trace says more. */
  readonly holdsParent: boolean | undefined;
  /** Of all that lies in its folder. */
  readonly bytes: number;
  /** Names in it that a crash left. */
  readonly leftovers: readonly string[];
  /** Paths that may not be read, the folder itself or files in it, relative to the data root: then nothing else here is to be believed. */
  readonly unreadable: readonly string[];
  /** Names of files in it under which something else stands: a folder, a pipe. */
  readonly inTheWay: readonly string[];
}

type Seen = Pick<StoredGeneration, 'metadata' | 'trace' | 'answer' | 'parsedMetadata' | 'texts' | 'inTheWay'>;

export function isWhole({ metadata, trace, answer, parsedMetadata, texts, inTheWay }: Seen): boolean {
  const { prompt, raw, parsed } = texts;
  if (prompt === undefined || raw === undefined || parsed === undefined) return false;
  if (typeof metadata !== 'object' || typeof answer !== 'object' || parsedMetadata !== 'present')
    return false;
  if (prompt.blank || raw.blank || parsed.blank) return false;
  const isTorn = prompt.torn !== undefined || raw.torn !== undefined || parsed.torn !== undefined;
  const isCutOff = answer.truncated || (typeof trace === 'object' && trace.cutOff);
  return !isTorn && !isCutOff && raw.length >= (answer.length ?? 0) && inTheWay.length === 0;
}

/** Undefined where there is no word. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
