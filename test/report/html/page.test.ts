// The report's page as text: what it holds, what it forbids, and that no text becomes markup.
import { describe, expect, it } from 'vitest';
import { MOST_ESSAYS } from '../../../src/report/html/essaysection.ts';
import { reportPage } from '../../../src/report/html/page.ts';
import { scoreMatrix, stepOf } from '../../../src/report/html/scorematrix.ts';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { ledgerTotal } from '../../../src/store/ledger/totals.ts';
import { gridRows, pageInput } from '../../support/reportpage.ts';

const page = reportPage(pageInput(gridRows(3, 2)));

describe('the page', () => {
  it('is the same for the same input', () => {
    expect(reportPage(pageInput(gridRows(3, 2)))).toBe(page);
  });

  it('names no address but relative ones and its own sections', () => {
    const urls = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map((match) => match[1] ?? '');
    expect(urls.length).toBeGreaterThan(5);
    expect(urls.filter((url) => !/^(?:#|\.\/)/.test(url))).toEqual([]);
    expect(page.replaceAll(/\s/g, '')).not.toMatch(/@import|url\(|https?:/);
  });

  it('holds its two scripts and no other, and no handler in an attribute', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toMatch(/<[^>]+\son\w+=/);
    expect(page).not.toMatch(/<(?:img|iframe|object|link|base|form)\b/);
  });

  it('forbids everything but its own style and script', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; script-src/);
    expect(policy).not.toContain('unsafe');
  });

  it('shows texts as text', () => {
    expect(page).not.toContain('<b>bold');
    expect(page).not.toContain('<i>one');
    expect(page).toContain('&lt;b&gt;bold?&lt;/b&gt;');
    expect(page).toContain('cohort &lt;i&gt;one&lt;/i&gt;');
  });

  it('links to the texts of essays', () => {
    expect(page).toContain('href="./../../../gens/essay/e_0_0_1/parsed.txt"');
  });

  it('warns of what is not current and of evaluations without a score', () => {
    expect(page).toContain('1 generation was not current');
    const rows = gridRows(1, 1);
    const input = pageInput(rows);
    expect(reportPage({ ...input, statistics: { ...input.statistics, evaluations: 5 } })).toContain(
      '1 of 5 evaluations have no score',
    );
  });

  it('says that there are no scores, and no calls', () => {
    const empty = reportPage(pageInput([]));
    expect(empty).toContain('No scores yet.');
    expect(empty).toContain('No call to a provider is on record');
  });

  it('shows what was spent', () => {
    const entry: LedgerEntry = {
      when: '2026-01-01T00:00:00Z',
      stage: 'draft',
      gen_id: 'd_1',
      model: 'maker/m',
      provider: 'p',
      pool: 'q',
      attempt: 1,
      outcome: 'reply',
      cost: 0.25,
      duration_ms: 1,
    };
    const total = ledgerTotal([entry]);
    const input = pageInput(gridRows(1, 1), {
      cost: { total, byStage: [{ ...total, key: 'draft' }], byModel: [] },
    });
    expect(reportPage(input)).toMatch(/<td class="number" data-v="0.25">\s*0.25\s*<\/td>/);
  });

  it('carries at most so many essays and says how many more there are', () => {
    const many = reportPage(pageInput(gridRows(30, 20)));
    expect(many.match(/data-essay=/g)).toHaveLength(MOST_ESSAYS);
    expect(many).toContain(`${1200 - MOST_ESSAYS} more are in the tables`);
  });

  it('shows the first ways of many, and still every other ranking', () => {
    const many = reportPage(pageInput(gridRows(30, 20)));
    expect(many.match(/<td>way<\/td>/g)).toHaveLength(300 + 29 + 10);
    expect(many).toContain('<td>combo</td>');
    expect(many).toContain('the first 300 of a kind; 300 more');
  });

  it('carries the texts of the best essays only, when they are long', () => {
    const long = 'x'.repeat(4_000_000);
    const some = reportPage(
      pageInput(gridRows(2, 2), { texts: { textOf: () => long, fromPage: (path) => path } }),
    );
    expect(some.match(/"text":/g)).toHaveLength(2);
  });
});

describe('a matrix', () => {
  const rows = gridRows(3, 2);
  const matrix = scoreMatrix(rows, { row: (each) => each.draftTemplate, column: (each) => each.draftModel });

  it('has a cell for each pair, over its essays', () => {
    expect([matrix.rows.length, matrix.columns.length]).toEqual([3, 2]);
    const mine = rows.filter(
      (each) => each.draftTemplate === 'template-01' && each.draftModel === 'model-01',
    );
    const mean = mine.reduce((total, each) => total + each.score, 0) / mine.length;
    expect(matrix.cell('template-01', 'model-01')).toMatchObject({ mean, count: 4, clusters: 2 });
    expect(matrix.cell('template-01', 'model-09')).toBeUndefined();
  });

  it('colours from the lowest cell to the highest', () => {
    expect([stepOf(2, [2, 4], 10), stepOf(3, [2, 4], 10), stepOf(4, [2, 4], 10)]).toEqual([0, 5, 9]);
    expect(stepOf(3, [3, 3], 10)).toBe(5);
  });

  it('leaves out what has no name', () => {
    const nameless = rows.map((each) => ({ ...each, draftModel: '' }));
    expect(
      scoreMatrix(nameless, { row: (each) => each.draftTemplate, column: (each) => each.draftModel }).rows,
    ).toEqual([]);
  });
});
