// Names at work: the values of a frame's slots, and the context, which is what a template is given and what its top level sets.
import { MISSING, type Thing } from '../values/kinds.ts';
import type { Escaping, Run } from '../values/run.ts';
import type { Place, Symbols } from './symbols.ts';

/** What a block of a template does. */
export type BlockCode = (context: Context, run: Run) => void;

/** A template ready to run. */
export interface Code {
  readonly name: string;
  readonly root: (context: Context, run: Run) => void;
  readonly blocks: ReadonlyMap<string, BlockCode>;
}

/** The templates that can be loaded in one rendering, by name, and the modules that were made of them. */
export interface Library {
  readonly codes: ReadonlyMap<string, Code>;
  readonly globals: ReadonlyMap<string, unknown>;
  readonly modules: Map<string, Thing>;
}

export class Context {
  readonly library: Library;
  /** What the top level has set. */
  readonly vars = new Map<string, unknown>();
  /** What of it other templates may import. */
  readonly exported = new Set<string>();
  /** By name; the ones of templates that extend others come first. */
  readonly blocks: Map<string, BlockCode[]>;
  readonly escaping: Escaping;
  private readonly given: ReadonlyMap<string, unknown>;

  constructor(
    library: Library,
    given: ReadonlyMap<string, unknown>,
    blocks: Iterable<readonly [string, readonly BlockCode[]]>,
    escaping: Escaping = { on: () => false },
  ) {
    this.library = library;
    this.escaping = escaping;
    this.given = given;
    this.blocks = new Map([...blocks].map(([name, stack]) => [name, [...stack]]));
  }

  resolve(name: string): unknown {
    if (this.vars.has(name)) return this.vars.get(name);
    return this.given.has(name) ? this.given.get(name) : MISSING;
  }

  all(): ReadonlyMap<string, unknown> {
    return new Map([...this.given, ...this.vars]);
  }

  /** For a block that is handed the names around it. */
  derived(names: ReadonlyMap<string, unknown>): Context {
    return new Context(this.library, new Map([...this.all(), ...names]), this.blocks, this.escaping);
  }
}

/** The blocks of a template alone. */
export function stacksOf({ blocks }: Code): Iterable<readonly [string, readonly BlockCode[]]> {
  return [...blocks].map(([name, block]) => [name, [block]] as const);
}

/** One run of a template's top level or of a block. */
export interface Activation {
  readonly context: Context;
  /** What the template extends, once it has said so. */
  parent: Code | undefined;
}

export interface Scope {
  readonly slots: unknown[];
  readonly outer: Scope | undefined;
  readonly activation: Activation;
}

/** The values of a frame as it is entered. */
export function enter({ symbols }: { readonly symbols: Symbols }, outer: Scope): Scope {
  return enterWith(symbols, outer.activation, outer);
}

export function enterWith(symbols: Symbols, activation: Activation, outer?: Scope): Scope {
  const scope: Scope = {
    slots: Array.from({ length: symbols.size }, (): unknown => MISSING),
    outer,
    activation,
  };
  for (const [slot, load] of symbols.loads) {
    if (load.how === 'context') scope.slots[slot] = activation.context.resolve(load.name);
    else if (load.how === 'outer') scope.slots[slot] = valueAt(scope, load.place);
  }
  return scope;
}

export function valueAt(scope: Scope, { hops, slot }: Place): unknown {
  return holderOf(scope, hops).slots[slot];
}

export function setValueAt(scope: Scope, { hops, slot }: Place, value: unknown): void {
  holderOf(scope, hops).slots[slot] = value;
}

function holderOf(scope: Scope, hops: number): Scope {
  let holder = scope;
  for (let up = 0; up < hops; up += 1) holder = holder.outer ?? holder;
  return holder;
}

/** The names that have a value, for templates and blocks that are handed them. */
export function valuesOf(scope: Scope, names: ReadonlyMap<string, Place>): ReadonlyMap<string, unknown> {
  return new Map(
    [...names]
      .map(([name, place]) => [name, valueAt(scope, place)] as const)
      .filter(([, value]) => value !== MISSING),
  );
}
