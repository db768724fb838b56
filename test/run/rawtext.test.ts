// Before a raw text is replaced: an answer that somebody paid for and that is in no cache is put there, and nothing else is.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digest } from '../../src/digest.ts';
import { listResponses, readResponse, type StoredResponse } from '../../src/store/responses.ts';
import type { GraphSketch } from '../support/graphs.ts';
import { replied, workbench, type Answers, type Workbench } from '../support/workbench.ts';

const SINGLE: GraphSketch = { rows: { d1: { template: 'draft-t', model: 'writer' } } };
const EDITED: GraphSketch = { ...SINGLE, texts: { 'draft-t': 'another' } };

/** Built, its cache lost, and something done to it before the template changes. */
async function replaced(
  {
    answers,
    sketch = SINGLE,
    keepCache = false,
  }: { answers?: Answers; sketch?: GraphSketch; keepCache?: boolean },
  meanwhile: (bench: Workbench) => void = () => {},
): Promise<Workbench> {
  const bench = workbench(sketch, { answers });
  await bench.run();
  if (!keepCache) rmSync(bench.layout.responses, { recursive: true, force: true });
  meanwhile(bench);
  await bench.with({ ...EDITED, ...(sketch.asks === undefined ? {} : { asks: sketch.asks }) }).run();
  return bench;
}

function entries(bench: Workbench): readonly StoredResponse[] {
  return listResponses(bench.layout).map((name) => readResponse(bench.layout, name) as StoredResponse);
}

/** Entries for the prompt before the edit. */
const retired = (bench: Workbench): readonly StoredResponse[] =>
  entries(bench).filter(({ asked }) => asked['prompt'] !== 'another');

describe('an answer whose cache was lost', () => {
  it('is kept under what was asked, before it is replaced', async () => {
    const bench = await replaced({ answers: () => replied('paid for', { usage: { cost: 0.5 } }) });
    expect(retired(bench)).toMatchObject([
      {
        asked: { prompt: 'text of draft-t', model: 'maker/writer' },
        kind: 'answer',
        text: 'paid for',
        genId: 'd1',
        rawMetadata: { usage: { cost: 0.5 } },
      },
    ]);
    // And so the old text is back without a call.
    expect((await bench.with(SINGLE).run()).told).toEqual(['d1 built rendered cached parsed']);
  });

  it.each([
    ['truncated', { truncated: true }],
    ['refused', { refusal: 'content_filter' }],
  ] as const)('is kept as %s where it was that', async (kind, more) => {
    const bench = await replaced({ answers: () => replied('some', more) });
    expect(retired(bench)).toMatchObject([{ kind, text: 'some' }]);
  });
});

describe('nothing is kept', () => {
  const said: Answers = () => replied('paid for');

  it('twice', async () => {
    expect(retired(await replaced({ answers: said, keepCache: true }))).toHaveLength(1);
  });

  it('twice, though a hand has changed the prompt since', async () => {
    const bench = await replaced({ answers: said, keepCache: true }, ({ write }) =>
      write('d1', 'prompt.txt', 'by hand'),
    );
    expect(retired(bench).map(({ asked }) => asked['prompt'])).toEqual(['text of draft-t']);
  });

  it('of a text that a hand has changed since', async () => {
    const bench = await replaced({ answers: said }, ({ write }) => write('d1', 'raw.txt', 'by hand'));
    expect(retired(bench)).toEqual([]);
  });

  it.each(['raw.txt', 'prompt.txt'])('where a power cut has emptied %s', async (file) => {
    const bench = await replaced({ answers: said }, ({ write }) => write('d1', file, ''));
    expect(retired(bench)).toEqual([]);
  });

  it.each(['raw.txt', 'prompt.txt'])('where %s is gone', async (file) => {
    const bench = await replaced({ answers: said }, ({ layout }) =>
      rmSync(`${layout.gens}/draft/d1/${file}`),
    );
    expect(retired(bench)).toEqual([]);
  });

  it('of a copy', async () => {
    const bench = workbench({
      rows: { d1: { template: 'draft-t' }, e1: { from: 'd1', template: 'essay-t' } },
      copies: ['essay-t'],
    });
    await bench.run();
    const before = listResponses(bench.layout);
    bench.write('d1', 'parsed.txt', 'by hand');
    expect((await bench.run()).told).toEqual(['e1 built rendered copied parsed']);
    expect(listResponses(bench.layout)).toEqual(before);
  });

  it('of the offline model', async () => {
    const bench = await replaced({
      answers: said,
      sketch: { ...SINGLE, asks: { writer: { provider: 'offline', server: 'offline' } } },
    });
    expect(entries(bench)).toEqual([]);
  });
});

describe('a prompt that a hand has changed', () => {
  it('is not taken for what was asked: the answer is kept under its digest', async () => {
    const bench = await replaced({ answers: () => replied('paid for') }, ({ write }) =>
      write('d1', 'prompt.txt', 'by hand'),
    );
    expect(retired(bench)).toMatchObject([
      { text: 'paid for', asked: { prompt: digest('text of draft-t') } },
    ]);
  });
});

describe('the answer of another tool', () => {
  const foreign = (bench: Workbench, metadata?: object): void => {
    bench.write('d1', 'prompt.txt', 'an old prompt');
    bench.write('d1', 'raw.txt', 'its answer');
    if (metadata !== undefined) bench.write('d1', 'raw_metadata.json', JSON.stringify(metadata));
  };

  it('is kept as an answer of the configured model to the prompt that lies there', async () => {
    const bench = workbench(SINGLE);
    foreign(bench, { finish_reason: 'stop' });
    await bench.run();
    expect(entries(bench).find(({ text }) => text === 'its answer')).toMatchObject({
      asked: { prompt: 'an old prompt', model: 'maker/writer', mode: 'llm' },
      kind: 'answer',
      rawMetadata: { finish_reason: 'stop' },
    });
  });

  it('is kept as cut off where its metadata says so', async () => {
    const bench = workbench(SINGLE);
    foreign(bench, { truncated: true });
    await bench.run();
    expect(entries(bench).find(({ text }) => text === 'its answer')?.kind).toBe('truncated');
  });

  it('is kept as of an unknown provider where the offline model takes its place', async () => {
    const bench = workbench({ ...SINGLE, asks: { writer: { provider: 'offline', server: 'offline' } } });
    foreign(bench);
    await bench.run();
    expect(entries(bench)).toMatchObject([{ text: 'its answer', asked: { provider: 'unknown' } }]);
  });

  it('is kept though its metadata can not be read, and though a step before it was recorded', async () => {
    for (const [file, text] of [
      ['raw_metadata.json', '{'],
      ['metadata.json', '{'],
      ['metadata.json', JSON.stringify({ trace: { version: 1 } })],
    ] as const) {
      const bench = workbench(SINGLE);
      foreign(bench);
      bench.write('d1', file, text);
      await bench.run();
      expect(entries(bench).find((each) => each.text === 'its answer')).toMatchObject({
        kind: 'answer',
        rawMetadata: {},
        at: '2026-01-02T03:04:05.000Z',
      });
    }
  });

  it.each(['prompt.txt', 'raw.txt'])('is none where %s is empty', async (file) => {
    const bench = workbench(SINGLE);
    foreign(bench);
    bench.write('d1', file, '');
    await bench.run();
    expect(entries(bench).map(({ text }) => text)).not.toContain('its answer');
    expect(entries(bench).map(({ text }) => text)).not.toContain('');
  });

  it('is kept once, however often it is put there', async () => {
    const bench = workbench(SINGLE);
    for (let time = 0; time < 2; time++) {
      rmSync(`${bench.layout.gens}/draft/d1`, { recursive: true, force: true });
      foreign(bench);
      await bench.run();
    }
    expect(entries(bench).filter(({ text }) => text === 'its answer')).toHaveLength(1);
  });

  it('that was adopted is kept when the offline model takes its place', async () => {
    const offline = { writer: { provider: 'offline', server: 'offline' } };
    const bench = workbench({ ...SINGLE, asks: offline });
    bench.write('d1', 'prompt.txt', 'text of draft-t');
    bench.write('d1', 'raw.txt', 'its answer');
    bench.write('d1', 'parsed.txt', 'its answer');
    expect((await bench.run()).told).toEqual(['d1 adopted']);
    await bench.with({ ...EDITED, asks: offline }).run();
    expect(entries(bench)).toMatchObject([{ text: 'its answer', asked: { provider: 'unknown' } }]);
  });

  it('stays out of the cache where a newer daydream made it', async () => {
    const bench = workbench(SINGLE);
    foreign(bench);
    bench.write('d1', 'metadata.json', JSON.stringify({ trace: { version: 99 } }));
    await bench.run();
    expect(entries(bench).map(({ text }) => text)).not.toContain('its answer');
  });
});

it('a name that another answer has taken since does not count as kept', async () => {
  const bench = workbench(SINGLE, { answers: () => replied('first') });
  await bench.run();
  rmSync(bench.layout.responses, { recursive: true });
  // Another generation asks the same, and its answer gets the name.
  const other = workbench(
    { rows: { d2: { template: 'draft-t', model: 'writer' } } },
    { answers: () => replied('second'), layout: bench.layout },
  );
  await other.run();
  await bench.with(EDITED).run();
  expect(
    retired(bench)
      .map(({ text }) => text)
      .sort(),
  ).toEqual(['first', 'second']);
});

describe('a reply that was paid for', () => {
  it.each([
    ['answer', {}],
    ['truncated', { truncated: true }],
    ['refused', { refusal: 'empty' }],
    ['refused', { refusal: 'content_filter', truncated: true }],
  ] as const)('is kept as %s', async (kind, more) => {
    const bench = workbench(SINGLE, { answers: () => replied('some', more) });
    await bench.run();
    expect(entries(bench)).toMatchObject([{ kind, text: 'some', at: '2026-01-02T03:04:05.000Z' }]);
  });

  it('tells of its attempts where there was more than one', async () => {
    for (const count of [1, 2]) {
      const attempts = Array.from({ length: count }, () => ({ reason: 'reset' }));
      const bench = workbench(SINGLE, {
        answers: () => ({ ...(replied('some') as object), attempts }) as never,
      });
      await bench.run();
      expect(entries(bench)[0]?.rawMetadata['attempts']).toEqual(count === 1 ? undefined : attempts);
    }
  });
});
