// What a run's generations were when it ended: it comes back as it was written, or is damaged as a whole, and no name in it leads
// elsewhere.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { readMade, writeMade, type Made, type MadeLine } from '../../../src/store/runs/made.ts';
import { scratchFolder } from '../../support/project.ts';

const HEAD = { run: 'r1', cohorts: ['one', 'two'], inputs: { 'draft template d-one': 'aa' } };
const LINE: MadeLine = { stage: 'draft', genId: 'd_1', state: 'current', in: [0], text: null };
const MADE: Made = {
  head: HEAD,
  lines: [
    LINE,
    { ...LINE, stage: 'essay', genId: 'e_1', text: 'bb', files: { 'raw.txt': 'cc', 'parsed.txt': 'bb' } },
    { ...LINE, stage: 'evaluation', genId: 'v_1', calls: 2, cost: 0.5, score: { score: 7, wörd: 'ä\n' } },
  ],
};

let layout: Layout;
let path = '';
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  path = join(layout.runs, 'r1.made.jsonl');
});

/** A record with this head, or this line. */
function leave(head: unknown, ...lines: readonly unknown[]): void {
  mkdirSync(layout.runs, { recursive: true });
  writeFileSync(path, [head, ...lines].map((each) => `${JSON.stringify(each)}\n`).join(''));
}

const WHOLE = { version: 1, type: 'made', ...HEAD };

describe('what a run made', () => {
  it('comes back as it was written, beside the record of the run', async () => {
    await writeMade(layout, MADE);
    expect(readdirSync(layout.runs)).toEqual(['r1.made.jsonl']);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
    const read = readMade(layout, 'r1');
    expect(read).toEqual({ head: WHOLE, lines: MADE.lines });
  });

  it('may be nothing, and is not there where the run kept none', async () => {
    await writeMade(layout, { head: HEAD, lines: [] });
    expect(readMade(layout, 'r1')).toEqual({ head: WHOLE, lines: [] });
    expect(readMade(layout, 'r2')).toBeUndefined();
  });

  it.each([
    ['of another version', { ...WHOLE, version: 2 }],
    ['without cohorts', { ...WHOLE, cohorts: 'one' }],
    ['without inputs', { ...WHOLE, inputs: 'one' }],
    ['that is none', null],
  ])('is damaged with a head %s', (_, head) => {
    leave(head, LINE);
    expect(readMade(layout, 'r1')).toBe('damaged');
  });

  it.each([
    ['of no stage', { ...LINE, stage: 'verdict' }],
    ['without an id', { ...LINE, genId: 1 }],
    ['with no id at all', { ...LINE, genId: '' }],
    ['with an id that is hidden', { ...LINE, genId: '.d_1' }],
    ['with an id that leads elsewhere', { ...LINE, genId: 'a/../../b' }],
    ['with an id that leads elsewhere on another system', { ...LINE, genId: 'a\\b' }],
    ['with an id that no file has', { ...LINE, genId: 'a\0b' }],
    ['in no cohort', { ...LINE, in: 0 }],
    ['with a file that leads elsewhere', { ...LINE, files: { 'raw.txt': 'a', '../raw.txt': 'b' } }],
    ['that is none', null],
  ])('is damaged with a line %s', (_, line) => {
    leave(WHOLE, LINE);
    expect(readMade(layout, 'r1')).not.toBe('damaged');
    leave(WHOLE, LINE, line);
    expect(readMade(layout, 'r1')).toBe('damaged');
  });

  it('is damaged where it was cut off within a line, and where there is nothing in it', async () => {
    await writeMade(layout, MADE);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, -3));
    expect(readMade(layout, 'r1')).toBe('damaged');
    writeFileSync(path, '');
    expect(readMade(layout, 'r1')).toBe('damaged');
  });
});
