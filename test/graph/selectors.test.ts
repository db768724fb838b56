// The selector language: what it selects, held against a naive evaluator, and what it says when a selector is wrong.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import type { Graph } from '../../src/graph/graph.ts';
import type { Method } from '../../src/graph/selectormethods.ts';
import { methodsOf } from '../../src/graph/selectormethods.ts';
import { parseSelectors, selectRows } from '../../src/graph/selectors.ts';
import { STATES } from '../../src/plan/verdict.ts';
import { graphOf, idsOf, rowOf, type RowSketch } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d_one: { combo: 'c1', template: 'creative-v1', model: 'gemini-pro', cohorts: ['north'] },
    d_two: { combo: 'c2', template: 'creative-v2', model: 'gemini-flash', cohorts: ['north', 'south'] },
    d_three: { combo: 'c2', template: 'rigour', model: 'sonnet', cohorts: ['south'] },
    e_one: { from: 'd_one', template: 'essay-v1', model: 'gemini-pro', cohorts: ['north'] },
    e_two: { from: 'd_two', template: 'creative-v2', model: 'sonnet', cohorts: ['north', 'south'] },
    v_one: { from: 'e_one', template: 'novelty', model: 'sonnet', cohorts: ['north'] },
    v_other: { from: 'e_one', template: 'novelty', model: 'gemini-pro', replicate: 2, cohorts: ['north'] },
  },
  concepts: { c1: ['tides', 'memory'], c2: ['memory', 'grief'] },
});

const WORDS = new Map([
  ['d_three', 'stale'],
  ['e_two', 'failed'],
  ['v_other', 'failed'],
]);
const stateAt = (row: number): string => WORDS.get(GRAPH.ids[row] ?? '') ?? 'current';

function select(
  words: string | readonly string[],
  exclude: readonly string[] = [],
  extra: ReadonlyMap<string, Method> = new Map(),
): { ids: string[]; problems: readonly Problem[] } {
  const include = parseSelectors(typeof words === 'string' ? [words] : words);
  const leave = parseSelectors(exclude);
  const rows = selectRows({ include: include.value, exclude: leave.value }, { graph: GRAPH, stateAt, extra });
  return {
    ids: idsOf(GRAPH, rows.value),
    problems: [...include.problems, ...leave.problems, ...rows.problems],
  };
}

describe('a name in quotes', () => {
  const graph = graphOf({
    rows: {
      d_one: { combo: 'c1', template: 'links+', model: 'm', cohorts: ['my cohort'] },
      d_two: { combo: 'c1', template: 'a,b', model: 'm', cohorts: ['mine'] },
      d_three: { combo: 'c1', template: 'links*', model: 'm', cohorts: ['other'] },
      e_one: { from: 'd_one', template: 'e', model: 'm', cohorts: ['my cohort'] },
    },
    concepts: { c1: ['k'] },
  });
  const chosen = (word: string): { ids: string[]; messages: string[] } => {
    const include = parseSelectors([word]);
    const context = { graph, stateAt: () => 'current', extra: new Map<string, Method>() };
    const rows = selectRows({ include: include.value, exclude: [] }, context);
    const messages = [...include.problems, ...rows.problems].map(({ message }) => message);
    return { ids: idsOf(graph, rows.value), messages };
  };

  it.each([
    ['cohort:"my cohort"', ['d_one', 'e_one']],
    ['cohort:"my cohort",stage:essay cohort:mine', ['d_two', 'e_one']],
    ['template:"links+"', ['d_one']],
    ['template:"links+"+', ['d_one', 'e_one']],
    ['1+template:e,cohort:"my cohort"', ['d_one', 'e_one']],
    ['template:"a,b"', ['d_two']],
    ['template:"links*"', ['d_three']],
    ['template:links*', ['d_one', 'd_three']],
    ['"d_two"', ['d_two']],
  ])('is one to the letter: %s', (word, ids) => {
    expect(chosen(word)).toEqual({ ids, messages: [] });
  });

  it('is what is suggested where quotes are missing', () => {
    expect(chosen('cohort:my cohort').messages[0]).toContain('did you mean cohort:"my cohort"?');
    expect(chosen('template:links+').messages[0]).toContain('did you mean template:"links+"');
    expect(chosen('template:a,b').messages[0]).toContain('did you mean template:"a,b"?');
  });

  it('stands in quotes as a whole, or is a name with quotes in it', () => {
    expect(chosen('cohort:x"mine"').messages[0]).toContain('Selector "cohort:x"mine"" matches no cohort');
    expect(chosen('cohort:"mine"x').messages[0]).toContain('Selector "cohort:"mine"x" matches no cohort');
    expect(chosen('"d_tw"').messages[0]).toContain('matches no generation');
  });

  it('may not be empty, and a lone mark is a letter', () => {
    expect(chosen('cohort:""').messages[0]).toContain('names nothing');
    expect(chosen('cohort:"my').messages[0]).toContain('Selector "cohort:"my" matches no cohort');
  });
});

describe('a selector', () => {
  it.each([
    ['  d_one   d_two ', ['d_one', 'd_two']],
    ['gen:"d_one"', ['d_one']],
    ['stage:draft', ['d_one', 'd_two', 'd_three']],
    ['template:creative-*', ['d_one', 'd_two', 'e_two']],
    ['template:creative-v?', ['d_one', 'd_two', 'e_two']],
    ['template:rigour', ['d_three']],
    ['model:gemini*', ['d_one', 'd_two', 'e_one', 'v_other']],
    ['combo:c1', ['d_one', 'e_one', 'v_one', 'v_other']],
    ['cohort:south', ['d_two', 'd_three', 'e_two']],
    ['concept:grief', ['d_two', 'd_three', 'e_two']],
    ['concept:memory', [...GRAPH.ids]],
    ['state:failed', ['e_two', 'v_other']],
    ['state:stale', ['d_three']],
    ['gen:e_one', ['e_one']],
    ['e_one', ['e_one']],
    ['v_*', ['v_one', 'v_other']],
    ['v_oth', ['v_other']],
    ['+v_one', ['d_one', 'e_one', 'v_one']],
    ['1+v_one', ['e_one', 'v_one']],
    ['0+v_one', ['v_one']],
    ['d_one+', ['d_one', 'e_one', 'v_one', 'v_other']],
    ['d_one+1', ['d_one', 'e_one']],
    ['+e_one+', ['d_one', 'e_one', 'v_one', 'v_other']],
    ['1+e_one+1', ['d_one', 'e_one', 'v_one', 'v_other']],
    ['99999999999999999999+v_one', ['d_one', 'e_one', 'v_one']],
    ['+stage:essay', ['d_one', 'd_two', 'e_one', 'e_two']],
    ['stage:draft,cohort:south', ['d_two', 'd_three']],
    ['d_one+,stage:evaluation,model:sonnet', ['v_one']],
    ['state:failed,stage:essay e_one', ['e_one', 'e_two']],
  ])('%s', (words, ids) => {
    expect(select(words)).toEqual({ ids, problems: [] });
  });

  it('in several arguments is a union, as in one', () => {
    expect(select(['d_one', 'd_two']).ids).toEqual(select('d_one d_two').ids);
  });

  it('that is left out means every row', () => {
    expect(select([])).toEqual({ ids: [...GRAPH.ids], problems: [] });
  });

  it('is taken back by --exclude in the same language', () => {
    expect(select('stage:draft', ['cohort:south,model:gemini*'])).toEqual({
      ids: ['d_one', 'd_three'],
      problems: [],
    });
    expect(select([], ['d_one+', 'e_two']).ids).toEqual(['d_two', 'd_three']);
  });

  it('may exclude a state that nothing is in', () => {
    expect(select('stage:draft', ['state:blocked'])).toEqual({
      ids: ['d_one', 'd_two', 'd_three'],
      problems: [],
    });
  });

  it('knows the methods of its caller', () => {
    const tag: Method = {
      names: ['batch=7', 'batch=8'],
      mark: (chosen, rows) => {
        if (chosen[0] === 1) rows[rowOf(GRAPH, 'v_one')] = 1;
      },
    };
    const extra = new Map([['tag', tag]]);
    expect(select('1+tag:batch=7', [], extra).ids).toEqual(['e_one', 'v_one']);
    expect(select('tag:batch=9', [], extra).problems[0]?.message).toContain('tag:batch=7 or tag:batch=8');
  });

  it('knows methods of values that are no names', () => {
    const score: Method = {
      names: [],
      form: 'a comparison such as `>7`',
      meets: (value) => (value === 'high' ? (row) => row === rowOf(GRAPH, 'v_one') : undefined),
      mark: () => undefined,
    };
    const extra = new Map([['score', score]]);
    expect(select('score:high', [], extra)).toEqual({ ids: ['v_one'], problems: [] });
    expect(select('1+score:high', [], extra).ids).toEqual(['e_one', 'v_one']);
    expect(select('score:odd', [], extra).problems).toMatchObject([
      {
        code: 'DD108',
        reason: 'selector_unknown_word',
        message: 'Selector "score:odd": "odd" is no value of score:',
        cure: 'Write a comparison such as `>7`.',
        data: { selector: 'score:odd', method: 'score' },
      },
    ]);
  });

  it('asks for the states that verdicts have', () => {
    expect(methodsOf({ graph: GRAPH, stateAt }).get('state')?.names).toEqual(STATES);
  });
});

describe('a wrong selector', () => {
  it.each([
    ['', 'DD108', 'An empty selector selects nothing'],
    ['  ', 'DD108', 'An empty selector selects nothing'],
    ['stage:draft,', 'DD108', 'Selector "stage:draft," has a comma with nothing on one side'],
    ['stage:', 'DD108', 'Selector "stage:" names nothing'],
    ['+', 'DD108', 'Selector "+" names nothing'],
    ['stge:draft', 'DD108', '"stge:" in selector "stge:draft" is no method (did you mean "stage"?)'],
    ['__proto__:x', 'DD108', '"__proto__:" in selector "__proto__:x" is no method'],
    ['state:faild', 'DD108', 'Selector "state:faild": there is no state "faild"; did you mean state:failed?'],
    [
      'stage:drafts',
      'DD108',
      'Selector "stage:drafts": there is no stage "drafts"; did you mean stage:draft?',
    ],
    [
      'template:rigor',
      'DD109',
      'Selector "template:rigor" matches no template; did you mean template:rigour?',
    ],
    ['model:opus*', 'DD109', 'Selector "model:opus*" matches no model'],
    ['cohort:sout', 'DD109', 'Selector "cohort:sout" matches no cohort; did you mean cohort:south?'],
    ['concept:greif', 'DD109', 'Selector "concept:greif" matches no concept; did you mean concept:grief?'],
    ['gen:v_othr', 'DD109', 'Selector "gen:v_othr" matches no generation; did you mean gen:v_other?'],
    ['rigour', 'DD109', 'Selector "rigour" matches no generation; did you mean template:rigour?'],
    ['sonnet+', 'DD109', 'Selector "sonnet+" matches no generation; did you mean model:sonnet?'],
    ['draft', 'DD109', 'Selector "draft" matches no generation; did you mean stage:draft?'],
    ['state:blocked', 'DD109', 'No generation matches state:blocked'],
    ['d_one,d_two', 'DD109', 'No generation matches d_one,d_two'],
  ])('%j is %s: %s', (words, code, message) => {
    const { problems } = select(words);
    expect(problems.map((each) => [each.code, each.severity, each.message])).toContainEqual([
      code,
      'error',
      message,
    ]);
  });

  it.each([
    [
      'a,',
      {
        reason: 'selector_malformed',
        data: { selector: 'a,' },
      },
    ],
    [
      'stge:draft',
      {
        reason: 'selector_unknown_method',
        cure: 'Use one of: stage: template: model: combo: cohort: concept: state: gen:, or a bare gen_id.',
        data: {
          selector: 'stge:draft',
          method: 'stge',
          known: ['stage', 'template', 'model', 'combo', 'cohort', 'concept', 'state', 'gen'],
        },
      },
    ],
    [':draft', { message: '":" in selector ":draft" is no method', reason: 'selector_unknown_method' }],
    [
      'stage:drafts',
      {
        reason: 'selector_unknown_word',
        cure: 'Use one of: draft, essay, evaluation.',
        data: { selector: 'stage:drafts', method: 'stage', suggestions: ['stage:draft'] },
      },
    ],
    [
      'template:rigor',
      {
        reason: 'selector_matches_nothing',
        data: { selector: 'template:rigor', method: 'template', suggestions: ['template:rigour'] },
      },
    ],
    [
      'd_t',
      {
        code: 'DD109',
        reason: 'selector_is_ambiguous',
        message: 'Selector "d_t" is the beginning of 2 ids: d_two, d_three',
        cure: 'Write more of the id, or `gen:d_t*` for all of them.',
        data: { selector: 'd_t', method: 'gen' },
      },
    ],
    [
      'state:blocked',
      {
        reason: 'selector_matches_nothing',
        cure: 'Use `daydream ls` or `daydream status` to see what there is.',
        data: { include: 'state:blocked', exclude: '' },
      },
    ],
    ['d_one,d_two e_one,e_two', { message: 'No generation matches d_one,d_two e_one,e_two' }],
    [
      'creative-v',
      {
        message: 'Selector "creative-v" matches no generation; did you mean template:creative-v1?',
      },
    ],
    ['e_on2', { message: 'Selector "e_on2" matches no generation; did you mean e_one?' }],
    ['gen:"d_th"', { message: 'Selector "gen:"d_th"" matches no generation; did you mean gen:d_three?' }],
    [
      'xyz',
      {
        message: 'Selector "xyz" matches no generation',
        data: { selector: 'xyz', method: 'gen', suggestions: [] },
      },
    ],
  ])('%j says what it is about, and how it is mended', (words, told) => {
    expect(select(words).problems[0]).toMatchObject(told);
  });

  it('of the beginning of many ids names three of them', () => {
    const rows = Object.fromEntries(
      ['d_xa', 'd_xb', 'd_xc', 'd_xd'].map((id): [string, RowSketch] => [id, {}]),
    );
    const told = (word: string, ids: readonly string[]): string | undefined => {
      const graph = graphOf({ rows: Object.fromEntries(ids.map((id) => [id, rows[id] ?? {}])) });
      const { value: include } = parseSelectors([word]);
      return selectRows({ include, exclude: [] }, { graph, stateAt }).problems[0]?.message;
    };
    expect(told('d_x', Object.keys(rows))).toBe(
      'Selector "d_x" is the beginning of 4 ids: d_xa, d_xb, d_xc …',
    );
    const graph = graphOf({ rows: { d_xya: {}, d_xyb: {}, d_xyc: {}, d_xyd: {}, d_zzd_xy: {} } });
    const { value: include } = parseSelectors(['gen:d_xy']);
    expect(
      selectRows({ include, exclude: [] }, { graph, stateAt }).problems[0]?.data?.['suggestions'],
    ).toEqual(['gen:d_xya', 'gen:d_xyb', 'gen:d_xyc']);
    expect(told('d_x', ['d_xa', 'd_xb', 'd_xc'])).toBe(
      'Selector "d_x" is the beginning of 3 ids: d_xa, d_xb, d_xc',
    );
  });

  it('of an id that is nearly one names the one, of thousands that are not like it none', () => {
    const ids = ['d_abcdwxyz', 'd_abcdwxyy', 'd_efghijkl', 'e_mnopqrst'];
    const graph = graphOf({
      rows: Object.fromEntries(
        ids.map((id): [string, RowSketch] => [id, id.startsWith('e') ? { from: 'd_abcdwxyz' } : {}]),
      ),
    });
    const hints = (word: string): unknown => {
      const { value: include } = parseSelectors([word]);
      return selectRows({ include, exclude: [] }, { graph, stateAt }).problems[0]?.data?.['suggestions'];
    };
    expect(hints('gen:d_abcdwxzz')).toEqual(['gen:d_abcdwxyz', 'gen:d_abcdwxyy']);
    expect(hints('gen:d_efghijk1')).toEqual(['gen:d_efghijkl']);
    expect(hints('gen:x_mnopqrst')).toEqual(['gen:e_mnopqrst']);
    expect(hints('gen:d_e')).toBeUndefined();
    expect(hints('gen:zzz')).toEqual([]);
  });

  it('leaves nothing where all is excluded, and says so with what was asked', () => {
    expect(select([], ['stage:*']).problems).toMatchObject([
      {
        message: '--exclude stage:* leaves nothing',
        reason: 'selector_excludes_everything',
        cure: 'Exclude less.',
        data: { include: '', exclude: 'stage:*' },
      },
    ]);
    expect(select('d_one d_two', ['d_one,stage:draft', 'd_two']).problems[0]?.message).toBe(
      '--exclude d_one,stage:draft d_two leaves nothing of d_one d_two',
    );
  });

  it('says nothing of what is left where a name was wrong already', () => {
    expect(select('template:rigor').problems).toHaveLength(1);
  });

  it('is told of in full: every wrong word, on both sides', () => {
    const { problems } = select(['stge:x', 'd_one', 'template:rigor'], ['model:sonet']);
    expect(problems.map((each) => each.code)).toEqual(['DD108', 'DD109', 'DD109']);
  });

  it('is an --exclude that leaves nothing', () => {
    expect(select('stage:draft', ['cohort:*']).problems.map((each) => each.message)).toEqual([
      '--exclude cohort:* leaves nothing of stage:draft',
    ]);
  });

  it('is not a missing selector over a graph without rows', () => {
    const graph = graphOf({ rows: {} });
    const none = selectRows({ include: [], exclude: [] }, { graph, stateAt });
    expect(none).toEqual({ value: new Uint8Array(0), problems: [] });
  });
});

interface Atom {
  readonly before: string;
  readonly name: string;
  readonly after: string;
}

/** Sets of ids, one row at a time, by walking up from every row. */
function naive(graph: Graph, union: readonly (readonly Atom[])[]): string[] {
  const has = (row: number, name: string): boolean => {
    const [method, value] = name.split(':');
    const glob = (text: string | undefined): boolean =>
      value?.endsWith('*') === true ? text?.startsWith(value.slice(0, -1)) === true : text === value;
    if (method === 'stage')
      return glob({ d: 'draft', e: 'essay', v: 'evaluation' }[graph.ids[row]?.[0] ?? '']);
    if (method === 'template') return glob(graph.templates[graph.template[row] ?? -1]?.id);
    if (method === 'cohort')
      return graph.cohorts.some(({ id, members }) => glob(id) && members.includes(row));
    return glob(graph.ids[row]);
  };
  /** How many levels `above` lies above `row`; undefined when it does not. */
  const distance = (above: number, row: number): number | undefined => {
    if (above === row) return 0;
    const parent = graph.parent[row] ?? -1;
    const further = parent < 0 ? undefined : distance(above, parent);
    return further === undefined ? undefined : further + 1;
  };
  const limit = (sign: string): number =>
    sign === '' ? 0 : sign === '+' ? 9 : Number(sign.replace('+', ''));
  const rows = graph.ids.map((_, row) => row);
  const holds = (row: number, { before, name, after }: Atom): boolean =>
    rows.some((each) => {
      if (!has(each, name)) return false;
      const up = distance(row, each);
      const down = distance(each, row);
      return (up !== undefined && up <= limit(before)) || (down !== undefined && down <= limit(after));
    });
  return graph.ids.filter((_, row) => union.some((atoms) => atoms.every((atom) => holds(row, atom))));
}

const sketches = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.nat(), { maxLength: 6 }),
    fc.array(fc.nat(), { maxLength: 8 }),
  )
  .chain(([drafts, essays, evaluations]) =>
    fc
      .array(fc.tuple(fc.constantFrom('ta', 'tb', 'u'), fc.subarray(['n', 's'], { minLength: 1 })), {
        minLength: 20,
        maxLength: 20,
      })
      .map((looks) => {
        const rows: Record<string, RowSketch> = {};
        const add = (id: string, from?: string): void => {
          const [template, cohorts] = looks[Object.keys(rows).length] ?? ['u', ['n']];
          rows[id] = {
            template,
            cohorts: from === undefined ? ['n', 's'] : cohorts,
            ...(from === undefined ? {} : { from }),
          };
        };
        for (let i = 0; i < drafts; i++) add(`d${i}`);
        essays.forEach((parent, i) => add(`e${i}`, `d${parent % drafts}`));
        if (essays.length > 0) evaluations.forEach((parent, i) => add(`v${i}`, `e${parent % essays.length}`));
        return rows;
      }),
  );

const atoms = fc.record<Atom>({
  before: fc.constantFrom('', '', '+', '0+', '1+', '2+'),
  name: fc.constantFrom(
    'stage:draft',
    'stage:e*',
    'template:t*',
    'template:u',
    'cohort:n',
    'gen:d0',
    'gen:e*',
    'gen:v1',
  ),
  after: fc.constantFrom('', '', '+', '+0', '+1', '+2'),
});
const unions = fc.array(fc.array(atoms, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

describe('any expression', () => {
  it('selects what a naive evaluator selects, and what it excludes is gone', () => {
    const write = (union: readonly (readonly Atom[])[]): string[] =>
      union.map((terms) => terms.map(({ before, name, after }) => before + name + after).join(','));
    let some = 0;
    fc.assert(
      fc.property(sketches, unions, unions, (rows, include, exclude) => {
        const graph = graphOf({ rows });
        const selected = selectRows(
          { include: parseSelectors(write(include)).value, exclude: parseSelectors(write(exclude)).value },
          { graph, stateAt: () => 'current' },
        );
        const gone = new Set(naive(graph, exclude));
        const expected = naive(graph, include).filter((id) => !gone.has(id));
        expect(idsOf(graph, selected.value)).toEqual(expected);
        if (expected.length > 0) some++;
        expect(selected.problems.length > 0 || expected.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(some).toBeGreaterThan(100);
  });
});
