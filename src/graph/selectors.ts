// The selector language: words such as `template:creative-*,state:stale` and `1+e_…` to rows. A space is a union, a comma an
// intersection; a name that holds either, or a `+`, stands in quotes: `cohort:"my cohort"`. Knows no catalog and no verdict: states come
// in as words.
import { problem, type Loaded, type Problem } from '../problem.ts';
import { beginningSo, didYouMean, nearest, onlyBeginning } from '../text/nearest.ts';
import { at, type Graph } from './graph.ts';
import { globMatches, isGlob } from '../text/glob.ts';
import { splitOutsideQuotes } from '../text/quotes.ts';
import { methodsOf, type Method, type SelectionContext } from './selectormethods.ts';

/** One `method:value`, with how many levels above and below it are added; infinite for all of them. */
export interface Term {
  readonly text: string;
  /** `gen` for a bare word. */
  readonly method: string;
  readonly bare: boolean;
  readonly value: string;
  /** It stood in quotes: a name to the letter, no pattern. */
  readonly literal: boolean;
  readonly above: number;
  readonly below: number;
}

/** A union of intersections. */
export type Selection = readonly (readonly Term[])[];

/** Reads words as they come from a command line; a word may hold several, separated by white space. */
export function parseSelectors(words: readonly string[]): Loaded<Selection> {
  const problems: Problem[] = [];
  const value: (readonly Term[])[] = [];
  for (const word of words) {
    // An unset shell variable must not turn "this one" into "everything".
    if (word.trim() === '') problems.push(unreadable(word, 'An empty selector selects nothing'));
    for (const each of splitOutsideQuotes(word, /\s+/).filter((part) => part !== '')) {
      value.push(splitOutsideQuotes(each, /,/).flatMap((text) => parseTerm(text, each, problems)));
    }
  }
  return { value, problems };
}

function parseTerm(text: string, word: string, problems: Problem[]): readonly Term[] {
  const [, before, middle = '', after] = /^(?:(\d*)\+)?(.*?)(?:\+(\d*))?$/su.exec(text) ?? [];
  const colon = middle.indexOf(':');
  const method = colon < 0 ? 'gen' : middle.slice(0, colon);
  const written = middle.slice(colon + 1);
  const quoted = /^"([^"]*)"$/u.exec(written)?.[1];
  const value = quoted ?? written;
  if (text === '') problems.push(unreadable(word, `Selector "${word}" has a comma with nothing on one side`));
  else if (value === '') problems.push(unreadable(word, `Selector "${text}" names nothing`));
  else {
    const literal = quoted !== undefined;
    return [{ text, method, bare: colon < 0, value, literal, above: depth(before), below: depth(after) }];
  }
  return [];
}

/** `+` alone has no limit. */
function depth(digits: string | undefined): number {
  if (digits === undefined) return 0;
  return digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
}

function unreadable(word: string, message: string): Problem {
  return problem('DD108', message, { reason: 'selector_malformed', data: { selector: word } });
}

export interface Selected {
  /** Empty: every row. */
  readonly include: Selection;
  readonly exclude: Selection;
}

/** 1 for a selected row. A name that nothing bears is a problem on either side, and so is a selection that leaves no row. */
export function selectRows({ include, exclude }: Selected, context: SelectionContext): Loaded<Uint8Array> {
  const { graph } = context;
  const problems: Problem[] = [];
  const methods = methodsOf(context);
  const union = (selection: Selection): Uint8Array => {
    const rows = new Uint8Array(graph.size);
    for (const terms of selection) {
      const parts = terms.map((term) => rowsOf(term, { graph, methods, problems }));
      const common = parts.reduce(intersection, new Uint8Array(graph.size).fill(1));
      for (let row = 0; row < graph.size; row++) if (common[row] === 1) rows[row] = 1;
    }
    return rows;
  };
  const value = include.length === 0 ? new Uint8Array(graph.size).fill(1) : union(include);
  const found = value.includes(1);
  const left = union(exclude);
  for (let row = 0; row < graph.size; row++) if (left[row] === 1) value[row] = 0;
  const asked = include.length > 0 || found;
  if (problems.length === 0 && asked && !value.includes(1))
    problems.push(nothingLeft({ include, exclude }, found));
  return { value, problems };
}

/** Narrows the first in place. */
function intersection(common: Uint8Array, part: Uint8Array): Uint8Array {
  for (let row = 0; row < common.length; row++) if (part[row] !== 1) common[row] = 0;
  return common;
}

interface Search {
  readonly graph: Graph;
  readonly methods: ReadonlyMap<string, Method>;
  readonly problems: Problem[];
}

function rowsOf(term: Term, { graph, methods, problems }: Search): Uint8Array {
  const rows = new Uint8Array(graph.size);
  const method = methods.get(term.method);
  if (method === undefined) {
    problems.push(unknownMethod(term, methods));
    return rows;
  }
  if (method.meets !== undefined) {
    const meets = method.meets(term.value);
    if (meets === undefined) problems.push(unreadableValue(term, method));
    else for (let row = 0; row < rows.length; row++) if (meets(row)) rows[row] = 1;
    return withRelatives(graph, rows, term);
  }
  const chosen = chosenNames(method, term.value, term.literal);
  if (chosen === undefined) problems.push(unknownName(term, method, methods));
  else method.mark(chosen, rows);
  return withRelatives(graph, rows, term);
}

/** 1 by place in the method's names; undefined when none is meant. */
function chosenNames({ names, placeOf }: Method, value: string, literal = false): Uint8Array | undefined {
  const chosen = new Uint8Array(names.length);
  if (placeOf !== undefined && (literal || !isGlob(value))) {
    const place = placeOf(value) ?? (literal ? undefined : placeOf(onlyBeginning(names, value) ?? ''));
    if (place === undefined) return undefined;
    chosen[place] = 1;
    return chosen;
  }
  let found = false;
  for (const [place, name] of names.entries()) {
    if (literal ? name !== value : !globMatches(value, name)) continue;
    chosen[place] = 1;
    found = true;
  }
  return found ? chosen : undefined;
}

/** Adds what the rows are made from and what is made from them. Parents come before children, so one pass each does. */
function withRelatives({ parent, size }: Graph, rows: Uint8Array, { above, below }: Term): Uint8Array {
  if (above === 0 && below === 0) return rows;
  const all = rows.slice();
  if (above > 0) {
    const reach = rows.map((each) => (each === 1 ? levels(above) : 0));
    for (let row = size - 1; row >= 0; row--) {
      const from = at(parent, row);
      const left = at(reach, row) - 1;
      if (from >= 0 && left > at(reach, from)) reach[from] = left;
      if (left >= 0) all[row] = 1;
    }
  }
  if (below > 0) {
    const reach = rows.map((each) => (each === 1 ? levels(below) : 0));
    for (let row = 0; row < size; row++) {
      const from = at(parent, row);
      const left = from < 0 ? 0 : at(reach, from) - 1;
      if (left > at(reach, row)) reach[row] = left;
      if (at(reach, row) > 0) all[row] = 1;
    }
  }
  return all;
}

/** One more than the depth, in a byte: no chain is that long. */
function levels(depth: number): number {
  return 1 + Math.min(depth, 200);
}

function unknownMethod({ method, text }: Term, methods: ReadonlyMap<string, Method>): Problem {
  return problem(
    'DD108',
    `"${method}:" in selector "${text}" is no method${didYouMean(method, methods.keys())}`,
    {
      reason: 'selector_unknown_method',
      cure: `Use one of: ${[...methods.keys()].map((name) => `${name}:`).join(' ')}, or a bare gen_id.`,
      data: { selector: text, method, known: [...methods.keys()] },
    },
  );
}

function unreadableValue({ text, method, value }: Term, { form = '' }: Method): Problem {
  return problem('DD108', `Selector "${text}": "${value}" is no value of ${method}:`, {
    reason: 'selector_unknown_word',
    cure: `Write ${form}.`,
    data: { selector: text, method },
  });
}

function unknownName(term: Term, method: Method, methods: ReadonlyMap<string, Method>): Problem {
  const { text, value } = term;
  const names = term.method === 'gen' ? nearbyIds(value, method.names) : nearbyNames(value, method.names);
  const suggestions = term.bare
    ? [...elsewhere(value, methods), ...names]
    : names.map((name) => termOf(term.method, name));
  const data = { selector: text, method: term.method, suggestions };
  const hint = suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(' or ')}?`;
  if (method.fixed === true) {
    return problem('DD108', `Selector "${text}": there is no ${term.method} "${value}"${hint}`, {
      reason: 'selector_unknown_word',
      cure: `Use one of: ${method.names.join(', ')}.`,
      data,
    });
  }
  const begun = term.method === 'gen' ? beginningSo(method.names, value) : [];
  if (begun.length > 1)
    return problem('DD109', `Selector "${text}" is the beginning of ${begun.length} ids: ${some(begun)}`, {
      reason: 'selector_is_ambiguous',
      cure: `Write more of the id, or \`gen:${value}*\` for all of them.`,
      data,
    });
  const what = term.method === 'gen' ? 'generation' : term.method;
  return problem('DD109', `Selector "${text}" matches no ${what}${hint}`, {
    reason: 'selector_matches_nothing',
    data,
  });
}

function some(ids: readonly string[]): string {
  return `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ' …' : ''}`;
}

/** Other things of that name: a bare word is a gen_id, but a template's or a cohort's may have been meant. */
function elsewhere(value: string, methods: ReadonlyMap<string, Method>): readonly string[] {
  const exact: string[] = [];
  const close: string[] = [];
  for (const [name, { names }] of methods) {
    if (name === 'gen') continue;
    if (chosenNames({ names, mark: () => undefined }, value) !== undefined) exact.push(`${name}:${value}`);
    else close.push(...nearest(value, names, 1).map((each) => termOf(name, each)));
  }
  return exact.length > 0 ? exact : close;
}

/** `cohort:first`, or `cohort:"my cohort"`: the term that means this one name. */
export function termOf(method: string, name: string): string {
  return `${method}:${/[\s,+]/u.test(name) || isGlob(name) ? `"${name}"` : name}`;
}

/** Those that are spelled nearly so; a name of several words of which the first was taken for all of it comes first. */
function nearbyNames(value: string, names: readonly string[]): readonly string[] {
  const cut = names.filter((name) => /^[\s,+]/u.test(name.slice(value.length)) && name.startsWith(value));
  return cut.length > 0 ? cut.slice(0, 3) : nearest(value, names);
}

/** Ids are many, so only those that begin or end like the wanted one are compared letter by letter. */
function nearbyIds(value: string, ids: readonly string[]): readonly string[] {
  if (value.length < 4) return [];
  const beginning = ids.filter((id) => id.startsWith(value)).slice(0, 3);
  if (beginning.length > 0) return beginning;
  const half = Math.floor(value.length / 2);
  const [head, tail] = [value.slice(0, half), value.slice(-half)];
  return nearest(
    value,
    ids.filter((id) => id.startsWith(head) || id.endsWith(tail)),
  );
}

function nothingLeft({ include, exclude }: Selected, found: boolean): Problem {
  const asked = include.map((terms) => terms.map(({ text }) => text).join(',')).join(' ');
  const left = exclude.map((terms) => terms.map(({ text }) => text).join(',')).join(' ');
  const message = found
    ? `--exclude ${left} leaves nothing${asked === '' ? '' : ` of ${asked}`}`
    : `No generation matches ${asked}`;
  return problem('DD109', message, {
    reason: found ? 'selector_excludes_everything' : 'selector_matches_nothing',
    cure: found ? 'Exclude less.' : 'Use `daydream ls` or `daydream status` to see what there is.',
    data: { include: asked, exclude: left },
  });
}
