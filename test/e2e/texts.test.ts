// Texts as they are found: line ends of any machine, merges that nobody decided, templates that hold nothing. What is no part of a
// text is no part of its identity, and nothing is asked that is no question.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digest, digestOf } from '../../src/digest.ts';
import { DRAFT, makeKite, type Kite } from '../support/kite.ts';

const CONCEPT = 'data/1_raw/concepts/descriptions-paragraph/k1.txt';
const TWO_LINES = 'Flies on a line.\nPulls.\n';

/** Writes a text again with other line ends. */
function endLines(kite: Kite, name: string, end: string): void {
  kite.write(name, kite.read(name).replaceAll(/\r\n?|\n/g, end));
}

/** As a daydream left it that counted line ends: in every trace, one part has the digest that it had then. */
function recordFormerly(kite: Kite, now: string, then: string): void {
  for (const name of kite.files('data/gens').filter((each) => each.endsWith('/metadata.json')))
    writeFileSync(kite.path(name), readFileSync(kite.path(name), 'utf8').replaceAll(now, then));
  kite.remove('data/.daydream/gens.bin');
  kite.remove('data/.daydream/graph.bin');
}

describe('line ends', () => {
  it.each(['\r\n', '\r'])('%j are no part of templates and concepts', async (end) => {
    const kite = makeKite(undefined, { [CONCEPT]: TWO_LINES });
    await kite.build();
    for (const name of kite.files('data/1_raw')) endLines(kite, name, end);
    for (const name of ['data/combo_mappings.csv', 'data/cohorts/C/spec/config.yaml'])
      if (end === '\r\n') endLines(kite, name, end);
    expect((await kite.check()).code).toBe(0);
    expect((await kite.build()).steps).toEqual([]);
  });

  it('of a concept do not reach a prompt', async () => {
    const kite = makeKite(undefined, { [CONCEPT]: TWO_LINES.replaceAll('\n', '\r\n') });
    await kite.build();
    expect(kite.read(`${kite.folder('A:d-one')}/prompt.txt`)).toContain('Flies on a line.\nPulls.');
  });

  it('that an earlier version counted leave what it made current', async () => {
    const kite = makeKite(undefined, { [CONCEPT]: TWO_LINES });
    await kite.build();
    endLines(kite, CONCEPT, '\r\n');
    endLines(kite, DRAFT, '\r\n');
    const contents = (text: string): string => digestOf([['Kite', text]]);
    recordFormerly(kite, contents('Flies on a line.\nPulls.'), contents('Flies on a line.\r\nPulls.'));
    const text = kite.read(DRAFT);
    recordFormerlyAgain(kite, digest(text.replaceAll('\r\n', '\n')), digest(text));
    expect((await kite.check()).code).toBe(0);
    expect((await kite.run(['why', kite.id('A:d-one')])).stdout).not.toContain('template changed');
    endLines(kite, CONCEPT, '\n');
    endLines(kite, DRAFT, '\n');
    expect((await kite.check()).code).toBe(0);
    kite.write(CONCEPT, 'Flies on a rope.\nPulls.\n');
    expect((await kite.check()).code).toBe(1);
  });
});

/** The caches are gone by then. */
function recordFormerlyAgain(kite: Kite, now: string, then: string): void {
  for (const name of kite.files('data/gens').filter((each) => each.endsWith('/metadata.json')))
    writeFileSync(kite.path(name), readFileSync(kite.path(name), 'utf8').replaceAll(now, then));
}

describe('a merge that is not decided', () => {
  const MARKED = ['Kept.', '<<<<<<< HEAD', 'Ours.', '=======', 'Theirs.', '>>>>>>> branch', ''].join('\n');
  it.each([DRAFT, CONCEPT, 'data/1_raw/draft_templates.csv', 'data/cohorts/C/spec/config.yaml'])(
    'stops a build: %s',
    async (name) => {
      const kite = makeKite();
      kite.write(name, MARKED);
      const { code, stderr } = await kite.run(['build']);
      expect(code).toBe(2);
      expect(stderr).toContain(`error DD284 ${name}:2`);
      expect(kite.exists('data/gens')).toBe(false);
    },
  );

  it.each([
    ['with its base', '<<<<<<< a\nOurs.\n||||||| base\nOld.\n=======\nTheirs.\n>>>>>>> b'],
    [
      'of Jujutsu',
      '<<<<<<< conflict 1 of 1\n%%%%%%% diff\n+Ours.\n+++++++ b\nTheirs.\n>>>>>>> conflict 1 of 1 ends',
    ],
    ['with longer marks', '<<<<<<<<<<< a\nOurs.\n===========\nTheirs.\n>>>>>>>>>>> b'],
    ['on Windows', '<<<<<<< a\r\nOurs.\r\n=======\r\nTheirs.\r\n>>>>>>> b'],
    ['without its first mark', 'Ours.\n=======\nTheirs.\n>>>>>>> b'],
    ['without its second', '<<<<<<< a\nOurs.\nTheirs.\n>>>>>>> b'],
    ['without its last', '<<<<<<< a\nOurs.\n=======\nTheirs.'],
    ['of which git’s first mark is left', '<<<<<<< HEAD\nOurs.'],
    ['of which git’s last mark is left', 'Theirs.\n>>>>>>> 1f3a9c2 (Say it shorter)'],
  ])('is one %s, too', async (_what, text) => {
    const kite = makeKite(undefined, { [DRAFT]: text });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`error DD284 ${DRAFT}:[12]: `));
  });

  it('is not what a line of equals signs is', async () => {
    const kite = makeKite();
    kite.write(DRAFT, 'Title\n=======\nUse {{ concepts[0].name }}\n<<<<<<< is what git writes\n>>>>>> six\n');
    expect((await kite.build()).code).toBe(0);
  });
});

describe('a prompt without a word', () => {
  it.each(['', ' \n\t\n', '{# todo #}\n', '\uFEFF'])('is refused before anything runs: %j', async (text) => {
    const kite = makeKite(undefined, { [DRAFT]: text });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain(`error DD484 ${DRAFT}`);
    expect(kite.exists('data/gens')).toBe(false);
  });

  it('fails its generation alone where only its values make it empty', async () => {
    const kite = makeKite(undefined, {
      [DRAFT]: "{% if concepts[0].name != 'Kite' %}Use {{ concepts[0].name }}{% endif %}",
    });
    const { code, steps } = await kite.build();
    expect(code).toBe(1);
    expect(steps).toContain('A:d-one failed: render');
    expect(steps).toContain('B:d-one rendered offline parsed');
    expect(kite.exists(`${kite.folder('A:d-one')}/raw.txt`)).toBe(false);
    kite.write(DRAFT, 'Use {{ concepts[0].name }}');
    expect((await kite.build()).code).toBe(0);
  });
});
