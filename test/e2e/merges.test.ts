// Essays that differ in their model alone share an id: what would drop half of a design is refused, with the place and the cure.
import { describe, expect, it } from 'vitest';
import { makeKite, SPEC, type Kite } from '../support/kite.ts';
import { sampleWith } from '../support/project.ts';

/** A second cohort that has another model write the same essays. */
function withRival(): Kite {
  const kite = makeKite();
  kite.write('data/cohorts/D/spec/config.yaml', kite.read(SPEC).replace('[e-llm, w2]', '[e-llm, w1]'));
  return kite;
}

describe('two essay models for one draft and template', () => {
  it('are refused in one cohort, by all that makes or judges it, with its file and a cure that helps', async () => {
    const kite = makeKite();
    kite.edit(SPEC, '[e-llm, w2]', '[e-llm, w2], [e-llm, w1]');
    const built = await kite.run(['build']);
    expect(built.code).toBe(2);
    expect(built.stderr).toContain(
      `error DD325 ${SPEC}:9:5 (essay_llm): cohort C: 4 essays of the template "e-llm" by "w1" have the ids of those by "w2"`,
    );
    expect(built.stderr).toContain('essay_llm and essay_replicate, with the items [w2, 1] and [w1, 2]');
    expect(kite.exists('data/gens')).toBe(false);
    for (const words of [['plan'], ['check'], ['cohort', 'compile'], ['build', '--dry-run']])
      expect(await kite.run(words)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('DD325') as string,
      });
    // What only reads goes on, and says so.
    expect((await kite.run(['ls'])).code).toBe(0);
    kite.edit(
      SPEC,
      'axes: [essay_template, essay_llm]',
      'axes: [essay_template, essay_llm, essay_replicate]',
    );
    kite.edit(SPEC, '[e-llm, w2], [e-llm, w1]', '[e-llm, w2, 1], [e-llm, w1, 2]');
    kite.edit(SPEC, '[e-copy, None]', '[e-copy, None, 1]');
    const { code, stdout } = await kite.run(['plan', '--json']);
    expect({ code, total: (JSON.parse(stdout) as { total: number }).total }).toEqual({
      code: 0,
      total: 4 + 12 + 24,
    });
  });

  it('are refused in two cohorts, said once with both, and --allow-merge follows the first', async () => {
    const kite = withRival();
    const refused = await kite.run(['plan']);
    expect(refused.code).toBe(2);
    expect(refused.stderr.match(/DD350/g)).toHaveLength(1);
    expect(refused.stderr).toContain(
      'data/cohorts/D/spec/config.yaml: cohort D: 4 essays with the model w1 have the ids of those of cohort C with w2',
    );
    expect(await kite.run(['cohort', 'compile', 'C'])).toMatchObject({ code: 0 });
    expect(await kite.run(['cohort', 'compile', 'D'])).toMatchObject({ code: 2 });
    const { code, stderr } = await kite.run(['build', '--allow-merge']);
    expect(code).toBe(0);
    expect(stderr).toContain('warning DD350');
    expect((await kite.check('--allow-merge')).code).toBe(0);
    expect(await kite.check()).toMatchObject({ code: 2, stderr: expect.stringContaining('DD350') as string });
  });
});

describe('cohort new', () => {
  it('makes a spec that goes with the cohorts that are there: nothing is refused and nothing warned of', async () => {
    const project = sampleWith();
    expect((await project.run(['cohort', 'new', 'second-light'])).code).toBe(0);
    const rows = project.read('data/cohorts/second-light/spec/items/cohort_rows.yaml');
    expect(rows).toContain('- [rolling-thread, deepseek_r1_f, field-essay, gemini_25_flash]');
    const planned = await project.run(['plan']);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
  });
});
