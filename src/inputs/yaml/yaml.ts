// YAML text as a tree of values that know their places. Knows the language, PyYAML's flavour of it, and nothing of specs.
import {
  Composer,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  Scalar as ScalarNode,
  type Alias,
  type CST,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { problem, type Loaded, type Place, type Problem } from '../../problem.ts';
import { resolveWord, type Scalar } from './scalar.ts';
import { equalityKey, listOf, mappingOf, scalarOf, type Entry, type Tree } from './tree.ts';

/** However often aliases repeat what they name, a document stands for no more values than this. */
const LARGEST_EXPANSION = 1_000_000;
const DEEPEST = 200;
const MOST_SYNTAX_PROBLEMS = 5;
const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  merge: false,
  resolveKnownTags: false,
  logLevel: 'silent',
} as const;
const TAG = 'tag:yaml.org,2002:';

/** One document; an empty one is null. With an error the tree is whatever could be read. */
export function parseYaml(text: string, file: string): Loaded<Tree> {
  const lines = new LineCounter();
  const nothing = scalarOf(null, { file, line: 1, column: 1 });
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (depthOf(tokens) > DEEPEST) return { value: nothing, problems: [tooDeep(file)] };
  const [document, second] = [...new Composer(OPTIONS).compose(tokens, true, text.length)];
  if (document === undefined) return { value: nothing, problems: [] };
  const problems = syntaxProblems(document, lines, file);
  if (second !== undefined && problems.length === 0)
    problems.push(severalDocuments(second.range[0], lines, file));
  if (problems.length > 0) return { value: nothing, problems };
  const walk: Walk = { file, lines, anchors: new Map(), open: new Set(), expanded: 0, problems };
  return { value: treeOf(document.contents, walk), problems };
}

/** Measured without recursion, before anything recursive sees the text: thousands of brackets would exhaust the stack. */
function depthOf(tokens: readonly CST.Token[]): number {
  const open: (readonly [CST.Token, number])[] = tokens.map((token) => [token, 0]);
  let deepest = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next;
    deepest = Math.max(deepest, depth);
    if (token.type === 'document' && token.value !== undefined) open.push([token.value, depth + 1]);
    if (!('items' in token)) continue;
    for (const item of token.items)
      for (const inner of [item.key, item.value])
        if (inner !== undefined && inner !== null) open.push([inner, depth + 1]);
  }
  return deepest;
}

function tooDeep(file: string): Problem {
  return problem('DD219', `${file} nests lists or mappings more than ${DEEPEST} deep.`, { place: { file } });
}

function severalDocuments(start: number, lines: LineCounter, file: string): Problem {
  const { line, col } = lines.linePos(start);
  const place = { file, line, column: col };
  return problem('DD217', `${file} holds more than one document.`, { place, reason: 'yaml_documents' });
}

interface Walk {
  readonly file: string;
  readonly lines: LineCounter;
  readonly anchors: Map<string, Tree>;
  /** Anchors whose value is still being read: an alias to one of them would hold itself. */
  readonly open: Set<string>;
  expanded: number;
  readonly problems: Problem[];
}

function syntaxProblems(document: Document, lines: LineCounter, file: string): Problem[] {
  return document.errors.slice(0, MOST_SYNTAX_PROBLEMS).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const place = { file, line, column: col };
    return problem('DD217', `${file} is not YAML at line ${line}, column ${col}: ${error.message.trim()}`, {
      place,
      reason: 'yaml_syntax',
      data: { code: error.code },
    });
  });
}

function treeOf(node: unknown, walk: Walk): Tree {
  if (isAlias(node)) return aliased(node, walk);
  const place = placeOf(node, walk);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return scalarOf(null, place);
  const { anchor } = node;
  if (anchor !== undefined) walk.open.add(anchor);
  const tree = isScalar(node)
    ? scalarTree(node, place, walk)
    : isSeq(node)
      ? listOf(
          checkedTag(node, 'seq', walk).items.map((item) => treeOf(item, walk)),
          place,
        )
      : mappingTree(checkedTag(node, 'map', walk), place, walk);
  if (anchor !== undefined) {
    walk.open.delete(anchor);
    walk.anchors.set(anchor, tree);
  }
  return tree;
}

function aliased(node: Alias, walk: Walk): Tree {
  const place = placeOf(node, walk);
  const target = walk.open.has(node.source) ? undefined : walk.anchors.get(node.source);
  if (target === undefined) {
    const why = walk.open.has(node.source) ? 'would hold itself' : 'has no anchor above it';
    walk.problems.push(
      problem('DD217', `The alias *${node.source} ${why}.`, { place, reason: 'yaml_alias' }),
    );
    return scalarOf(null, place);
  }
  walk.expanded += target.size;
  if (walk.expanded <= LARGEST_EXPANSION) return { ...target, place };
  if (walk.expanded - target.size <= LARGEST_EXPANSION)
    walk.problems.push(
      problem('DD219', `The aliases of ${walk.file} stand for more than ${LARGEST_EXPANSION} values.`, {
        place,
      }),
    );
  return scalarOf(null, place);
}

function mappingTree(node: YAMLMap, place: Place, walk: Walk): Tree {
  const own = new Map<string, Entry>();
  const merged = new Map<string, Entry>();
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    const value = (): Tree =>
      pair.value === null ? scalarOf(null, placeOf(pair.key, walk)) : treeOf(pair.value, walk);
    if (isMergeKey(pair.key)) merge(value(), merged, walk);
    else {
      const key = treeOf(pair.key, walk);
      if (key.kind !== 'scalar') {
        walk.problems.push(
          problem('DD217', 'A list or a mapping cannot be a key.', { place: key.place, reason: 'yaml_key' }),
        );
        continue;
      }
      const equality = equalityKey(key.value);
      const earlier = own.get(equality);
      if (earlier === undefined) own.set(equality, { key: key.value, place: key.place, value: value() });
      else walk.problems.push(repeatedKey(String(sourceOf(pair.key)), key.place, earlier.place));
    }
  }
  for (const [equality, entry] of own) merged.set(equality, entry);
  return mappingOf([...merged.values()], place);
}

/** Merged keys stand before a mapping's own; of several merged mappings the first that has a key gives it. */
function merge(source: Tree, merged: Map<string, Entry>, walk: Walk): void {
  const parts = source.kind === 'list' ? source.items : [source];
  for (const part of parts.toReversed()) {
    if (part.kind !== 'mapping') {
      const message = 'The key << merges a mapping or a list of mappings, and nothing else.';
      walk.problems.push(problem('DD217', message, { place: part.place, reason: 'yaml_merge' }));
      continue;
    }
    for (const entry of part.entries) merged.set(equalityKey(entry.key), entry);
  }
}

function repeatedKey(name: string, place: Place, earlier: Place): Problem {
  return problem(
    'DD218',
    `The key "${name}" stands twice in one mapping, on line ${earlier.line} and on line ${place.line}.`,
    {
      place: { ...place, field: name },
      reason: 'yaml_key_repeated',
      data: { key: name, lines: [earlier.line, place.line] },
    },
  );
}

function scalarTree(node: ScalarNode, place: Place, walk: Walk): Tree {
  const value = scalarValue(node, place, walk);
  const tree = scalarOf(value, place);
  return typeof value === 'string' || value === null || node.source === undefined
    ? tree
    : { ...tree, source: node.source };
}

function scalarValue(node: ScalarNode, place: Place, walk: Walk): Scalar {
  const text = String(node.source ?? node.value ?? '');
  const { tag } = node;
  const plain = node.type === undefined || node.type === ScalarNode.PLAIN;
  if (tag === undefined ? !plain : tag === '!' || tag === `${TAG}str`) return text;
  const value = resolveWord(text);
  if (value === undefined) {
    walk.problems.push(
      problem('DD217', `"${text}" looks like a date, but there is no such day or time.`, {
        place,
        reason: 'yaml_date',
      }),
    );
    return null;
  }
  if (tag === undefined || tag === `${TAG}${kindOf(value, text)}`) return value;
  walk.problems.push(
    problem('DD217', `The tag ${tag} does not fit "${text}".`, { place, reason: 'yaml_tag' }),
  );
  return null;
}

function kindOf(value: Scalar, text: string): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'object' && value.kind === 'date') return 'timestamp';
  return /[.]|inf|nan/i.test(text) ? 'float' : 'int';
}

function checkedTag<T extends Node>(node: T, kind: 'seq' | 'map', walk: Walk): T {
  const { tag } = node;
  if (tag !== undefined && tag !== `${TAG}${kind}`)
    walk.problems.push(
      problem('DD217', `The tag ${tag} is not known.`, { place: placeOf(node, walk), reason: 'yaml_tag' }),
    );
  return node;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === ScalarNode.PLAIN && key.source === '<<' && key.tag === undefined;
}

function sourceOf(key: unknown): unknown {
  return isScalar(key) ? (key.source ?? key.value) : key;
}

function placeOf(node: unknown, walk: Walk): Place {
  const start = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
  if (start === undefined) return { file: walk.file };
  const { line, col } = walk.lines.linePos(start);
  return { file: walk.file, line, column: col };
}
