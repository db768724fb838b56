// A few fields of every metadata.json, remembered by the file's stamp in `.daydream/fields.bin`: a cache and nothing more. Knows nothing of
// what the fields are for.
import { readColumns, writeColumns, type Column } from '../columns.ts';
import { FILE } from '../layout.ts';
import { FILES, OLD_MS, UNKNOWN, type GenIndex } from './genindex.ts';

const VERSION = 1;
/** With fewer files read the cache is not written again. */
const WORTH_WRITING = 1000;

type Fields = Readonly<Record<string, unknown>>;

interface Header {
  readonly structureKey: string;
  readonly names: readonly string[];
  /** JSON of each value that occurs; the first stands for none. */
  readonly values: readonly string[];
}

export interface FieldsOptions {
  /** Of the cache. */
  readonly path: string;
  /** Of the graph whose rows the index has. */
  readonly structureKey: string;
  /** Which fields; a cache of others is not used. */
  readonly names: readonly string[];
  readonly now: number;
}

export class MetadataFields {
  readonly #index: GenIndex;
  readonly #options: FieldsOptions;
  readonly #values: string[];
  readonly #numbers = new Map<string, number>();
  readonly #parsed: unknown[] = [];
  /** Numbers of values, as many a row as there are names. */
  readonly #fields: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #mtimes: Float64Array;
  readonly #inodes: Uint32Array;
  readonly #viewOf: (row: number) => Fields;
  #learned = 0;

  /** `index`: as the store is now, its stamps just looked at. */
  constructor(index: GenIndex, options: FieldsOptions) {
    this.#index = index;
    this.#options = options;
    const kept = keptFields(options);
    const column = <T extends Column>(name: string, length: number, type: new (length: number) => T): T => {
      const found = kept?.columns.get(name);
      return found instanceof type && found.length === length ? found : new type(length);
    };
    this.#values = [...(kept?.header.values ?? [''])];
    for (const [number, value] of this.#values.entries()) this.#numbers.set(value, number);
    this.#fields = column('fields', index.size * options.names.length, Uint32Array);
    this.#sizes = column('sizes', index.size, Uint32Array);
    this.#mtimes = column('mtimes', index.size, Float64Array);
    this.#inodes = column('inodes', index.size, Uint32Array);
    const { names } = options;
    this.#viewOf = viewsOf(names, (row, at) => this.#valueOf(this.#fields[row * names.length + at] ?? 0));
  }

  /** Those of the fields that are there; undefined where the file is not known as it is now. */
  of(row: number): Fields | undefined {
    const place = row * FILES + FILE.metadata;
    const { sizes, mtimes, inodes } = this.#index;
    const mtime = mtimes[place];
    if (mtime === UNKNOWN || mtime === 0 || mtime !== this.#mtimes[row]) return undefined;
    if (sizes[place] !== this.#sizes[row] || inodes[place] !== this.#inodes[row]) return undefined;
    return this.#viewOf(row);
  }

  #valueOf(number: number): unknown {
    if (number === 0) return undefined;
    if (!(number in this.#parsed)) this.#parsed[number] = JSON.parse(this.#values[number] ?? 'null');
    return this.#parsed[number];
  }

  /** Remembers what the file of a row says. */
  learn(row: number, metadata: Fields): void {
    const place = row * FILES + FILE.metadata;
    const mtime = this.#index.mtimes[place] ?? UNKNOWN;
    if (mtime === UNKNOWN || mtime > this.#options.now - OLD_MS) return;
    const { names } = this.#options;
    for (const [at, name] of names.entries()) {
      const value = metadata[name];
      this.#fields[row * names.length + at] = value === undefined ? 0 : this.#numberOf(JSON.stringify(value));
    }
    this.#mtimes[row] = mtime;
    this.#sizes[row] = this.#index.sizes[place] ?? 0;
    this.#inodes[row] = this.#index.inodes[place] ?? 0;
    this.#learned++;
  }

  #numberOf(value: string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#values.length);
    return this.#values.push(value) - 1;
  }

  /** Writes what was learned, if it is worth it. Where nothing can be written, the files are read again the next time. */
  save(): void {
    if (this.#learned < WORTH_WRITING) return;
    this.#learned = 0;
    const { path, structureKey, names } = this.#options;
    const header: Header = { structureKey, names, values: this.#values };
    const columns = new Map<string, Column>();
    columns.set('fields', this.#fields);
    columns.set('sizes', this.#sizes);
    columns.set('mtimes', this.#mtimes);
    columns.set('inodes', this.#inodes);
    try {
      writeColumns(path, VERSION, header, columns);
    } catch {
      // A cache and nothing more.
    }
  }
}

const ROW = Symbol('row');

/** A row as an object whose fields are looked up when they are asked for: mostly few of them are. */
function viewsOf(
  names: readonly string[],
  valueAt: (row: number, at: number) => unknown,
): (row: number) => Fields {
  class View {
    readonly [name: string]: unknown;
    readonly [ROW]: number;

    constructor(row: number) {
      this[ROW] = row;
    }
  }
  for (const [at, name] of names.entries())
    Object.defineProperty(View.prototype, name, {
      get(this: View) {
        return valueAt(this[ROW], at);
      },
    });
  return (row) => new View(row);
}

function keptFields({ path, structureKey, names }: FieldsOptions): ReturnType<typeof readColumns<Header>> {
  const kept = readColumns<Header>(path, VERSION);
  const same = kept?.header.structureKey === structureKey && kept.header.names.join() === names.join();
  return same ? kept : undefined;
}
