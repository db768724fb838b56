// Quality gates on a built project, as programs and `check --gate` ask them: current scores alone count, and staleness is said beside.
import { describe, expect, it } from 'vitest';
import { openProject, ProblemError } from '../../src/api.ts';
import { DRAFT, makeKite } from '../support/kite.ts';

describe('check with a gate', () => {
  it('says of a built project whether its scores pass, and of an edited one both that and that it is not current', async () => {
    const kite = makeKite();
    const project = await openProject({ root: kite.root });
    const asked = { gate: 'rubric:v-one n >= 16, failures < 5%' };
    const before = await project.check(asked);
    expect(before).toMatchObject({
      current: false,
      gate: { met: false, conditions: [{ value: 0 }, { value: 100 }] },
    });
    await project.build().report;
    expect(await project.check(asked)).toMatchObject({
      current: true,
      gate: { met: true, over: 'combos', conditions: [{ value: 16 }, { value: 0 }] },
    });
    expect((await project.check()).gate).toBeUndefined();
    const combos = await project.check({ gate: 'mean >= 0' });
    expect(combos.gate).toMatchObject({ met: false, conditions: [{ tooFew: true, clusters: 2 }] });
    const essays = await project.check({ gate: ['mean >= 0', 'essay_model:w2 n >= 8'], over: 'essays' });
    expect(essays.gate).toMatchObject({ met: true, conditions: [{ clusters: 8 }, { value: 8 }] });
    await expect(project.check({ over: 'essays' })).rejects.toThrow('over goes with a gate');
    const refused = await project.check({ gate: 'rubric:v-two mean >= 6' }).catch((error: unknown) => error);
    expect(refused instanceof ProblemError ? refused.problems[0]?.code : refused).toBe('DD170');

    const met = await kite.run(['check', '--gate', 'rubric:v-one n>=16', '--gate', 'failures < 5%']);
    expect(met).toMatchObject({ code: 0 });
    expect(met.stdout).toContain('gate met: failures < 5% (0 %');
    const few = await kite.run(['check', '--gate', 'mean >= 0']);
    expect(few.code).toBe(1);
    expect(few.stdout).toContain('gate not met, too few to tell: mean >= 0 (');
    expect(await kite.run(['check', '--gate', 'maen >= 0'])).toMatchObject({ code: 2 });
    expect(await kite.run(['check', '--gate', 'n > 0', '--no-artifacts'])).toMatchObject({ code: 2 });

    kite.edit(DRAFT, 'Use:', 'Make use of:');
    expect(await project.check(asked)).toMatchObject({
      current: false,
      gate: {
        met: false,
        conditions: [
          { value: 8, met: false },
          { value: 50, met: false },
        ],
      },
    });
    const json = await kite.run(['check', '--gate', 'n >= 8', '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      current: false,
      gate: { met: true, conditions: [{ condition: 'n >= 8', measure: 'n', value: 8, met: true }] },
    });
  });
});
