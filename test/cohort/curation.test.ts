// Lists of candidates: what counts as ticked, what is refused, and the spec that comes of it.
import { describe, expect, it } from 'vitest';
import { curatedFiles, tickedEssays } from '../../src/cohort/spec/curation.ts';
import { compileDesign } from '../../src/cohort/design/design.ts';
import { loadSpec } from '../../src/cohort/spec/load.ts';
import { memoryReader } from '../support/memoryreader.ts';

describe('a list of candidates', () => {
  it('gives the ticked essays once, in its order, whatever else stands in it', () => {
    const text =
      'rank,selected,essay_gen_id\n1,True,e_b\n2,no,e_no\n3, YES ,e_a\n4,,e_blank\n5,x,e_b\n6,1,e_c\n7,False,e_d\n';
    expect(tickedEssays(text, 'list.csv')).toEqual({ value: ['e_b', 'e_a', 'e_c'], problems: [] });
  });

  it('gives all essays where nothing can be ticked', () => {
    expect(tickedEssays('essay_gen_id\ne_2\ne_1\n', 'list.csv').value).toEqual(['e_2', 'e_1']);
  });

  it.each([
    ['selected\nTrue\n', 'no column essay_gen_id', 1],
    ['selected,essay_gen_id\nno,e_1\n', 'no ticked row', undefined],
    ['selected,essay_gen_id\nyes,e_1\nyes,\n', 'a ticked row without an essay', 3],
  ])('%j is refused: it has %s', (text, why, line) => {
    const [found] = tickedEssays(text, 'list.csv').problems;
    expect([found?.code, found?.place?.line]).toEqual(['DD703', line]);
    expect(found?.message).toContain(why);
  });
});

describe('the spec of a curated cohort', () => {
  const ROOT = '/project/data';
  const rowsOf = (replicates?: number): readonly (readonly unknown[])[] => {
    const files = curatedFiles({
      essays: ['e_1', 'e,2'],
      rubrics: ['no', '007'],
      judges: ['j1'],
      replicates,
      list: 'as it was\n',
    });
    expect(files['curation/essay_candidates.csv']).toBe('as it was\n');
    const reader = memoryReader(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`cohorts/c/${path}`, text])),
      ROOT,
    );
    const spec = loadSpec(reader, {
      specFile: `${ROOT}/cohorts/c/spec/config.yaml`,
      projectRoot: '/project',
    });
    const design = compileDesign(spec.value);
    expect([...spec.problems, ...design.problems]).toEqual([]);
    return design.value.rows;
  };

  it('reads back as texts, whatever YAML would take them for', () => {
    expect(rowsOf()).toEqual([
      ['e_1', 'no', 'j1'],
      ['e_1', '007', 'j1'],
      ['e,2', 'no', 'j1'],
      ['e,2', '007', 'j1'],
    ]);
  });

  it('counts replicates from 1', () => {
    expect(rowsOf(2).slice(0, 2)).toEqual([
      ['e_1', 'no', 'j1', 1],
      ['e_1', 'no', 'j1', 2],
    ]);
  });
});
