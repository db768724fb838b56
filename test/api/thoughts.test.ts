// What a model thinks aloud before its answer: kept or set apart, and that the choice asks nobody again.
import { expect, it, onTestFinished } from 'vitest';
import { startFakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor } from '../support/kite.ts';

const APART = { stages: { draft: { thoughts: 'apart' }, essay: { thoughts: 'apart' } } };

it('goes into no prompt where it is set apart, and is read anew where that is switched', async () => {
  const server = await startFakeProvider({
    answer: (request) => `<think>\nHm, a secret.\n</think>\n\n${kiteAnswer(request)}`,
  });
  onTestFinished(() => server.close());
  const kite = makeKite(server.url);
  expect((await kite.build()).code).toBe(0);
  const file = (name: string): string => `${kite.folder('A:d-one')}/${name}`;
  const raw = kite.read(file('raw.txt'));
  expect(kite.read(file('parsed.txt'))).toContain('secret');
  expect(server.requests.filter(({ prompt }) => prompt.includes('secret'))).not.toEqual([]);
  kite.write(CONFIG_FILE, settingsFor(server.url, APART));
  expect((await kite.run(['plan'])).stdout).toContain('4 thoughts');
  const before = server.requests.length;
  const { code, steps } = await kite.build();
  expect(code).toBe(0);
  expect(steps).toContain('A:d-one parsed');
  expect(kite.read(file('raw.txt'))).toBe(raw);
  expect(kite.read(file('parsed.txt'))).not.toContain('secret');
  const since = server.requests.slice(before).map(({ prompt }) => prompt);
  expect(since.length).toBeGreaterThan(0);
  expect(since.filter((prompt) => prompt.includes('secret'))).toEqual([]);
  expect((await kite.check()).code).toBe(0);
});

it('alone is no answer: it fails with its own cause, and nothing is made from it', async () => {
  const server = await startFakeProvider({ answer: () => '<think>\nHm.\nHm.\nHm.\n' });
  onTestFinished(() => server.close());
  const kite = makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url, APART) });
  kite.edit('data/1_raw/draft_templates.csv', 'essay_block', '');
  const { code, stdout, steps } = await kite.build();
  expect(code).toBe(1);
  expect(stdout).toContain('DD681');
  expect(steps.filter((step) => step.includes('failed: refused'))).toHaveLength(4);
  expect(server.requests).toHaveLength(4);
  expect((await kite.build()).steps.filter((step) => step.includes('called'))).toEqual([]);
});
