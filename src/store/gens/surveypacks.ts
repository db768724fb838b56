// How the facts of many generations are handed from the thread that read them to the one that asks: by what they have in common, and columns
// of the rest.
import type { Artifact, GenId, Stage } from '../../generation/stage.ts';
import type { Metadata } from './genstore.ts';
import { spelledFurther, unspelled, type Spelled } from './spellings.ts';
import {
  word,
  type AnswerFacts,
  type RawTextFacts,
  type StoredGeneration,
  type TextFacts,
} from './surveyfacts.ts';

/** What is asked of a metadata.json: what many have in common, older keys behind those of today, and what is each one's own. */
const SHARED = [
  'template_id',
  'llm_model_id',
  'mode',
  'parser_name',
  'origin_cohort_id',
  'draft_template',
  'essay_template',
  'essay_template_id',
  'evaluation_template',
  'model_id',
] as const;
const OWN = ['parent_gen_id', 'combo_id', 'replicate'] as const;

type TextShape = Omit<TextFacts, 'bytes'>;

/** What many generations have in common. */
interface Shape extends Pick<
  StoredGeneration,
  'stage' | 'whole' | 'trace' | 'parsedMetadata' | 'holdsParent' | 'leftovers' | 'unreadable' | 'inTheWay'
> {
  /** Of it `SHARED`. */
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
  /** What metadata.json says, a list for each of `OWN`. */
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
  const shapes = new Map<string, number>();
  const usual = unspelled<number>();
  const numbers = new Float64Array(generations.length * NUMBERS);
  const placeOf = (each: StoredGeneration): number => {
    const shape = JSON.stringify(shapeOfGeneration(each));
    const place = shapes.get(shape) ?? shapes.size;
    shapes.set(shape, place);
    return place;
  };
  const shapeOf = generations.map((each, row) => {
    numbers.set(numbersOf(each), row * NUMBERS);
    const spelled = spelledAsUsual(usual, each);
    return spelled === undefined ? placeOf(each) : (spelled.value ??= placeOf(each));
  });
  const text: FactsText = {
    shapes: [...shapes.keys()],
    shapeOf,
    own: OWN.map((key) => generations.map(({ metadata }) => ownOf(metadata, key))),
    digests: generations.map(({ texts }) => texts.raw?.digest ?? null),
  };
  return { text: JSON.stringify(text), numbers };
}

/** Most are in order, and only names tell their shapes apart. Undefined for any other. */
function spelledAsUsual<T>(usual: Spelled<T>, each: StoredGeneration): Spelled<T> | undefined {
  const { metadata, trace, texts } = each;
  if (!each.whole || typeof metadata !== 'object' || typeof trace !== 'object') return undefined;
  if (trace.failure !== undefined || typeof trace.provider !== 'string') return undefined;
  const isAsWritten =
    texts.prompt?.changed === false && texts.raw?.changed === false && texts.parsed?.changed === false;
  if (!isAsWritten || each.holdsParent !== undefined) return undefined;
  if (each.leftovers.length > 0 || each.unreadable.length > 0) return undefined;
  let spelled = spelledFurther(spelledFurther(usual, each.stage), trace.provider);
  for (const key of SHARED) {
    const value = metadata[key];
    if (value !== undefined && typeof value !== 'string') return undefined;
    spelled = spelledFurther(spelled, value);
  }
  return spelled;
}

function ownOf(metadata: StoredGeneration['metadata'], key: (typeof OWN)[number]): unknown {
  return typeof metadata === 'object' ? metadata[key] : undefined;
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
  const { metadata, answer, texts } = each;
  return {
    stage: each.stage,
    metadata: typeof metadata === 'object' ? few(metadata) : metadata,
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

/** The number of a generation; -1 for one that has none. */
export type Numbering = (stage: Stage, genId: GenId) => number;

/** The generations of `packFacts`, in its order. */
export function unpackFacts(
  generations: readonly Pick<StoredGeneration, 'stage' | 'genId'>[],
  { text, numbers }: PackedFacts,
  rowOf: Numbering = () => -1,
): readonly StoredGeneration[] {
  const facts = JSON.parse(text) as FactsText;
  const shapes = facts.shapes.map((each) => JSON.parse(each) as Shape);
  const [parents = [], combos = [], replicates = []] = facts.own;
  const columns = { facts, numbers, parents, combos, replicates };
  return generations.flatMap(({ stage, genId }, place) => {
    const shape = shapes[facts.shapeOf[place] ?? -1];
    const row = rowOf(stage, genId);
    return shape === undefined ? [] : [new Unpacked({ stage, genId, row }, shape, columns, place)];
  });
}

interface Columns {
  readonly facts: FactsText;
  readonly numbers: Float64Array;
  readonly parents: readonly unknown[];
  readonly combos: readonly unknown[];
  readonly replicates: readonly unknown[];
}

/** A row of what was handed over: what is not asked for is not made into objects. */
class Unpacked implements StoredGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly row: number;
  readonly #shape: Shape;
  readonly #columns: Columns;
  readonly #place: number;

  constructor(
    { stage, genId, row }: Pick<StoredGeneration, 'stage' | 'genId' | 'row'>,
    shape: Shape,
    columns: Columns,
    place: number,
  ) {
    this.stage = stage;
    this.genId = genId;
    this.row = row;
    this.#shape = shape;
    this.#columns = columns;
    this.#place = place;
  }

  get kind(): object {
    return this.#shape;
  }

  get metadata(): StoredGeneration['metadata'] {
    const { metadata } = this.#shape;
    if (typeof metadata !== 'object') return metadata;
    const { parents, combos, replicates } = this.#columns;
    // Written out, since Node takes ten times longer to spread one object into another.
    return {
      template_id: metadata['template_id'],
      llm_model_id: metadata['llm_model_id'],
      mode: metadata['mode'],
      parser_name: metadata['parser_name'],
      origin_cohort_id: metadata['origin_cohort_id'],
      draft_template: metadata['draft_template'],
      essay_template: metadata['essay_template'],
      essay_template_id: metadata['essay_template_id'],
      evaluation_template: metadata['evaluation_template'],
      model_id: metadata['model_id'],
      parent_gen_id: parents[this.#place] ?? undefined,
      combo_id: combos[this.#place] ?? undefined,
      replicate: replicates[this.#place] ?? undefined,
    };
  }

  get parentId(): GenId | undefined {
    return this.stage === 'draft' ? undefined : word(this.#columns.parents[this.#place]);
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

  #number(name: keyof typeof NUMBER): number | undefined {
    const value = this.#columns.numbers[this.#place * NUMBERS + NUMBER[name]];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  #text(name: Artifact, { blank, changed, torn }: TextShape): TextFacts {
    return { bytes: this.#number(name) ?? 0, blank, changed, torn };
  }

  #rawText({ blank, changed, torn }: TextShape): RawTextFacts {
    return {
      bytes: this.#number('raw') ?? 0,
      blank,
      changed,
      torn,
      digest: this.#columns.facts.digests[this.#place] ?? '',
      length: this.#number('length') ?? 0,
      lines: this.#number('lines') ?? 0,
    };
  }
}
