// The spec that tells two levels apart: it loads, and crosses everything as often as it says.
import { expect, it } from 'vitest';
import { compileDesign } from '../../src/cohort/design/design.ts';
import { boughtFiles } from '../../src/cohort/spec/bought.ts';
import { loadSpec } from '../../src/cohort/spec/load.ts';
import { memoryReader } from '../support/memoryreader.ts';

const ROOT = '/project/data';

it('crosses combos, ways, rubrics, judges and replicates, whatever they are called', () => {
  const files = boughtFiles({
    purpose: 'a line\nwith: "a break"',
    combos: ['c1', 'c,2'],
    ways: [
      ['d1', 'm1', 'no', 'None'],
      ['d2', 'm1', 'e', 'm"1'],
    ],
    rubrics: ['007'],
    judges: ['yes', "j'2"],
    replicates: { draft: 2, essay: 1, evaluation: 3 },
  });
  const reader = memoryReader(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`cohorts/c/${path}`, text])),
    ROOT,
  );
  const spec = loadSpec(reader, { specFile: `${ROOT}/cohorts/c/spec/config.yaml`, projectRoot: '/project' });
  expect(spec.problems).toEqual([]);
  const { value, problems } = compileDesign(spec.value);
  expect(problems).toEqual([]);
  expect(value.rows).toHaveLength(2 * 2 * 2 * 2 * 3);
});
