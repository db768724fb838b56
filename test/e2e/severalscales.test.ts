// That scores of several scales are averaged together is said wherever such means are shown, in one sentence, and nowhere else.
import { beforeAll, describe, expect, it } from 'vitest';
import { KITE_FILES, makeKite, SPEC, type Kite } from '../support/kite.ts';

let kite: Kite;
const SENTENCE =
  /means of anything but rubrics mix scores of several scales: v-two \(90 to 90\); v-one \(\S+ to \S+\)/g;
const RUBRICS = 'data/1_raw/evaluation_templates.csv';

beforeAll(async () => {
  kite = makeKite(undefined, {
    [RUBRICS]: `${KITE_FILES[RUBRICS]}v-two,Of a hundred,x,identity,llm\n`,
    'data/1_raw/templates/evaluation/v-two.txt': 'Judge of a hundred:\n{{ response }}\nEnd\n',
    [SPEC]: `${KITE_FILES[SPEC]}`.replace('[v-one]', '[v-one, v-two]'),
  });
  await kite.build();
  for (const combo of ['A', 'B'])
    for (const draft of ['d-one', 'd-two'])
      for (const essay of ['e-llm', 'e-copy'])
        for (const rubric of ['v-two', 'v-two#2'])
          kite.write(`${kite.folder(`${combo}:${draft}/${essay}/${rubric}`)}/parsed.txt`, '90\n');
});

describe('several scales', () => {
  it.each([
    [['--stats']],
    [['--show', 'ranking', '--format', 'csv']],
    [['--compare-levels', 'draft_template']],
    [['--compare-levels', 'judge', '--format', 'csv']],
    [['--separate', 'd-one,d-two']],
  ])('are said once beside %j', async (words) => {
    const { code, stdout, stderr } = await kite.run(['report', 'C', ...words]);
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`.match(SENTENCE)).toHaveLength(1);
  });

  it.each([[['--stats']], [['--compare-levels', 'draft_template']], [['--separate', 'd-one,d-two']]])(
    'are said in the document of %j',
    async (words) => {
      const { stdout, stderr } = await kite.run(['report', 'C', ...words, '--json']);
      const { cautions } = JSON.parse(stdout) as { cautions: readonly string[] };
      expect(cautions).toEqual([expect.stringMatching(SENTENCE)]);
      expect(stderr).not.toMatch(SENTENCE);
    },
  );

  it('are said on the page', async () => {
    await kite.run(['report', 'C', '--html', '--out', 'page.html']);
    expect(kite.read('page.html').match(SENTENCE)).toHaveLength(1);
  });

  it('are not said where rubrics are compared, which are not averaged', async () => {
    const { stdout, stderr } = await kite.run(['report', 'C', '--compare-levels', 'rubric']);
    expect(`${stdout}${stderr}`).not.toMatch(SENTENCE);
    const { stdout: document } = await kite.run(['report', 'C', '--compare-levels', 'rubric', '--json']);
    expect(JSON.parse(document)).toMatchObject({ cautions: [] });
  });
});
