// The mailbox between a build and a running watch: what goes in comes out as it was, once, and only while somebody waits for it.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  answerErrand,
  clearAnswers,
  readNews,
  sendErrand,
  takeErrands,
  withdraw,
  type Errand,
} from '../../src/watch/mailbox.ts';

let mailbox: string;
beforeEach(() => {
  mailbox = mkdtempSync(join(tmpdir(), 'daydream-mail-'));
});
afterEach(() => rmSync(mailbox, { recursive: true, force: true }));

const ERRAND: Errand = {
  id: '1-2',
  command: 'daydream build',
  approved: true,
  request: {
    select: ['a'],
    exclude: ['b'],
    edits: 'discard',
    retry: new Set(['api', 'refused']),
    force: ['draft'],
  },
};

it('brings an errand over as it was, and only once', () => {
  sendErrand(mailbox, ERRAND);
  expect(takeErrands(mailbox, Date.now())).toEqual([ERRAND]);
  expect(takeErrands(mailbox, Date.now())).toEqual([]);
});

it('keeps the difference between forcing all, some and nothing', () => {
  const { force: _force, ...plain } = ERRAND.request;
  sendErrand(mailbox, { ...ERRAND, id: 'a', request: { ...plain, force: 'all' } });
  sendErrand(mailbox, { ...ERRAND, id: 'b', request: plain });
  expect(takeErrands(mailbox, Date.now()).map(({ request }) => request.force)).toEqual(['all', undefined]);
});

it('throws away what nobody waits for any more, and what is no errand', () => {
  sendErrand(mailbox, ERRAND);
  writeFileSync(join(mailbox, 'rubbish.json'), '{"version":1');
  writeFileSync(join(mailbox, 'other.json'), '{"version":99,"id":"x","request":{}}');
  expect(takeErrands(mailbox, Date.now() + 120_000)).toEqual([]);
  expect(readdirSync(mailbox)).toEqual([]);
});

it('answers: the latest news count, and a withdrawal takes everything away', () => {
  expect(readNews(mailbox, '1-2')).toBeUndefined();
  answerErrand(mailbox, '1-2', { state: 'accepted' });
  answerErrand(mailbox, '1-2', { state: 'declined', reason: 'dear', message: 'no' });
  expect(readNews(mailbox, '1-2')).toMatchObject({ state: 'declined', message: 'no' });
  expect(takeErrands(mailbox, Date.now())).toEqual([]);
  withdraw(mailbox, '1-2');
  expect(readdirSync(mailbox)).toEqual([]);
});

it('clears what an earlier watch left, but no errand that has just come', () => {
  answerErrand(mailbox, 'old', { state: 'accepted' });
  sendErrand(mailbox, ERRAND);
  clearAnswers(mailbox);
  expect(readdirSync(mailbox)).toEqual(['1-2.json']);
});

it('is empty where there is no folder', () => {
  expect(takeErrands(join(mailbox, 'none'), 0)).toEqual([]);
  clearAnswers(join(mailbox, 'none'));
});
