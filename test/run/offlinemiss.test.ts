// Why the cache has no answer: which recorded question is told of, what differs from it, and when nothing is explained any more.
import { describe, expect, it } from 'vitest';
import { digest } from '../../src/digest.ts';
import type { Asked, StoredResponse } from '../../src/store/responses.ts';
import { addressOf, entryOf, keepEntry, listResponses, openPack } from '../../src/store/responses.ts';
import { missExplainer } from '../../src/run/offlinemiss.ts';
import type { Question } from '../../src/run/question.ts';
import type { LookedUp, Workshop } from '../../src/run/workshop.ts';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import { writeAtomic } from '../../src/store/writing/atomic.ts';
import { scratchFolder } from '../support/project.ts';

const PROMPT = 'Write of the kite.\nIn three lines.\nNo title.';
const ASKED: Asked = { provider: 'lab', model: 'writer', temperature: '0.7', prompt: PROMPT };
const AT = '2026-01-01T00:00:00Z';

function question(asked: Asked = ASKED, genId = 'd_now'): Question {
  return { task: { genId, stage: 'draft' }, asked } as unknown as Question;
}

/** A cache of these entries, and the words of a first miss in it. */
async function cacheOf(...entries: readonly Partial<StoredResponse>[]): Promise<{
  readonly layout: Layout;
  readonly names: readonly string[];
  readonly missed: Workshop['missed'];
  readonly words: (question?: Question, team?: LookedUp) => string;
}> {
  const layout = layoutOf(scratchFolder());
  const names: string[] = [];
  for (const entry of entries) names.push(await keepEntry(layout, entryOf(recorded(entry))));
  const missed = missExplainer(
    layout,
    (team) => `none, ${team === undefined ? 'nobody' : 'the team'} looked`,
  );
  return { layout, names, missed, words: (asked = question(), team) => missed(asked, team) };
}

function recorded(entry: Partial<StoredResponse>): StoredResponse {
  const rest = {
    version: 1,
    kind: 'answer',
    text: 'said',
    rawMetadata: {},
    genId: 'd_then',
    at: AT,
  } as const;
  return { asked: ASKED, ...rest, ...entry };
}

const PLAIN = 'none, nobody looked';
const NEAREST = `${PLAIN}; nearest is the request for d_then of ${AT}: `;

describe('the plain words come first', () => {
  it('and know what came of the look into a cache of the team', async () => {
    const { words } = await cacheOf();
    expect(words()).toBe(`${PLAIN}; the cache holds no recorded answer`);
    expect(words(question(), 'missed')).toBe('none, the team looked; the cache holds no recorded answer');
  });
});

describe('what differs', () => {
  it.each<[what: string, then: Asked, words: string]>([
    ['a part', { ...ASKED, temperature: '0' }, 'temperature is 0.7, recorded 0'],
    [
      'several parts, by name',
      { ...ASKED, temperature: '0', model: 'other' },
      'model is writer, recorded other; temperature is 0.7, recorded 0',
    ],
    [
      'a part that was not there',
      { provider: 'lab', model: 'writer', prompt: PROMPT },
      'temperature is 0.7, recorded not set',
    ],
    ['a part that is not there', { ...ASKED, seed: '7' }, 'seed is not set, recorded 7'],
    [
      'a line of the prompt',
      { ...ASKED, prompt: PROMPT.replace('three', 'four') },
      'line 2 of the prompt is "In three lines.", recorded "In four lines."',
    ],
    [
      'a line more',
      { ...ASKED, prompt: 'Write of the kite.\nIn three lines.' },
      'line 3 of the prompt is "No title.", recorded not there',
    ],
    [
      'a line less',
      { ...ASKED, prompt: `${PROMPT}\nThanks.` },
      'line 4 of the prompt is not there, recorded "Thanks."',
    ],
    [
      'blanks and line ends alone',
      { ...ASKED, prompt: `${PROMPT}\n` },
      'the prompts differ in their blanks or line ends',
    ],
    [
      'a part and the prompt',
      { ...ASKED, model: 'other', prompt: 'Another' },
      'model is writer, recorded other; line 1 of the prompt is "Write of the kite.", recorded "Another"',
    ],
    [
      'an entry without a prompt',
      { provider: 'lab', model: 'writer', temperature: '0.7' },
      'line 1 of the prompt is "Write of the kite.", recorded not there',
    ],
  ])('%s', async (_what, then, words) => {
    expect((await cacheOf({ asked: then })).words()).toBe(NEAREST + words);
  });

  it('in a long line is cut after ninety characters', async () => {
    const prompt = `${'a'.repeat(91)}\nb`;
    const { words } = await cacheOf({ asked: { ...ASKED, prompt: 'c'.repeat(90) } });
    expect(words(question({ ...ASKED, prompt }))).toBe(
      `${NEAREST}line 1 of the prompt is "${'a'.repeat(90)}…", recorded "${'c'.repeat(90)}"`,
    );
  });
});

describe('nothing differs', () => {
  it.each([
    ['answer', 'just this was answered for d_then of', 'but a new answer is wanted'],
    [
      'truncated',
      'just this was asked for d_then of',
      'but the reply was cut off, and such a reply is never served',
    ],
    [
      'refused',
      'just this was asked for d_then of',
      'but the reply was refused or empty, and such a reply is never served',
    ],
  ] as const)('from one that came to be %s', async (kind, which, why) => {
    expect((await cacheOf({ kind })).words()).toBe(`${PLAIN}; ${which} ${AT}, ${why}`);
  });
});

describe('the nearest', () => {
  const other = { genId: 'd_other' };

  it('is the one with fewer parts that differ, before the one whose prompt is more alike', async () => {
    const { words } = await cacheOf(
      { ...other, asked: { ...ASKED, model: 'other', temperature: '0' } },
      { asked: { ...ASKED, prompt: 'Another prompt' } },
      { ...other, asked: { ...ASKED, model: 'third', temperature: '1' } },
    );
    expect(words()).toContain('for d_then');
  });

  it('is, of those with as many, the one that has more lines in common', async () => {
    const twoOfThree = { ...ASKED, prompt: PROMPT.replace('kite', 'kit') };
    const oneOfThree = { ...ASKED, prompt: 'Else\nIn three lines.\nElse' };
    const twoOfMany = { ...ASKED, prompt: `In three lines.\nNo title.\n${'More.\n'.repeat(9)}` };
    const { words } = await cacheOf(
      { ...other, asked: oneOfThree },
      { asked: twoOfThree },
      { ...other, asked: twoOfMany },
    );
    expect(words()).toBe(
      `${NEAREST}line 1 of the prompt is "Write of the kite.", recorded "Write of the kit."`,
    );
  });

  it('is one with a part more before one of the same generation with two', async () => {
    const { words } = await cacheOf(
      { ...other, genId: 'd_now', asked: { ...ASKED, model: 'other', temperature: '0' } },
      { asked: { ...ASKED, model: 'other' } },
    );
    expect(words()).toBe(`${NEAREST}model is writer, recorded other`);
  });

  it('is, of two that are as near, that of the same generation', async () => {
    for (const own of ['x', 'y']) {
      const asked = (model: string): Asked => ({ ...ASKED, model });
      const { words } = await cacheOf(
        { genId: own === 'x' ? 'd_now' : 'd_other', asked: asked('x') },
        { genId: own === 'y' ? 'd_now' : 'd_other', asked: asked('y') },
      );
      expect(words()).toContain(`for d_now of ${AT}: model is writer, recorded ${own}`);
    }
  });

  it('is never one that can not be read, or that a newer daydream wrote', async () => {
    const { layout, names, words } = await cacheOf(
      { asked: { ...ASKED, model: 'damaged' } },
      { asked: { ...ASKED, model: 'newer' } },
    );
    const [damaged, newer] = names;
    writeAtomic(`${layout.responses}/${damaged!.slice(0, 2)}/${damaged!}.json`, '{"version":1}');
    writeAtomic(`${layout.responses}/${newer!.slice(0, 2)}/${newer!}.json`, '{"version":99}');
    expect(words()).toBe(`${PLAIN}; the cache holds no recorded answer`);
  });

  it('is looked for among the first two thousand entries', async () => {
    const { layout, missed } = await cacheOf();
    const pack = openPack(layout);
    const numbers = Array.from({ length: 2001 }, (_, number) => number);
    const asked = (number: number): Asked => ({ provider: 'lab', model: 'writer', number: String(number) });
    await Promise.all(
      numbers.map((number) => pack.keep(addressOf(asked(number)), recorded({ asked: asked(number) }))),
    );
    await pack.close();
    const names = listResponses(layout).map((name) => name.replace('-1', ''));
    const named = (place: number): Asked =>
      numbers.map(asked).find((each) => addressOf(each) === names[place]) ?? {};
    expect(missed(question(named(1999)), undefined)).toContain('just this was answered');
    expect(missed(question(named(2000)), undefined)).toContain('nearest is');
  });
});

describe('the answer that the generation has now', () => {
  /** Says in the metadata of d_now that its raw text is this entry's. */
  const has = (layout: Layout, response: string | undefined, version = 1): void => {
    const trace = {
      version,
      generate: { parts: {}, output: digest('text'), ...(response === undefined ? {} : { response }) },
    };
    writeAtomic(`${layout.gens}/draft/d_now/metadata.json`, JSON.stringify({ trace }));
  };
  const far = { genId: 'd_far', asked: { provider: 'else', model: 'else', prompt: 'else' } };
  const near = { genId: 'd_near', asked: { ...ASKED, temperature: '0' } };

  it('is told of before a nearer one', async () => {
    const { layout, names, words } = await cacheOf(far, near);
    has(layout, names[0]);
    expect(words()).toContain('nearest is the request for d_far');
  });

  it.each<[what: string, response: (names: readonly string[]) => string | undefined, version?: number]>([
    ['is not named', () => undefined],
    ['is gone', () => `${'0'.repeat(32)}-1`],
    ['was named by a newer daydream', ([name]) => name, 99],
  ])('is looked for elsewhere where it %s', async (_what, response, version) => {
    const { layout, names, words } = await cacheOf(far, near);
    has(layout, response(names), version);
    expect(words()).toContain('nearest is the request for d_near');
  });

  it.each([
    ['can not be read', '{"version":1}'],
    ['was kept by a newer daydream', '{"version":99}'],
  ])('is looked for elsewhere where it %s', async (_what, json) => {
    const { layout, names, words } = await cacheOf(far, near);
    has(layout, names[0]);
    writeAtomic(`${layout.responses}/${names[0]!.slice(0, 2)}/${names[0]!}.json`, json);
    expect(words()).toContain('nearest is the request for d_near');
  });

  it('is looked for elsewhere where the metadata is damaged', async () => {
    const { layout, words } = await cacheOf(near);
    writeAtomic(`${layout.gens}/draft/d_now/metadata.json`, '{');
    expect(words()).toContain('nearest is the request for d_near');
  });

  it('is told of however many misses there were; others are explained twenty times', async () => {
    const { layout, names, words } = await cacheOf(near);
    has(layout, names[0]);
    const elsewhere = question(ASKED, 'd_else');
    for (let miss = 1; miss <= 20; miss++) expect(words(elsewhere)).toContain('temperature');
    expect(words(elsewhere)).toBe(PLAIN);
    expect(words()).toContain('temperature');
  });

  it('does not make the cache be read once more: what was kept after the first miss is not seen', async () => {
    const { layout, words } = await cacheOf(far);
    expect(words()).toContain('d_far');
    await keepEntry(layout, entryOf(recorded(near)));
    expect(words()).toContain('d_far');
  });
});
