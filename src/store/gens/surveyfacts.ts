// What doctor knows of a generation that was read, and how the facts of many are handed from the thread that read them to the one that
// asks: by what they have in common, and columns of the rest. Reads nothing.
import type { Artifact, GenId, Stage } from '../../generation/stage.ts';
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
  /** What was handed over is without its trace; and of one that agrees only `SHARED` and `OWN`, since there are many of them. */
  readonly metadata: Metadata | 'damaged' | undefined;
  /** Whether the coordinates in it give the id. */
  readonly agrees: boolean;
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

/** What is asked of the metadata.json of a generation that is who it says: what many have in common, and what is each one's own. */
const SHARED = ['template_id', 'llm_model_id', 'mode', 'parser_name', 'origin_cohort_id'] as const;
const OWN = ['parent_gen_id', 'combo_id', 'replicate'] as const;

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

type TextShape = Omit<TextFacts, 'bytes'>;

/** What many generations have in common. */
interface Shape extends Pick<
  StoredGeneration,
  'agrees' | 'whole' | 'trace' | 'parsedMetadata' | 'holdsParent' | 'leftovers' | 'unreadable' | 'inTheWay'
> {
  /** Without `OWN` where it agrees. */
  readonly metadata: StoredGeneration['metadata'];
  readonly answer: 'damaged' | { readonly truncated: boolean } | undefined;
  readonly prompt: TextShape | undefined;
  readonly raw: TextShape | undefined;
  readonly parsed: TextShape | undefined;
}

/** As it is handed over: as objects, a dozen a generation, facts would take longer than to read the files. */
export interface PackedFacts {
  /** `FactsText` as JSON. */
  readonly text: string;
  /** NUMBERS a row; NaN where there is none. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

interface FactsText {
  /** JSON of each `Shape` that occurs. */
  readonly shapes: readonly string[];
  /** By row, and so are those that follow. */
  readonly shapeOf: readonly number[];
  /** What metadata.json says of each of `OWN`. */
  readonly own: readonly (readonly unknown[])[];
  /** Of what was answered. */
  readonly digests: readonly (string | null)[];
}

const NUMBER = {
  bytes: 0,
  prompt: 1,
  raw: 2,
  parsed: 3,
  length: 4,
  lines: 5,
  cost: 6,
  answered: 7,
  score: 8,
} as const;
const NUMBERS = Object.keys(NUMBER).length;

export function packFacts(generations: readonly StoredGeneration[]): PackedFacts {
  const places = new Map<string, number>();
  const numbers = new Float64Array(generations.length * NUMBERS);
  const shapeOf = generations.map((each, row) => {
    numbers.set(numbersOf(each), row * NUMBERS);
    const shape = JSON.stringify(shapeOfGeneration(each));
    const place = places.get(shape) ?? places.size;
    places.set(shape, place);
    return place;
  });
  const text: FactsText = {
    shapes: [...places.keys()],
    shapeOf,
    own: generations.map(({ metadata }) => ownOf(metadata)),
    digests: generations.map(({ texts }) => texts.raw?.digest ?? null),
  };
  return { text: JSON.stringify(text), numbers };
}

function ownOf(metadata: StoredGeneration['metadata']): readonly unknown[] {
  return typeof metadata === 'object' ? OWN.map((key) => metadata[key]) : [];
}

function numbersOf({ bytes, texts, answer, score }: StoredGeneration): readonly number[] {
  const { prompt, raw, parsed } = texts;
  const { cost, length } = typeof answer === 'object' ? answer : NO_ANSWER;
  const none = Number.NaN;
  return [
    bytes,
    prompt?.bytes ?? none,
    raw?.bytes ?? none,
    parsed?.bytes ?? none,
    raw?.length ?? none,
    raw?.lines ?? none,
    cost ?? none,
    length ?? none,
    score ?? none,
  ];
}

const NO_ANSWER: Partial<AnswerFacts> = {};

function shapeOfGeneration(each: StoredGeneration): Shape {
  const { metadata, agrees, answer, texts } = each;
  return {
    metadata: typeof metadata !== 'object' ? metadata : agrees ? few(metadata) : withoutTrace(metadata),
    agrees,
    whole: each.whole,
    trace: each.trace,
    answer: typeof answer === 'object' ? { truncated: answer.truncated } : answer,
    parsedMetadata: each.parsedMetadata,
    prompt: textShape(texts.prompt),
    raw: textShape(texts.raw),
    parsed: textShape(texts.parsed),
    holdsParent: each.holdsParent,
    leftovers: each.leftovers,
    unreadable: each.unreadable,
    inTheWay: each.inTheWay,
  };
}

function textShape(text: TextFacts | undefined): TextShape | undefined {
  return text && { blank: text.blank, changed: text.changed, torn: text.torn };
}

function few(metadata: Metadata): Metadata {
  const kept: Record<string, unknown> = {};
  for (const key of SHARED) kept[key] = metadata[key];
  return kept;
}

function withoutTrace({ trace: _trace, ...metadata }: Metadata): Metadata {
  return metadata;
}

/** The generations of `packFacts`, in its order. */
export function unpackFacts(
  generations: readonly Pick<StoredGeneration, 'stage' | 'genId'>[],
  { text, numbers }: PackedFacts,
): readonly StoredGeneration[] {
  const rows = JSON.parse(text) as FactsText;
  const shapes = rows.shapes.map((each) => JSON.parse(each) as Shape);
  return generations.flatMap(({ stage, genId }, place) => {
    const shape = shapes[rows.shapeOf[place] ?? -1];
    return shape === undefined ? [] : [new Unpacked(stage, genId, shape, { rows, numbers, place })];
  });
}

interface Row {
  readonly rows: FactsText;
  readonly numbers: Float64Array;
  readonly place: number;
}

/** A row of what was handed over: what is not asked for is not made into objects. */
class Unpacked implements StoredGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly #shape: Shape;
  readonly #row: Row;

  constructor(stage: Stage, genId: GenId, shape: Shape, row: Row) {
    this.stage = stage;
    this.genId = genId;
    this.#shape = shape;
    this.#row = row;
  }

  get metadata(): StoredGeneration['metadata'] {
    const { metadata, agrees } = this.#shape;
    if (typeof metadata !== 'object' || !agrees) return metadata;
    const own = this.#own();
    // Written out, since Node takes ten times longer to spread one object into another.
    return {
      template_id: metadata['template_id'],
      llm_model_id: metadata['llm_model_id'],
      mode: metadata['mode'],
      parser_name: metadata['parser_name'],
      origin_cohort_id: metadata['origin_cohort_id'],
      parent_gen_id: own[0] ?? undefined,
      combo_id: own[1] ?? undefined,
      replicate: own[2] ?? undefined,
    };
  }

  get parentId(): GenId | undefined {
    return this.stage === 'draft' ? undefined : word(this.#own()[0]);
  }

  get answer(): StoredGeneration['answer'] {
    const { answer } = this.#shape;
    if (typeof answer !== 'object') return answer;
    return { cost: this.#number('cost'), length: this.#number('answered'), truncated: answer.truncated };
  }

  get texts(): StoredGeneration['texts'] {
    const { prompt, raw, parsed } = this.#shape;
    return {
      prompt: prompt && this.#text('prompt', prompt),
      raw: raw && this.#rawText(raw),
      parsed: parsed && this.#text('parsed', parsed),
    };
  }

  get score(): number | undefined {
    return this.#number('score');
  }

  get bytes(): number {
    return this.#number('bytes') ?? 0;
  }

  get agrees(): boolean {
    return this.#shape.agrees;
  }

  get whole(): boolean {
    return this.#shape.whole;
  }

  get trace(): StoredGeneration['trace'] {
    return this.#shape.trace;
  }

  get parsedMetadata(): StoredGeneration['parsedMetadata'] {
    return this.#shape.parsedMetadata;
  }

  get holdsParent(): boolean | undefined {
    return this.#shape.holdsParent;
  }

  get leftovers(): readonly string[] {
    return this.#shape.leftovers;
  }

  get unreadable(): readonly string[] {
    return this.#shape.unreadable;
  }

  get inTheWay(): readonly string[] {
    return this.#shape.inTheWay;
  }

  #own(): readonly unknown[] {
    return this.#row.rows.own[this.#row.place] ?? [];
  }

  #number(name: keyof typeof NUMBER): number | undefined {
    const { numbers, place } = this.#row;
    const value = numbers[place * NUMBERS + NUMBER[name]];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  #text(name: Artifact, { blank, changed, torn }: TextShape): TextFacts {
    return { bytes: this.#number(name) ?? 0, blank, changed, torn };
  }

  #rawText({ blank, changed, torn }: TextShape): RawTextFacts {
    const { rows, place } = this.#row;
    return {
      bytes: this.#number('raw') ?? 0,
      blank,
      changed,
      torn,
      digest: rows.digests[place] ?? '',
      length: this.#number('length') ?? 0,
      lines: this.#number('lines') ?? 0,
    };
  }
}

/** Undefined where there is no word. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
