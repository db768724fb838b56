// Cohorts woven into one structure: what several share is one row, and what they disagree about is said once.
import { describe, expect, it } from 'vitest';
import type { Cohort } from '../../src/cohort/cohort.ts';
import type { Generation } from '../../src/generation/generation.ts';
import { weave } from '../../src/graph/weave.ts';
import { warning } from '../../src/problem.ts';

function draft(genId: string, more: Partial<Generation> = {}): Generation {
  const coordinates = {
    genId,
    templateId: 'dt',
    modelId: 'm1',
    replicate: 1,
    mode: 'llm',
    comboId: 'c1',
  } as const;
  return { ...coordinates, ...more, stage: 'draft' } as Generation;
}

function essay(genId: string, parentId: string, more: Partial<Generation> = {}): Generation {
  return { ...draft(genId, { templateId: 'et', ...more }), stage: 'essay', parentId } as Generation;
}

function evaluation(genId: string, parentId: string, more: Partial<Generation> = {}): Generation {
  return { ...draft(genId, { templateId: 'vt', ...more }), stage: 'evaluation', parentId } as Generation;
}

function cohort(id: string, members: readonly Generation[], more: Partial<Cohort> = {}): Cohort {
  const manifest = {
    combos: [],
    templates: { draft: [], essay: [], evaluation: [] },
    llms: { generation: [], evaluation: [] },
    replication: {},
  };
  return { id, members, manifest, problems: [], ...more };
}

describe('woven cohorts', () => {
  it('tell pairs of names apart that run together', () => {
    const named = (genId: string, modelId: string): Generation => draft(genId, { modelId });
    const { problems } = weave([
      cohort('a', [named('d1', 'm'), named('d2', 'mn')]),
      cohort('b', [named('d1', 'no'), named('d2', 'o')]),
    ]);
    expect(problems).toHaveLength(2);
  });

  it('have all drafts before all essays before all evaluations, each from its parent', () => {
    const north = cohort('north', [draft('d1'), essay('e1', 'd1'), evaluation('v1', 'e1')]);
    const south = cohort('south', [
      draft('d1'),
      draft('d2', { modelId: 'm2', comboId: 'c2', replicate: 2 }),
      essay('e2', 'd2', { comboId: 'c2', modelId: 'm2' }),
    ]);
    const { value, problems } = weave([north, south]);
    expect(problems).toEqual([]);
    expect(value).toEqual({
      size: 5,
      ids: ['d1', 'd2', 'e1', 'e2', 'v1'],
      stage: Uint8Array.of(0, 0, 1, 1, 2),
      parent: Int32Array.of(-1, -1, 0, 1, 2),
      template: Uint32Array.of(0, 0, 1, 1, 2),
      model: Uint32Array.of(0, 1, 0, 1, 0),
      combo: Uint32Array.of(0, 1, 0, 1, 0),
      replicate: Uint32Array.of(1, 2, 1, 1, 1),
      templates: [
        { stage: 'draft', id: 'dt' },
        { stage: 'essay', id: 'et' },
        { stage: 'evaluation', id: 'vt' },
      ],
      models: ['m1', 'm2'],
      combos: ['c1', 'c2'],
      cohorts: [
        { id: 'north', members: Uint32Array.of(0, 2, 4) },
        { id: 'south', members: Uint32Array.of(0, 1, 3) },
      ],
    });
  });

  it('tell templates of one name in two stages apart', () => {
    const { value } = weave([
      cohort('a', [draft('d1', { templateId: 't' }), essay('e1', 'd1', { templateId: 't' })]),
    ]);
    expect(value.templates).toEqual([
      { stage: 'draft', id: 't' },
      { stage: 'essay', id: 't' },
    ]);
  });

  it('keep what is wrong with each of them', () => {
    const own = warning('DD350', 'of its own');
    expect(weave([cohort('a', [draft('d1')], { problems: [own] })]).problems).toEqual([own]);
  });
});

describe('cohorts that disagree', () => {
  it('follow the first, and say which values meet, in how many generations and how it is mended', () => {
    const first = cohort('first', [draft('d1'), essay('e1', 'd1'), essay('e2', 'd1')]);
    const second = cohort(
      'second',
      [draft('d1'), essay('e1', 'd1', { modelId: 'm2' }), essay('e2', 'd1', { modelId: 'm2' })],
      { file: '/p/second.yaml' },
    );
    const { value, problems } = weave([first, second]);
    expect(value.models).toEqual(['m1']);
    expect(problems).toEqual([
      {
        code: 'DD350',
        severity: 'warning',
        reason: 'shared_id',
        message:
          'cohort second: 2 essays with the model m2 have the ids of those of cohort first with m1, because an essay id holds no model: first is followed',
        place: { file: '/p/second.yaml', genId: 'e1' },
        cure: 'In second, write m1 instead of m2, or give m2 an essay_replicate that no other cohort uses. `--allow-merge` goes on with m1 alone.',
        data: {
          cohort: 'second',
          followed: 'first',
          stage: 'essay',
          part: 'model',
          kept: 'm1',
          dropped: 'm2',
          count: 2,
        },
      },
    ]);
  });

  it('about names say that letter case is ignored', () => {
    const { problems } = weave([
      cohort('a', [draft('d1')]),
      cohort('b', [draft('d1', { templateId: 'DT' })]),
    ]);
    expect(problems).toMatchObject([
      {
        message:
          'cohort b: 1 draft with the template DT has the id of one of cohort a with dt, because ids ignore letter case: a is followed',
        place: { genId: 'd1' },
        cure: 'Write dt instead of DT in b. `--allow-merge` goes on with dt alone.',
      },
    ]);
    expect(problems[0]?.place).not.toHaveProperty('file');
  });

  it.each([
    [{ comboId: 'C1' }, 'combo', 'c1', 'C1'],
    [{ replicate: 2 }, 'replicate', '1', '2'],
  ] as const)('are told by the part that differs: %j', (more, part, kept, dropped) => {
    const { problems } = weave([cohort('a', [draft('d1')]), cohort('b', [draft('d1', more)])]);
    expect(problems.map(({ data }) => data)).toMatchObject([{ part, kept, dropped, count: 1 }]);
  });

  it('are told once a pair of cohorts, of stages and of values', () => {
    const { problems } = weave([
      cohort('a', [draft('d1'), draft('d2'), essay('e1', 'd1')]),
      cohort('b', [
        draft('d1', { modelId: 'm2' }),
        draft('d2', { modelId: 'm3' }),
        essay('e1', 'd1', { modelId: 'm2' }),
      ]),
      cohort('c', [draft('d1', { modelId: 'm2' })]),
    ]);
    expect(problems.map(({ data }) => [data?.['cohort'], data?.['stage'], data?.['dropped']])).toEqual([
      ['b', 'draft', 'm2'],
      ['b', 'draft', 'm3'],
      ['c', 'draft', 'm2'],
      ['b', 'essay', 'm2'],
    ]);
  });
});
