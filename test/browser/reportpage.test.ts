// The HTML report in a real browser, from disk, at 50 templates by 20 models: it renders, sorts, links and reads, asks the network
// for nothing, and shows as text whatever tries to be markup.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../src/report/html/page.ts';
import { launchChromium } from '../support/chromium.ts';
import { needing } from '../support/needs.ts';
import { scratchFolder } from '../support/project.ts';
import { gridRows, HOSTILE, pageInput } from '../support/reportpage.ts';

const root = scratchFolder();
const file = join(root, 'cohorts/one/reports/report.html');
const address = pathToFileURL(file).href;
const problems: string[] = [];
const requests: string[] = [];
let browser: Browser;
let page: Page;

beforeAll(async () => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, reportPage(pageInput(gridRows(50, 20))));
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(address);
});

afterAll(() => browser?.close());

/** The texts of a column of the first matrix. */
const column = (at: number): Promise<string[]> =>
  page.locator('#matrix table').first().locator(`tbody tr > :nth-child(${at})`).allTextContents();

describe('the report page', needing('chromium'), () => {
  it('shows all templates and models', async () => {
    expect(await column(1)).toHaveLength(50);
    expect(await page.locator('#matrix table').first().locator('thead th').count()).toBe(22);
    expect(await page.locator('#matrix table').first().locator('tbody td b').count()).toBe(50 * 21);
  });

  it('colours cells, and says the number in each', async () => {
    const grounds = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.matrix tbody td[class^=s]')].map((cell) => getComputedStyle(cell).backgroundColor)`,
    );
    expect(new Set(grounds).size).toBeGreaterThan(5);
    expect(await page.locator('.matrix tbody td[class^=s]').first().textContent()).toMatch(
      /\d\.\d\d.*\d scores, \d combos/s,
    );
  });

  it('sorts by a column, and back', async () => {
    const head = page.locator('#matrix table').first().locator('thead th').nth(1);
    const means = async (): Promise<number[]> => (await column(2)).map((text) => Number.parseFloat(text));
    await head.locator('button').click();
    const down = await means();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(down).toHaveLength(50);
    expect(down).toEqual(down.toSorted((a, b) => b - a));
    await head.locator('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await means()).toEqual(down.toSorted((a, b) => a - b));
  });

  it('finds essays by words', async () => {
    await page.fill('#search', 'template-07 model-03');
    expect(await page.locator('#essay-rows tr:visible').count()).toBe(
      await shownWith('template-07', 'model-03'),
    );
    expect(await page.textContent('#found')).toMatch(/^[12] found$/);
    await page.fill('#search', '');
    expect(await page.locator('#essay-rows tr:visible').count()).toBe(1000);
  });

  it('opens a text as text, with its scores', async () => {
    const button = page.locator('#essay-rows button').first();
    const id = await button.getAttribute('data-essay');
    await button.click();
    expect(await page.textContent('#reader-text')).toBe(`${id}: ${HOSTILE}`);
    expect(await page.locator('#reader-scores tr').count()).toBe(2);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    await page.keyboard.press('Escape');
    expect(await page.locator('#reader').isVisible()).toBe(false);
  });

  it('leads to the file of an essay', async () => {
    const link = page.locator('#essay-rows a').first();
    const id = await link.textContent();
    const target = join(root, 'gens/essay', id ?? '', 'parsed.txt');
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, 'the essay itself');
    await link.click();
    await page.waitForURL(pathToFileURL(target).href);
    expect(await page.textContent('body')).toBe('the essay itself');
    await page.goto(address);
  });

  it('has a dark side', async () => {
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).toBe('rgb(20, 24, 29)');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe('rgb(255, 255, 255)');
  });

  it('refuses to fetch even when it is told to', async () => {
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

function shownWith(...words: readonly string[]): Promise<number> {
  return page.$$eval(
    '#essay-rows tr',
    (rows, all) => rows.filter((row) => all.every((word) => row.textContent.includes(word))).length,
    [...words],
  );
}
