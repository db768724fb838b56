// The report as one file: what it holds, what it forbids, and that no text becomes markup.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { essayPage } from '../../src/scores/book/essays.ts';
import { matrixReport } from '../../src/scores/book/matrixreport.ts';
import { unpackedBook } from '../../src/scores/book/packed.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { exportData } from '../../src/ui/export/exportdata.ts';
import { escaped, exportPage, jsonIsland } from '../../src/ui/export/exportpage.ts';
import { offlineDocuments } from '../../src/ui/page/offline/documents.ts';
import { gridRows, HOSTILE, pageInput } from '../support/reportpage.ts';

const PROGRAM = { script: 'let x = "</script><!--";', style: 'b { color: red }' };
const rows = gridRows(3, 2);
const data = exportData(pageInput(rows));
const page = exportPage(data, PROGRAM);

describe('the document', () => {
  it('is the same for the same input', () => {
    expect(exportPage(exportData(pageInput(gridRows(3, 2))), PROGRAM)).toBe(page);
  });

  it('holds its data and its program and no other script, no handler, and nothing that loads', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).not.toMatch(/<[^>]+\son\w+=/);
    expect(page).not.toMatch(/<(?:img|iframe|object|link|base|form)\b/);
    expect(page.replaceAll(/\s/g, '')).not.toMatch(/@import|url\(|https?:/);
  });

  it('forbids everything but its own style and program', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; script-src/);
    expect(policy).not.toContain('unsafe');
  });

  it('shows texts as text', () => {
    expect(page).not.toContain('<b>bold');
    expect(page).toContain('cohort &lt;i&gt;one&lt;/i&gt;');
    expect(escaped(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
  });
});

describe('an island of JSON', () => {
  it('can not be left by any text, and gives the value back', () => {
    const hostile = ['</script><script>alert(1)</script>', '<!--<script>', '\u2028', '\uD800'];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })), (text) => {
        const inner = /^<script type="application\/json" id="data">([^<]*)<\/script>$/s.exec(
          jsonIsland('data', { text }),
        )?.[1];
        expect(JSON.parse(inner ?? '')).toEqual({ text });
      }),
    );
  });
});

describe('the data', () => {
  it('says what a reader has to be warned of', () => {
    expect(data.cautions).toEqual(['1 generation was not current when this page was written.']);
    const input = pageInput(gridRows(1, 1));
    const { cautions } = exportData({ ...input, statistics: { ...input.statistics, evaluations: 5 } });
    expect(cautions[0]).toBe('1 of 5 evaluations have no score.');
  });

  it('gives the same cells and essays as the rows that it was packed from', () => {
    const book = unpackedBook(JSON.parse(JSON.stringify(data.book)) as typeof data.book);
    const matrix = matrixReport(book, { order: 'name' });
    const mine = rows.filter((row) => row.draftTemplate === 'template-01' && row.draftModel === 'model-01');
    const mean = mine.reduce((sum, each) => sum + each.score, 0) / mine.length;
    expect(matrix.rows.map(({ name }) => name)).toEqual(['template-00', 'template-01', 'template-02']);
    expect(matrix.cells[1]?.[1]).toMatchObject({ mean, count: 4, essays: 2, open: 0 });
    expect(matrix.cohorts).toEqual(['one']);
    const found = essayPage(book, { find: 'TEMPLATE-01 e_1_1', cohort: 'one' });
    expect(found.essays.map(({ genId }) => genId).toSorted()).toEqual(['e_1_1_1', 'e_1_1_2']);
    expect(found.essays[0]?.scores.map(({ judge }) => judge)).toEqual(['judge-a', 'judge-b']);
  });

  it('orders rows by the means of one column', () => {
    const { rows: ordered, cells } = matrixReport(unpackedBook(data.book), { order: 'name', by: 'model-01' });
    const means = ordered.map((_, place) => cells[place]?.[1]?.mean ?? 0);
    expect(means).toEqual(means.toSorted((a, b) => b - a));
    expect(ordered.map(({ name }) => name)).not.toEqual(['template-00', 'template-01', 'template-02']);
  });

  it('carries the texts of the best essays only, when they are long', () => {
    const long = 'x'.repeat(190_000);
    expect(Object.keys(exportData(pageInput(gridRows(8, 8), { textOf: () => long })).texts)).toHaveLength(32);
    expect(data.texts['e_0_0_1']).toBe(`e_0_0_1: ${HOSTILE}`);
    expect(data.cut).toEqual({});
  });

  it('carries the beginning of a text that is very long, beside those of all others, and the page says of how much', () => {
    const endless = `${'x'.repeat(199_999)}😀${'y'.repeat(10_000_000)}`;
    const carried = exportData(
      pageInput(gridRows(2, 2), { textOf: (id) => (id === 'e_1_1_1' ? endless : 'short') }),
    );
    expect(Object.keys(carried.texts)).toHaveLength(8);
    expect(carried.cut).toEqual({ e_1_1_1: endless.length });
    expect(offlineDocuments(carried).get('text')?.({ id: 'e_1_1_1' })).toMatchObject({
      text: 'x'.repeat(199_999),
      size: endless.length,
      next: null,
    });
    expect(offlineDocuments(carried).get('text')?.({ id: 'e_0_0_1' })).toMatchObject({
      text: 'short',
      size: 5,
    });
  });

  it('shows the first ways of many, and still every other ranking', () => {
    const ranking = exportData(pageInput(gridRows(30, 20))).tables.find(({ name }) => name === 'ranking');
    const kinds = (ranking?.rows ?? []).map(([kind]) => kind);
    expect(kinds.filter((kind) => kind === 'way')).toHaveLength(300);
    expect(kinds).toContain('combo');
    expect((ranking?.total ?? 0) - kinds.length).toBe(300);
  });

  it('holds what was spent, and that nothing was', () => {
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
    const { cost: _none, ...unpriced } = entry;
    const lost = ledgerTotal([{ ...unpriced, outcome: 'timeout', maybe_billed: true }]);
    const cost = {
      total,
      byStage: [{ ...total, key: 'draft' }],
      byModel: [
        { ...ledgerTotal([unpriced]), key: 'm' },
        { ...lost, key: 'n' },
      ],
    };
    const { costs } = exportData(pageInput(gridRows(1, 1), { cost })).origin;
    expect(costs.rows.map((row) => [row[0], row[6]])).toEqual([
      ['all', 0.25],
      ['stage', 0.25],
      ['model', 'unknown'],
      ['model', 'unknown'],
    ]);
    expect(data.origin.costs.total).toBe(0);
  });
});
