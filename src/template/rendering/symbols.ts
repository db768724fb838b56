// Which name means what: every body with names of its own is a frame, and each name has a slot in the frame that it belongs to. As
// in Jinja2 this is settled before anything runs, so a name that a body sets belongs to the body from its first line on.
import {
  namesOf,
  partsOf,
  type Body,
  type ByKind,
  type Expression,
  type IfStatement,
  type Position,
  type Statement,
  type Target,
} from '../syntax/tree.ts';
import { ASKING } from '../operations/operations.ts';

/** Where a name is: so many frames up, in such a slot. */
export interface Place {
  readonly hops: number;
  readonly slot: number;
}

/** What a slot holds when its frame is entered. */
export type Load =
  | { readonly how: 'given' }
  | { readonly how: 'missing' }
  | { readonly how: 'context'; readonly name: string }
  | { readonly how: 'outer'; readonly place: Place };

/** A name that a template uses and does not give itself. */
export interface FreeName {
  readonly name: string;
  readonly at: Position;
  /** The names that are known there. */
  readonly known: readonly string[];
}

/** What is found on the way, over all frames of a template. */
export interface Findings {
  readonly free: FreeName[];
  /** Names that the template itself asks after: `is defined`, `default`. It copes without them. */
  readonly asked: Set<string>;
  /** Names that it sets anywhere. */
  readonly stored: Set<string>;
  /** Names whose values may come from outside the template. */
  readonly given: Set<string>;
}

export class Symbols {
  private slots: Map<string, number>;
  readonly loads: Map<number, Load>;
  private readonly stores: Set<string>;
  private readonly names: string[];
  private readonly findings: Findings;
  private readonly outer: Symbols | undefined;

  constructor(findings: Findings, outer?: Symbols, copied?: Symbols) {
    this.findings = findings;
    this.outer = outer;
    this.slots = new Map(copied?.slots);
    this.loads = new Map(copied?.loads);
    this.stores = new Set(copied?.stores);
    this.names = copied?.names ?? [];
  }

  inner(): Symbols {
    return new Symbols(this.findings, this);
  }

  /** How many slots a frame has. */
  get size(): number {
    return this.names.length;
  }

  find(name: string): Place | undefined {
    const slot = this.slots.get(name);
    if (slot !== undefined) return { hops: 0, slot };
    const place = this.outer?.find(name);
    return place === undefined ? undefined : up(place);
  }

  /** Every name that is set here or outside, with its place: what other templates are handed. */
  stored(): ReadonlyMap<string, Place> {
    const outer = this.outer === undefined ? [] : [...this.outer.stored().keys()];
    const places = [...this.stores, ...outer].map((name) => [name, this.find(name)] as const);
    return new Map(places.flatMap(([name, place]) => (place === undefined ? [] : [[name, place]])));
  }

  /** A name that has a value before the body begins. */
  give(name: string): number {
    this.stores.add(name);
    this.findings.stored.add(name);
    return this.define(name, { how: 'given' });
  }

  giveTarget(target: Target): void {
    for (const name of namesOf(target)) this.give(name);
  }

  store(name: string): void {
    this.stores.add(name);
    this.findings.stored.add(name);
    if (this.slots.has(name)) return;
    const place = this.outer?.find(name);
    this.define(name, place === undefined ? { how: 'missing' } : { how: 'outer', place: up(place) });
  }

  load(name: string, at: Position): void {
    if (this.find(name) !== undefined) return;
    this.findings.free.push({ name, at, known: this.known() });
    this.define(name, { how: 'context', name });
  }

  body(body: Body): void {
    for (const statement of body) NOTED[statement.kind](statement as never, this);
  }

  expression(expression: Expression): void {
    if (expression.kind === 'name') return this.load(expression.name, expression.at);
    if (
      (expression.kind === 'filter' || expression.kind === 'test') &&
      ASKING.has(expression.name) &&
      expression.of?.kind === 'name'
    )
      this.findings.asked.add(expression.of.name);
    for (const part of partsOf(expression)) this.expression(part);
  }

  private define(name: string, load: Load): number {
    const known = this.names.indexOf(name);
    const slot = known < 0 ? this.names.push(name) - 1 : known;
    this.slots.set(name, slot);
    this.fill(slot, load);
    return slot;
  }

  private known(): readonly string[] {
    const outer = this.outer === undefined ? [] : this.outer.known();
    return [...new Set([...outer, ...this.stores])];
  }

  target(target: Target): void {
    if (target.kind === 'member') this.load(target.namespace, target.at);
    if (target.kind === 'tuple') for (const item of target.items) this.target(item);
    if (target.kind === 'name') this.store(target.name);
  }

  /** A name that not every branch sets keeps what it means outside in the others. */
  branches(node: IfStatement): void {
    this.expression(node.test);
    const branches = [node.body, node.elifs, node.otherwise].map((body) => {
      const branch = new Symbols(this.findings, this.outer, this);
      branch.body(body);
      return branch;
    });
    const counts = new Map<string, number>();
    for (const branch of branches)
      for (const name of branch.stores)
        if (!this.stores.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const branch of branches) {
      for (const [name, slot] of branch.slots) this.slots.set(name, slot);
      for (const [slot, load] of branch.loads) this.loads.set(slot, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const [name, count] of counts) {
      const slot = this.slots.get(name);
      if (count === branches.length || slot === undefined) continue;
      const place = this.outer?.find(name);
      this.fill(slot, place === undefined ? { how: 'context', name } : { how: 'outer', place: up(place) });
    }
  }

  private fill(slot: number, load: Load): void {
    if (load.how === 'context') this.findings.given.add(load.name);
    this.loads.set(slot, load);
  }
}

/** What a statement does to the names around it; its inner bodies are frames of their own. */
const NOTED: ByKind<Statement, [symbols: Symbols], void> = {
  text: () => undefined,
  block: () => undefined,
  autoescape: () => undefined,
  print: ({ values }, symbols) => values.forEach((value) => symbols.expression(value)),
  if: (node, symbols) => symbols.branches(node),
  for: ({ source }, symbols) => symbols.expression(source),
  macro: ({ name }, symbols) => symbols.store(name),
  callblock: ({ call }, symbols) => symbols.expression(call),
  extends: ({ template }, symbols) => symbols.expression(template),
  include: ({ template }, symbols) => symbols.expression(template),
  import({ template, name }, symbols) {
    symbols.expression(template);
    symbols.store(name);
  },
  from({ template, names }, symbols) {
    symbols.expression(template);
    for (const [, alias] of names) symbols.store(alias);
  },
  filterblock: ({ filter }, symbols) => symbols.expression(filter),
  with: ({ values }, symbols) => values.forEach((value) => symbols.expression(value)),
  set({ target, value }, symbols) {
    symbols.expression(value);
    symbols.target(target);
  },
  setblock: ({ target }, symbols) => symbols.target(target),
};

function up({ hops, slot }: Place): Place {
  return { hops: hops + 1, slot };
}
