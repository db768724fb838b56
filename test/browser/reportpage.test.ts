// The report in a real browser, from disk, at 50 templates by 20 models: it renders, sorts, filters, compares and reads, asks the network
// for nothing, and shows as text whatever tries to be markup.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportData } from '../../src/ui/export/exportdata.ts';
import { exportPage } from '../../src/ui/export/exportpage.ts';
import { readProgram } from '../../src/ui/server/assets.ts';
import { launchChromium, turnTo } from '../support/chromium.ts';
import { needing } from '../support/needs.ts';
import { scratchFolder } from '../support/project.ts';
import { gridRows, HOSTILE, pageInput } from '../support/reportpage.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const root = scratchFolder();
const file = join(root, 'cohorts/one/reports/report.html');
const address = pathToFileURL(file).href;
const problems: string[] = [];
const requests: string[] = [];
let browser: Browser;
let page: Page;

beforeAll(async () => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, exportPage(exportData(pageInput(gridRows(50, 20))), readProgram()));
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await open('#/matrix', 'table.matrix td a');
});

afterAll(() => browser?.close());

async function open(place: string, there: string): Promise<void> {
  if (page.url().startsWith(address)) await turnTo(page, place);
  else await page.goto(`${address}${place}`);
  await page.waitForSelector(there);
}

/** Goes to the end of the table until all of its rows and columns are drawn. */
function seeAll(): Promise<void> {
  return page.evaluate(`new Promise((done) => {
    const table = document.querySelector('main table[aria-rowcount]');
    const frame = table.closest('.frame');
    const look = () => {
      frame.scrollTo(frame.scrollWidth, frame.scrollHeight);
      const rows = table.querySelectorAll('tr').length === Number(table.getAttribute('aria-rowcount'));
      const columns = table.querySelectorAll('thead th').length === Number(table.getAttribute('aria-colcount') ?? table.querySelectorAll('thead th').length);
      if (rows && columns) done();
      else setTimeout(look, 10);
    };
    look();
  })`);
}

const names = async (): Promise<string[]> => {
  await seeAll();
  return page.locator('table.matrix tbody th').allTextContents();
};

describe('the report page', needing('chromium'), () => {
  it('draws what is seen, the rest where one comes near it, and all of it on paper', async () => {
    const drawn = (): Promise<number> => page.locator('table.matrix tbody tr').count();
    expect(await drawn()).toBeLessThan(50);
    await page.pdf();
    expect(await drawn()).toBe(50);
  });

  it('shows all templates and models, the number in each cell', async () => {
    expect(await names()).toHaveLength(50);
    expect(await page.locator('table.matrix thead th').count()).toBe(22);
    expect(await page.locator('table.matrix tbody td a').count()).toBe(50 * 21);
    expect(await page.locator('table.matrix tbody td a').first().textContent()).toMatch(
      /mean \d\.\d\d\d+ scores\./,
    );
    expect(await page.textContent('header')).toContain('cohort <i>one</i>');
    expect(await page.textContent('.problems')).toContain('1 generation was not current');
  });

  it('colours cells by their means', async () => {
    const grounds = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.matrix a.scored')].map((cell) => getComputedStyle(cell).backgroundColor)`,
    );
    expect(new Set(grounds).size).toBeGreaterThan(5);
  });

  it('sorts by a column, and back', async () => {
    const before = await names();
    const means = (): Promise<number[]> =>
      page
        .locator('table.matrix tbody tr > :nth-child(3) .mean')
        .allTextContents()
        .then((texts) => texts.map((text) => Number(/[\d.]+$/.exec(text)?.[0])));
    const head = page.locator('table.matrix thead th').nth(2);
    await head.locator('button').click();
    await page.waitForSelector('[aria-busy=false] table.matrix th[aria-sort=descending]');
    await seeAll();
    const sorted = await means();
    expect(sorted).toHaveLength(50);
    expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
    expect(await names()).not.toEqual(before);
    await head.locator('button').click();
    await page.waitForSelector('[aria-busy=false] table.matrix thead:not(:has([aria-sort]))');
    expect(await names()).toEqual(before);
  });

  it('finds essays by words, opens one as text with its scores, and leads to its file', async () => {
    await open('#/texts', 'tbody tr');
    await seeAll();
    expect(await page.locator('tbody tr').count()).toBe(100);
    await page.getByLabel('find').fill('template-07 model-03');
    await page.keyboard.press('Enter');
    await page.waitForSelector('tbody:not(:has(tr:nth-child(3)))');
    const link = page.locator('tbody th a').first();
    const id = (await link.textContent()) ?? '';
    await link.click();
    await page.waitForSelector('.text.prose');
    expect(await page.textContent('.text')).toBe(`${id}: ${HOSTILE}`);
    await page.getByRole('button', { name: 'by judge' }).click();
    expect(await page.locator('.scores a').count()).toBe(2);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    const target = join(root, 'gens/essay', id, 'parsed.txt');
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, 'the essay itself');
    await page.getByRole('link', { name: 'open the file' }).click();
    await page.waitForURL(pathToFileURL(target).href);
    expect(await page.textContent('body')).toBe('the essay itself');
  });

  it('compares two templates and reads the two texts that differ most, word by word', async () => {
    await open('#/matrix', 'table.matrix td a');
    for (const name of ['template-01', 'template-02']) await page.getByLabel(`compare ${name}`).check();
    await page.getByRole('button', { name: 'compare the two' }).click();
    await page.waitForSelector('.lead');
    expect(await page.textContent('.lead')).toMatch(/template-0[12] is (?:ahead|better)/);
    await page.getByRole('link', { name: 'read both' }).first().click();
    await page.waitForSelector('.reader');
    await page.keyboard.press('d');
    await page.waitForSelector('.texts.of-2 .text ins');
  });

  it('goes from an essay to a judge, and says where texts are that it does not hold', async () => {
    await open('#/generation?id=v_1_1_1_judge-a', '.facts');
    expect(await page.locator('.chain li').count()).toBe(3);
    expect(await page.textContent('.empty')).toContain('not kept in the page');
    expect(await page.getByRole('link', { name: 'open the file' }).getAttribute('href')).toBe(
      './../../../gens/evaluation/v_1_1_1_judge-a/parsed.txt',
    );
  });

  it('sorts a table of statistics by its heads', async () => {
    await open('#/judges', 'tbody tr');
    const table = page.locator('.frame').first();
    await table.getByRole('button', { name: 'mean', exact: true }).click();
    expect(await table.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
  });

  it('says where it came from, as text', async () => {
    await open('#/origin', 'dl');
    expect(await page.textContent('main')).toContain('No call to a provider is on record');
    expect(await page.textContent('main')).toContain('<offline>');
    expect(await page.evaluate('window.owned')).toBeUndefined();
  });

  it.each([400, 1280])(
    'draws plots that are read at a width of %i: no letter small or cut off',
    async (width) => {
      const narrow = await browser.newPage({ viewport: { width, height: 900 } });
      await narrow.goto(`${address}#/plots`);
      // Means, dots by judge, judge against judge, score by length.
      await narrow.waitForFunction("document.querySelectorAll('.plot svg').length === 4");
      const found = await narrow.evaluate<readonly { text: string; height: number; cut: boolean }[]>(`
      [...document.querySelectorAll('.plot')].flatMap((plot) => {
        const room = plot.getBoundingClientRect();
        return [...plot.querySelectorAll('text')].map((text) => {
          const { left, right, top, bottom, height } = text.getBoundingClientRect();
          const cut = left < room.left || right > room.right || top < room.top || bottom > room.bottom;
          return { text: text.textContent, height, cut };
        });
      })`);
      await narrow.close();
      expect(found.length).toBeGreaterThan(60);
      expect(found.filter(({ cut, height }) => cut || height < 12)).toEqual([]);
    },
  );

  it('has no finding of axe-core, in the dark and in the light', async () => {
    const found: unknown[] = [];
    for (const [place, there] of [
      ['#/origin', 'dl'],
      ['#/plots', '.plot svg'],
      ['#/read?order=best&at=0', '.texts .text'],
    ] as const) {
      await open(place, there);
      if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await page.evaluate<{ violations: readonly { id: string }[] }>(
          'axe.run(document)',
        );
        found.push(...violations.map(({ id }) => `${place} ${colorScheme} ${id}`));
      }
    }
    expect(found).toEqual([]);
  });

  it('refuses to fetch even when it is told to, and has asked nobody', async () => {
    const outcome = await page.evaluate<string>(
      "fetch('https://example.invalid/').then(() => 'fetched', () => 'refused')",
    );
    expect(outcome).toBe('refused');
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  it('logs no error of its own', () => {
    expect(problems.filter((each) => !each.includes('example.invalid'))).toEqual([]);
  });
});
