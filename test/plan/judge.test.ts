// The judge: for each thing that can be so on disk and in the inputs, the state, the first step that must run, and why. A verdict
// reads `stale render: template`; of a row that waits for another, `pending < d1`.
import { describe, expect, it } from 'vitest';
import type { Artifact, Step } from '../../src/generation/stage.ts';
import type { FailureKind } from '../../src/generation/trace.ts';
import { at, idAt, type Graph } from '../../src/graph/graph.ts';
import { Judge, type JudgeOptions, type Verdicts } from '../../src/plan/judge.ts';
import { FROM, STATES, WHY, whyWords } from '../../src/plan/verdict.ts';
import { FLAGS, type GenIndex } from '../../src/store/gens/genindex.ts';
import { FILE } from '../../src/store/layout.ts';
import { buildRow, builtIndex, graphOf, idsOf, putFile, rowOf, type GraphSketch } from '../support/graphs.ts';

const CHAIN: GraphSketch = {
  rows: {
    d1: { template: 'draft-t', model: 'writer' },
    e1: { from: 'd1', template: 'essay-t', model: 'writer' },
    v1: { from: 'e1', template: 'judge-t', model: 'judge' },
  },
};
const OTHER = '00000000deadbeef';
const ANOTHER = 'deadbeef00000000';

interface Scene {
  readonly graph: Graph;
  readonly index: GenIndex;
}

/** All built with one sketch, and then looked at with another. */
function scene(now: GraphSketch = CHAIN, built: readonly string[] | undefined = undefined): Scene {
  const before = graphOf(CHAIN);
  return { graph: graphOf(now), index: builtIndex(before, built ?? before.ids) };
}

function judge({ graph, index }: Scene, options: Partial<JudgeOptions> = {}): Verdicts {
  return new Judge(graph, index, { prompted: () => false, ...options }).all();
}

const STEP_NAMES = Object.fromEntries(Object.entries(FROM).map(([name, number]) => [number, name]));

function told({ graph }: Scene, verdicts: Verdicts, id: string): string {
  const row = rowOf(graph, id);
  const state = at(STATES, at(verdicts.state, row));
  const from = at(verdicts.from, row) === FROM.none ? '' : ` ${STEP_NAMES[at(verdicts.from, row)] ?? ''}`;
  const why = whyWords(at(verdicts.why, row)).join(', ');
  const cause = at(verdicts.cause, row);
  return `${state}${from}${why === '' ? '' : `: ${why}`}${cause < 0 ? '' : ` < ${idAt(graph, cause)}`}`;
}

/** The three verdicts of the chain. */
function chain(all: Scene, options: Partial<JudgeOptions> = {}): readonly string[] {
  const verdicts = judge(all, options);
  return ['d1', 'e1', 'v1'].map((id) => told(all, verdicts, id));
}

function only({ graph }: Scene, ...ids: readonly string[]): Uint8Array {
  const rows = new Uint8Array(graph.size);
  for (const id of ids) rows[rowOf(graph, id)] = 1;
  return rows;
}

/** With a file of a row changed, or taken away. */
function altered(all: Scene, id: string, artifact: Artifact, digest: string | undefined): Scene {
  putFile(all.index, rowOf(all.graph, id), artifact, digest);
  return all;
}

/** With a file of a row without a byte in it. */
function emptied(all: Scene, id: string, file: number): Scene {
  all.index.stamp(rowOf(all.graph, id), file, { size: 0, mtimeMs: 1, ino: 1 });
  if (file !== FILE.metadata) all.index.setFileDigest(rowOf(all.graph, id), file, ANOTHER);
  return all;
}

describe('what is built and unchanged', () => {
  it('is current, has no reason and nothing to run', () => {
    const all = scene();
    expect(chain(all)).toEqual(['current', 'current', 'current']);
    const { attempted, edited, untraced } = judge(all);
    expect([attempted, edited, untraced].map((column) => idsOf(all.graph, column))).toEqual([[], [], []]);
  });

  it('stays so when rows come and go beside it', () => {
    const rows = { d0: { template: 'other-t' }, ...CHAIN.rows };
    const graph = graphOf({ rows });
    const index = builtIndex(graph, ['d1', 'e1', 'v1']);
    expect(chain({ graph, index })).toEqual(['current', 'current', 'current']);
    expect(told({ graph, index }, judge({ graph, index }), 'd0')).toBe('missing render: never built');
  });
});

describe('what was never built', () => {
  it('is missing, from its first step; what is below it waits for it', () => {
    const all = scene(CHAIN, []);
    expect(chain(all)).toEqual([
      'missing render: never built',
      'missing render: never built < d1',
      'missing render: never built < d1',
    ]);
    expect(idsOf(all.graph, judge(all).attempted)).toEqual(['d1', 'e1', 'v1']);
  });

  it.each([
    ['render', 'missing generate: never built, missing raw, missing parsed'],
    ['generate', 'missing parse: never built, missing parsed'],
  ] as const)('after its %s step goes on with the next', (step, verdict) => {
    const all = scene(CHAIN, []);
    const row = rowOf(all.graph, 'd1');
    const until: Step = step === 'render' ? 'generate' : 'parse';
    buildRow(all.graph, all.index, row, { step: until, kind: 'api' });
    all.index.failure[row] = 0;
    expect(chain(all)[0]).toBe(verdict);
    const never = WHY.never_render | WHY.never_generate | WHY.never_parse;
    expect(at(judge(all).why, row) & never).toBe(
      step === 'render' ? WHY.never_generate | WHY.never_parse : WHY.never_parse,
    );
  });
});

describe('a step that left no trace', () => {
  it('is run, although its file lies there', () => {
    const all = scene();
    all.index.keys.render[rowOf(all.graph, 'd1')] = 0;
    expect(chain(all)[0]).toBe('missing render: never built');
  });
});

describe('a changed part', () => {
  it.each<[part: string, now: Partial<GraphSketch>, verdict: string]>([
    ['template', { texts: { 'draft-t': 'another' } }, 'stale render: template'],
    ['model', { models: { writer: 'lab/other' } }, 'stale generate: model'],
  ])('%s makes its step stale, and what is below waits', (_, now, verdict) => {
    const all = scene({ ...CHAIN, ...now });
    const [draft, , evaluation] = chain(all);
    expect(draft).toBe(verdict);
    expect(evaluation).toBe('pending < d1');
  });

  it('of the row below is told beside its waiting, when it is certain already', () => {
    const all = scene({ ...CHAIN, models: { writer: 'lab/other' } });
    expect(chain(all)[1]).toBe('stale generate: model < d1');
  });

  it('of an earlier step says nothing yet about the text that a later one reads', () => {
    // The prompt was edited, and the template changed: whether the answer is of another prompt is seen once it is rendered.
    const all = altered(scene({ ...CHAIN, texts: { 'draft-t': 'another' } }), 'd1', 'prompt', OTHER);
    expect(chain(all)[0]).toBe('stale render: template');
  });

  it('of several steps is told for each, from the first of them', () => {
    const all = scene({ ...CHAIN, texts: { 'judge-t': 'x' }, models: { judge: 'lab/other' } });
    expect(chain(all)).toEqual(['current', 'current', 'stale render: template, model']);
  });

  it('to copy mode is one of the mode, and all that a call had is gone', () => {
    const all = scene({ ...CHAIN, copies: ['essay-t'] });
    expect(chain(all)[1]).toMatch(/^stale render: template, .*model, .*mode/);
  });

  it('that stood under an earlier label of the same server is none', () => {
    const labelled = scene();
    for (let row = 0; row < labelled.graph.size; row++) {
      const parts = {
        ...labelled.index.parts(at(labelled.index.keys.generate, row)),
        provider: 'openrouter',
      };
      labelled.index.keys.generate[row] = labelled.index.number(parts);
    }
    expect(chain(labelled)[0]).toBe('stale generate: provider');
    expect(chain(labelled, { labelsOf: () => ['openrouter'] })).toEqual(['current', 'current', 'current']);
    expect(chain(labelled, { labelsOf: () => ['other'] })[0]).toBe('stale generate: provider');
  });
});

describe('a text that is recorded by what it was called before', () => {
  it('is none that has changed', () => {
    const all = scene();
    const recorded = all.index.parts(at(all.index.keys.render, 0));
    all.index.keys.render[0] = all.index.number({ ...recorded, template: 'then' });
    expect(chain(all)[0]).toBe('stale render: template');
    const formerly = new Map([['then', recorded['template'] ?? '']]);
    expect(chain({ ...all, graph: { ...all.graph, formerly } })[0]).toBe('current');
  });
});

describe('the text above', () => {
  it('that differs from what was read makes the row stale, and what is below waits for that row', () => {
    expect(chain(altered(scene(), 'd1', 'parsed', OTHER))).toEqual([
      'edited',
      'stale render: parent',
      'pending < e1',
    ]);
  });

  it('that has to be made anew says nothing yet: the row waits for it', () => {
    expect(chain(altered(scene(), 'd1', 'raw', undefined))).toEqual([
      'missing generate: missing raw',
      'pending < d1',
      'pending < d1',
    ]);
  });
});

describe('what waits', () => {
  it('names the root of it, wherever that stands among the rows', () => {
    const rows = { d0: { template: 'draft-t', model: 'writer' }, ...CHAIN.rows };
    const graph = graphOf({ ...CHAIN, rows });
    const index = builtIndex(graph, graph.ids);
    const all = altered({ graph, index }, 'd1', 'raw', undefined);
    expect(chain(all)).toEqual(['missing generate: missing raw', 'pending < d1', 'pending < d1']);
  });
});

describe('a file that is gone', () => {
  it.each([
    ['prompt', 'missing render: missing prompt'],
    ['raw', 'missing generate: missing raw'],
    ['parsed', 'missing parse: missing parsed'],
  ] as const)('%s is made again, from its step on', (artifact, verdict) => {
    expect(chain(altered(scene(), 'd1', artifact, undefined))[0]).toBe(verdict);
  });

  it('beside a changed part makes the row stale, not missing', () => {
    const all = altered(scene({ ...CHAIN, models: { writer: 'lab/other' } }), 'd1', 'parsed', undefined);
    expect(chain(all)[0]).toBe('stale generate: missing parsed, model');
  });

  it.each(['prompt', 'raw', 'parsed'] as const)('%s, emptied by a power cut, counts as gone', (artifact) => {
    expect(chain(emptied(scene(), 'd1', FILE[artifact]))[0]).toMatch(
      new RegExp(`^missing \\w+: missing ${artifact}$`),
    );
  });

  it.each(['prompt', 'raw', 'parsed'] as const)('%s, empty as its step made it, is there', (artifact) => {
    const all = scene();
    all.index.stamp(rowOf(all.graph, 'd1'), FILE[artifact], { size: 0, mtimeMs: 1, ino: 1 });
    expect(chain(all)).toEqual(['current', 'current', 'current']);
  });
});

describe('a hand edit', () => {
  it.each([
    ['first', (digest: string) => `00000000${digest.slice(8)}`],
    ['second', (digest: string) => `${digest.slice(0, 8)}00000000`],
  ])('is seen also where it differs in the %s half of its digest alone', (_, other) => {
    const all = scene();
    const digest = all.index.get('parsedFile', rowOf(all.graph, 'v1'));
    expect(chain(altered(all, 'v1', 'parsed', other(digest)))[2]).toBe('edited');
  });

  it.each([
    ['prompt', 'stale generate: prompt', []],
    ['raw', 'stale parse: raw', ['raw']],
    ['parsed', 'edited', ['parsed']],
  ] as const)('of %s runs what reads it, and is kept', (artifact, verdict, edited) => {
    const all = altered(scene(), 'v1', artifact, OTHER);
    const verdicts = judge(all);
    expect(told(all, verdicts, 'v1')).toBe(verdict);
    const bits = at(verdicts.edited, rowOf(all.graph, 'v1'));
    const names = (['prompt', 'raw', 'parsed'] as const).filter((_, place) => (bits & (1 << place)) !== 0);
    expect(names).toEqual(artifact === 'prompt' ? ['prompt'] : edited);
  });

  it('that was answered and parsed already is no more than an edit', () => {
    const all = scene();
    const row = rowOf(all.graph, 'v1');
    for (const artifact of ['prompt', 'raw'] as const) {
      putFile(all.index, row, artifact, OTHER);
      all.index.set(artifact === 'prompt' ? 'promptIn' : 'rawIn', row, OTHER);
    }
    expect(chain(all)[2]).toBe('edited');
    expect(idsOf(all.graph, judge(all).attempted)).toEqual([]);
  });

  it('is not told of a file whose step has to run for another reason', () => {
    const all = altered(scene({ ...CHAIN, texts: { 'judge-t': 'x' } }), 'v1', 'parsed', OTHER);
    const verdicts = judge(all);
    expect(told(all, verdicts, 'v1')).toBe('stale render: template');
    expect(at(verdicts.edited, rowOf(all.graph, 'v1'))).toBe(0);
  });

  it.each([
    ['prompt', 'stale render: prompt, discarded'],
    ['raw', 'stale generate: raw, discarded'],
    ['parsed', 'stale parse: discarded'],
  ] as const)('of %s that is discarded makes that file again', (artifact, verdict) => {
    const all = altered(scene(), 'v1', artifact, OTHER);
    expect(chain(all, { discarded: only(all, 'v1') })[2]).toBe(verdict);
  });

  it('that is discarded is told beside another reason, and begins no later than that', () => {
    const all = altered(scene({ ...CHAIN, texts: { 'judge-t': 'x' } }), 'v1', 'parsed', OTHER);
    expect(chain(all, { discarded: only(all, 'v1') })[2]).toBe('stale render: template, discarded');
  });

  it('is discarded only where there is one, and only of the rows that are meant', () => {
    const all = altered(scene(), 'v1', 'parsed', OTHER);
    expect(chain(all, { discarded: only(all, 'd1', 'e1') })).toEqual(['current', 'current', 'edited']);
  });

  it('needs a file and a trace: what is gone, or was never made, is none', () => {
    const all = altered(scene(), 'v1', 'raw', undefined);
    expect(chain(all, { discarded: only(all, 'v1') })[2]).toBe('missing generate: missing raw');
    const unmade = scene(CHAIN, ['d1', 'e1']);
    buildRow(unmade.graph, unmade.index, rowOf(unmade.graph, 'v1'), { step: 'generate', kind: 'api' });
    unmade.index.failure[rowOf(unmade.graph, 'v1')] = 0;
    altered(unmade, 'v1', 'raw', OTHER);
    expect(chain(unmade, { discarded: only(unmade, 'v1') })[2]).not.toContain('discarded');
    const bare = scene(CHAIN, ['d1', 'e1']);
    expect(chain(bare, { discarded: only(bare, 'v1') })[2]).toBe('missing render: never built');
  });
});

describe('a forced row', () => {
  it('runs from its prompt on, and what is below waits', () => {
    const all = scene();
    expect(chain(all, { forced: only(all, 'd1') })).toEqual([
      'stale render: forced',
      'pending < d1',
      'pending < d1',
    ]);
  });

  it('below another that has to run waits and is certain at once', () => {
    const all = scene();
    expect(chain(all, { forced: only(all, 'd1', 'e1') })[1]).toBe('stale render: forced < d1');
  });

  it('is not held back by a failure of before', () => {
    const all = scene();
    buildRow(all.graph, all.index, rowOf(all.graph, 'v1'), { step: 'parse', kind: 'unparsable' });
    expect(chain(all)[2]).toBe('failed parse: never built');
    expect(chain(all, { forced: only(all, 'v1') })[2]).toMatch(/^stale render: .*forced/);
  });

  it('is not held back where it is the prompt that failed', () => {
    const all = scene(CHAIN, ['d1', 'e1']);
    buildRow(all.graph, all.index, rowOf(all.graph, 'v1'), { step: 'render', kind: 'render' });
    expect(chain(all)[2]).toMatch(/^failed render/);
    expect(chain(all, { forced: only(all, 'v1') })[2]).toMatch(/^missing render|^stale render/);
  });

  it('that has run is judged as it stands, whether or not anything was asked of it', () => {
    const plain = scene();
    const unasked = new Judge(plain.graph, plain.index, { prompted: () => false });
    unasked.settled(rowOf(plain.graph, 'd1'));
    expect(told(plain, unasked.verdicts, 'd1')).toBe('current');

    const all = scene();
    const forced = only(all, 'd1');
    const discarded = only(all, 'd1');
    const judged = new Judge(all.graph, all.index, { prompted: () => false, forced, discarded });
    judged.all();
    judged.settled(rowOf(all.graph, 'd1'));
    expect(told(all, judged.verdicts, 'd1')).toBe('current');
    expect([...forced, ...discarded]).toEqual([0, 0, 0, 0, 0, 0]);
    judged.row(rowOf(all.graph, 'e1'));
    expect(told(all, judged.verdicts, 'e1')).toBe('current');
  });
});

describe('a failure', () => {
  const failedAt = (step: Step, kind: FailureKind): Scene => {
    const all = scene(CHAIN, ['d1']);
    buildRow(all.graph, all.index, rowOf(all.graph, 'e1'), { step, kind });
    return all;
  };

  it('stays one while what it was made from is the same, and blocks what is below', () => {
    const all = failedAt('parse', 'unparsable');
    expect(chain(all)).toEqual(['current', 'failed parse: never built, missing parsed', 'blocked < e1']);
    expect(idsOf(all.graph, judge(all).attempted)).toEqual([]);
  });

  it('is tried again when its kind is asked for, with what it blocked', () => {
    const all = failedAt('parse', 'unparsable');
    const options = { retry: new Set<FailureKind>(['unparsable']) };
    expect(chain(all, options)[1]).toBe('failed parse: retry');
    expect(idsOf(all.graph, judge(all, options).attempted)).toEqual(['e1', 'v1']);
    expect(chain(all, { retry: new Set<FailureKind>(['refused']) })[1]).not.toContain('retry');
  });

  it('of the provider is always tried again, whatever its parts', () => {
    const all = failedAt('generate', 'api');
    expect(chain(all)[1]).toMatch(/^failed generate: .*retry/);
    const edited = altered(failedAt('generate', 'api'), 'e1', 'prompt', OTHER);
    expect(chain(edited)[1]).toMatch(/^failed generate: .*retry/);
    expect(idsOf(all.graph, judge(all).attempted)).toEqual(['e1', 'v1']);
  });

  it('is over once a part of its step is another', () => {
    const { index } = failedAt('generate', 'refused');
    expect(chain({ graph: graphOf(CHAIN), index })[1]).toMatch(/^failed generate/);
    const graph = graphOf({ ...CHAIN, texts: { 'essay-t': 'another' } });
    expect(chain({ graph, index })[1]).toBe(
      'stale render: never built, missing raw, missing parsed, template',
    );
  });

  it('of another step than must run now is over', () => {
    const all = failedAt('parse', 'unparsable');
    putFile(all.index, rowOf(all.graph, 'e1'), 'raw', undefined);
    expect(chain(all)[1]).toBe('missing generate: never built, missing raw, missing parsed');
  });

  it('recorded under an earlier label of the same server stands', () => {
    const labelled = graphOf(CHAIN);
    const index = builtIndex(labelled, ['d1']);
    const { server } = labelled.asks[0]!;
    const old = { ...labelled, partSets: labelled.partSets.map((set) => relabelled(set, server)) };
    buildRow(old, index, rowOf(labelled, 'e1'), { step: 'generate', kind: 'refused' });
    const all = { graph: labelled, index };
    expect(chain(all)[1]).toMatch(/^missing generate/);
    expect(chain(all, { labelsOf: (each) => (each === server ? ['openrouter'] : []) })[1]).toMatch(
      /^failed generate/,
    );
  });

  it('below what has to run is not one yet', () => {
    const { index } = failedAt('parse', 'unparsable');
    const graph = graphOf({ ...CHAIN, texts: { 'draft-t': 'another' } });
    expect(chain({ graph, index })[1]).toBe('missing parse: never built, missing parsed < d1');
  });

  it('further up is the one that is told', () => {
    const all = scene(CHAIN, []);
    buildRow(all.graph, all.index, rowOf(all.graph, 'd1'), { step: 'parse', kind: 'too_short' });
    expect(chain(all).slice(1)).toEqual(['blocked < d1', 'blocked < d1']);
  });
});

describe('a failure that was accepted', () => {
  /** An essay that failed in a step, and was accepted as missing. */
  const accepted = (kind: FailureKind): Scene => {
    const all = scene(CHAIN, ['d1']);
    const row = rowOf(all.graph, 'e1');
    buildRow(all.graph, all.index, row, { step: 'parse', kind });
    all.index.flags[row] = at(all.index.flags, row) | FLAGS.accepted;
    return all;
  };

  it('is missing for good, with what is below, and nothing is tried', () => {
    const all = accepted('unparsable');
    expect(chain(all)).toEqual(['current', 'accepted parse: never built, missing parsed', 'accepted < e1']);
    expect(idsOf(all.graph, judge(all).attempted)).toEqual([]);
  });

  it('is tried again once a part of its step is another', () => {
    const all = { ...accepted('unparsable'), graph: graphOf({ ...CHAIN, parsers: { 'essay-t': 'other' } }) };
    expect(chain(all)[1]).toMatch(/^missing parse/);
  });

  it('says nothing of another step than must run now', () => {
    const all = altered(accepted('unparsable'), 'e1', 'raw', undefined);
    expect(chain(all)[1]).toMatch(/^missing generate/);
  });

  it('says nothing of a call once the prompt has to be rendered anew', () => {
    const all = scene(CHAIN, ['d1']);
    const row = rowOf(all.graph, 'e1');
    buildRow(all.graph, all.index, row, { step: 'generate', kind: 'api' });
    all.index.flags[row] = at(all.index.flags, row) | FLAGS.accepted;
    expect(chain(all)[1]).toMatch(/^accepted generate/);
    const graph = graphOf({ ...CHAIN, texts: { 'essay-t': 'another' } });
    expect(chain({ ...all, graph })[1]).toMatch(/^failed render/);
  });

  it('is none where nothing failed', () => {
    const all = scene(CHAIN, ['d1']);
    all.index.flags[rowOf(all.graph, 'e1')] = FLAGS.accepted;
    expect(chain(all)[1]).toMatch(/^missing render/);
  });
});

describe('what code scores', () => {
  const CODED: GraphSketch = { ...CHAIN, codes: ['judge-t'] };
  const coded = (built?: readonly string[]): Scene => {
    const graph = graphOf(CODED);
    return { graph, index: builtIndex(graph, built ?? graph.ids) };
  };

  it('is stale by the text of the draft that it may be held against, and by no other row', () => {
    expect(chain(coded())).toEqual(['current', 'current', 'current']);
    const drafted = altered(coded(), 'd1', 'parsed', OTHER);
    // The essay was made from this text too, to the same words, and the draft is what was made last.
    drafted.index.set('parent', rowOf(drafted.graph, 'e1'), OTHER);
    drafted.index.set('parsedOut', rowOf(drafted.graph, 'd1'), OTHER);
    expect(chain(drafted).at(-1)).toBe('stale parse: draft');
    expect(chain(drafted).slice(0, 2)).toEqual(['current', 'current']);
  });

  it('says nothing of the draft while it waits, or was never scored', () => {
    const waiting = { ...coded(), graph: graphOf({ ...CODED, texts: { 'draft-t': 'another' } }) };
    expect(chain(waiting).at(-1)).toBe('pending < d1');
    expect(chain(coded(['d1', 'e1'])).at(-1)).not.toContain('draft');
    expect(chain(altered(waiting, 'd1', 'parsed', OTHER)).at(-1)).toBe('pending < d1');
    const unscored = coded(['d1', 'e1']);
    buildRow(unscored.graph, unscored.index, rowOf(unscored.graph, 'v1'), { step: 'parse', kind: 'api' });
    unscored.index.failure[rowOf(unscored.graph, 'v1')] = 0;
    expect(chain(unscored).at(-1)).toBe('missing parse: never built, missing parsed');
  });
});

describe('what another tool made', () => {
  /** Files without a trace, and with or without a metadata.json of that tool. */
  const foreign = (files: readonly Artifact[], metadata = true): Scene => {
    const all = scene(CHAIN, []);
    for (const artifact of files) putFile(all.index, 0, artifact, OTHER);
    if (metadata) all.index.stamp(0, FILE.metadata, { size: 9, mtimeMs: 1, ino: 1 });
    if (metadata) all.index.setTrace(0, undefined, FLAGS.metadata);
    return all;
  };
  const WHOLE: readonly Artifact[] = ['prompt', 'raw', 'parsed'];

  it('is current where its prompt is what would be rendered now, and its trace is to be written', () => {
    const all = foreign(WHOLE);
    expect(chain(all, { prompted: () => true })[0]).toBe('current');
    const verdicts = judge(all, { prompted: () => true });
    expect(idsOf(all.graph, verdicts.untraced)).toEqual(['d1']);
    expect(idsOf(all.graph, verdicts.attempted)).toEqual(['e1', 'v1']);
  });

  it('is stale where its prompt is another, or is gone', () => {
    expect(chain(foreign(WHOLE))[0]).toBe('stale render: foreign prompt');
    expect(chain(foreign(['raw', 'parsed']), { prompted: () => true })[0]).toBe(
      'stale render: foreign prompt',
    );
  });

  it('is not vouched for by a build that may not', () => {
    const all = foreign(WHOLE);
    const verdicts = judge(all, { prompted: () => true, adopts: () => false });
    expect(told(all, verdicts, 'd1')).toBe('current');
    expect(idsOf(all.graph, verdicts.untraced)).toEqual([]);
    const may = judge(all, { prompted: () => true, adopts: () => true });
    expect(idsOf(all.graph, may.untraced)).toEqual(['d1']);
  });

  it.each([
    [['prompt'], 'missing generate: missing raw'],
    [['prompt', 'parsed'], 'missing generate: missing raw'],
    [['prompt', 'raw'], 'missing parse: missing parsed'],
  ] as const)('with %j alone is gone on with', (files, verdict) => {
    expect(chain(foreign(files), { prompted: () => true })[0]).toBe(verdict);
  });

  it('is asked about nothing that carries a trace', () => {
    const asked: number[] = [];
    judge(scene(), { prompted: (row) => asked.push(row) > 0 });
    expect(asked).toEqual([]);
  });

  it('below what has to run waits, unseen', () => {
    const all = scene(CHAIN, []);
    for (const artifact of WHOLE) putFile(all.index, rowOf(all.graph, 'e1'), artifact, OTHER);
    const asked: number[] = [];
    expect(chain(all, { prompted: (row) => asked.push(row) > 0 })[1]).toBe('pending < d1');
    expect(asked).toEqual([]);
  });

  it('is never what a power cut left of our own record: that is as good as never built', () => {
    const all = emptied(foreign(WHOLE), 'd1', FILE.metadata);
    expect(chain(all, { prompted: () => true })[0]).toBe('missing render: never built');
    // Without any record it may well be another tool's.
    expect(chain(foreign(WHOLE, false), { prompted: () => true })[0]).toBe('current');
  });
});

it('an answer that was cut off is parsed with other parts than a whole one', () => {
  const all = scene();
  const row = rowOf(all.graph, 'd1');
  all.index.flags[row] = at(all.index.flags, row) | FLAGS.cutOff;
  expect(chain(all)[0]).toBe('stale parse: truncation');
});

function relabelled(set: Readonly<Record<string, string>>, server: string): Readonly<Record<string, string>> {
  return set['provider'] === server ? { ...set, provider: 'openrouter' } : set;
}
