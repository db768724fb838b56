// The workbench in a real browser: a reader finds with it which of two templates is better and reads the texts that differ most; by
// keyboard alone, in the dark, on a narrow screen, in eight tabs; and whatever a model wrote is shown as text.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProject } from '../../src/api.ts';
import { launchChromium, turnTo } from '../support/chromium.ts';
import { needing } from '../support/needs.ts';
import { sampleWith, type TestProject } from '../support/project.ts';
import { openBench, type Bench } from '../support/pageserver.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = `</script><script>window.owned = 1</script><img src=x onerror="window.owned = 2">
<b>bold?</b> & <!-- no comment --> \u202Eesrever\u202C {{ x }} javascript:alert(1)`;
const ESSAY = 'e_2nvow3o7h9nijzyy';

let files: TestProject;
let bench: Bench;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  files = sampleWith();
  const project = await openProject({ root: files.root });
  await project.build().report;
  await project.close();
  bench = await openBench(files);
  browser = await launchChromium();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(bench.url);
  await page.waitForSelector('table.matrix');
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

const base = (): string => bench.url.replace(/#.*/, '');
async function open(address: string, there: string): Promise<void> {
  await turnTo(page, address);
  await page.waitForSelector(there);
}

/** Resolves once an expression is true in a page, whose own policy forbids to evaluate it there. */
async function until(expression: string, tab = page): Promise<void> {
  await tab.evaluate(
    `new Promise((done) => { const look = () => (${expression}) ? done() : setTimeout(look, 20); look(); })`,
  );
}

/** Every screen, with what shows that it is there. */
const SCREENS: readonly (readonly [address: string, there: string])[] = [
  ['#/matrix', 'table.matrix td a'],
  ['#/texts?draft_template=rolling-thread', 'table.plain tbody tr'],
  ['#/generations', '.generation'],
  ['#/generations?select=nonsense', '.problems li.error'],
  [`#/generation?id=${ESSAY}`, '.facts'],
  [`#/generation?id=${ESSAY}&file=metadata`, '.text.code'],
  ['#/pairs?facet=draft_template&a=rolling-thread&b=chance-meeting', '.lead'],
  ['#/read?facet=draft_template&a=rolling-thread&b=chance-meeting&at=0&diff=1', '.texts.of-2 .text ins'],
  ['#/read?order=best&at=1', '.texts .text'],
  ['#/rate?rater=ada', '.texts .text'],
  ['#/rate?rater=ada&kind=preference', '.texts.of-2 .text'],
  ['#/now', 'table.plain a'],
  ['#/plan', '.lead'],
  ['#/plan?force=1', 'table.plain tbody tr'],
  ['#/template?stage=draft&template=rolling-thread', '.text.code'],
  ['#/map', '.map .node'],
  ['#/runs', 'table.plain tbody tr'],
  ['#/plots', '.plot svg'],
  ['#/judges', 'table.plain tbody tr'],
  ['#/doctor', '.lead'],
  ['#/no-such-screen', 'h1'],
];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Of lines that are made alike, by their elements, classes and inline colours, the first is looked at. */
const ALIKE = `(() => {
  const made = (line) => [line, ...line.querySelectorAll('*')]
    .map((each) => [each.tagName, each.getAttribute('class'), each === line ? '' : each.getAttribute('style')].join('.'))
    .join(' ');
  const alike = [];
  for (const lines of document.querySelectorAll('tbody, .list > *')) {
    const seen = new Set();
    for (const line of lines.children) (seen.has(made(line)) ? alike.push(line) : seen.add(made(line)));
  }
  return { include: [document], exclude: alike };
})()`;

/** Of what stands above texts: what lies upon something else. */
const OVERLAPS = `(() => {
  const all = [...document.querySelectorAll('.fields a, .fields button, .fields [role=status]')];
  const upon = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return all.flatMap((one, at) => all.slice(at + 1)
    .filter((other) => upon(one.getBoundingClientRect(), other.getBoundingClientRect()))
    .map((other) => one.textContent + ' and ' + other.textContent));
})()`;

/** What depends on colours alone is all that a dark page can have besides. */
async function findings(scheme: 'light' | 'dark'): Promise<readonly string[]> {
  const rules = scheme === 'dark' ? `{ runOnly: ['color-contrast'] }` : '{}';
  const { violations } = await page.evaluate<{ violations: readonly Finding[] }>(
    `axe.run(${ALIKE}, ${rules})`,
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html)
        .slice(0, 3)
        .join(' | ')}`,
  );
}

describe('the workbench', { ...needing('chromium'), timeout: 400_000 }, () => {
  it('takes the token out of the address, and needs it only once', async () => {
    expect(page.url()).toBe(`${base()}#/matrix`);
    const cookies = await context.cookies();
    expect(cookies).toMatchObject([{ name: `daydream-${bench.port}`, httpOnly: true, sameSite: 'Strict' }]);
    await page.reload();
    await page.waitForSelector('table.matrix');
    // What was asked for before the page's own program was there is not asked for again.
    const asked = await page.evaluate<readonly string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/api/'))`,
    );
    expect(asked).toEqual([...new Set(asked)]);
    // What draws plots is fetched while nobody asks for a plot.
    await page.evaluate(`new Promise((done) => {
      const isOfPlots = ({ name }) => /chunks.charts-/.test(name);
      const seen = (list) => list.getEntries().some(isOfPlots) && done();
      new PerformanceObserver(seen).observe({ type: 'resource', buffered: true });
    })`);
  });

  it('lets a reader find which of two templates is better, and read the two texts that differ most', async () => {
    await open('#/matrix', 'table.matrix');
    for (const name of ['rolling-thread', 'chance-meeting']) await page.getByLabel(`compare ${name}`).check();
    await page.getByRole('button', { name: 'compare the two' }).click();
    await page.waitForSelector('.lead');
    expect(await page.textContent('.lead')).toMatch(/chance-meeting is (?:better|ahead)/);
    expect(await page.textContent('caption')).toBe('Difference by rubric');
    await page.getByRole('link', { name: 'read both' }).first().click();
    await page.waitForSelector('.texts.of-2 .text.prose');
    const texts = await page.locator('.texts .text').allTextContents();
    expect(texts).toHaveLength(2);
    expect(texts[0]).not.toBe(texts[1]);
    await page.keyboard.press('d');
    await page.waitForSelector('.texts .text ins');
    expect(await page.locator('.texts .text').first().locator('del').count()).toBeGreaterThan(0);
    await page.keyboard.press('j');
    await until(`document.querySelector('.pager [role=status]').textContent.startsWith('pair 2 of')`);
    await page.goBack();
    await page.waitForSelector('.lead');
  });

  it("goes by keyboard alone from the matrix to a judge's words", async () => {
    await open('#/matrix', 'table.matrix');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForSelector('.generation');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForSelector('table.matrix td a');
    await page.locator('table.matrix input').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toMatch(
      /^rolling-thread, \S+: mean \d\.\d\d\d+ scores\./,
    );
    await page.keyboard.press('Enter');
    await page.waitForSelector('table.plain');
    const link = page.locator('.scores a').first();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.facts');
    expect(await page.textContent('h1')).toMatch(/^evaluation v_/);
    expect(await page.textContent('.text')).toMatch(/\d/);
  });

  it('has no finding of axe-core on any screen, light and dark, wide and narrow, and is no wider than its window', async () => {
    const found: string[] = [];
    for (const [address, there] of SCREENS) {
      await open(address, there);
      if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
      for (const width of [1280, 400]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          found.push(
            ...(await findings(colorScheme)).map((each) => `${address} ${width} ${colorScheme} ${each}`),
          );
        }
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (wide > width) found.push(`${address} is ${wide} pixels wide`);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    expect(found).toEqual([]);
  });

  it('shows what one types as such, says where nothing is meant, and sets two fields on a line of a narrow screen', async () => {
    for (const [address, there, typed] of [
      ['#/plan?force=1', 'main p code', 'daydream ui --max-cost USD'],
      ['#/map', '.node code', 'daydream report'],
      ['#/generations?select=nonsense', '.problems code', ''],
    ] as const) {
      await open(address, there);
      expect(await page.textContent(there)).toContain(typed);
      expect(await page.locator(there).first().locator('..').textContent()).not.toContain('`');
    }
    await open('#/generations?select=nonsense', '.problems li');
    // No bullet stands beside the line that marks it.
    expect(
      await page.evaluate(
        `[document.querySelector('.problems li').offsetLeft - document.querySelector('.problems').offsetLeft,
          getComputedStyle(document.querySelector('.problems li')).listStyleType]`,
      ),
    ).toEqual([0, 'none']);
    await open('#/pairs', '.empty a');
    await open('#/pairs?facet=judge&a=nobody&b=none', '.lead');
    expect(await page.textContent('main')).toBe('nobody and noneThere is no score of nobody here.');
    await open('#/texts?find=nothing-is-called-so', '.empty');
    expect(await page.locator('main table, main .act').count()).toBe(0);
    await page.setViewportSize({ width: 400, height: 800 });
    await open('#/matrix', 'table.matrix td a');
    const tops = await page.locator('.fields .field').evaluateAll(
      // In the page.
      (fields) => fields.map((field) => (field as { offsetTop: number }).offsetTop),
    );
    expect(new Set(tops).size).toBe(Math.ceil(tops.length / 2));
    // Nothing lies upon what one steps with, and of a generation more than its id is in sight.
    await open('#/read?facet=draft_template&a=rolling-thread&b=chance-meeting&at=0', '.texts.of-2 .text');
    expect(await page.evaluate(OVERLAPS)).toEqual([]);
    await open('#/generations', '.generation .state');
    expect(
      await page.evaluate(`document.querySelector('.generation .state').getBoundingClientRect().right`),
    ).toBeLessThan(400);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('says of a template that nothing is made with what it is called, in place of another', async () => {
    await open('#/template?stage=zzz&template=rolling-thread', '.empty');
    expect(await page.textContent('.empty')).toBe('No generation is made with such a template.');
    expect(await page.evaluate(`document.querySelector('main select').selectedOptions[0].textContent`)).toBe(
      'zzz/rolling-thread: of no generation',
    );
  });

  it('keeps what a person thinks of texts without a name, by key, where daydream rate does', async () => {
    await open('#/rate?rater=ada', '.texts .text');
    expect(await page.textContent('main')).not.toMatch(
      /rolling-thread|chance-meeting|deepseek|gemini|combo_/,
    );
    await page.keyboard.press('7');
    await until(`document.querySelector('main [role=status]').textContent.startsWith('2 of')`);
    await page.keyboard.press('b');
    await until(`document.querySelector('main [role=status]').textContent.startsWith('1 of')`);
    await page.keyboard.press('6');
    await until(`document.querySelector('main [role=status]').textContent.startsWith('2 of')`);
    await open('#/rate?rater=ada&kind=preference', '.texts.of-2 .text');
    await page.keyboard.press('2');
    await until(`document.querySelector('main [role=status]').textContent.startsWith('2 of')`);
    const answers = files.read('data/ratings/ada.csv').trim().split('\n').slice(1);
    expect(answers.map((line) => line.split(',')[5])).toEqual(['7', '6', 'second']);
  });

  it('shows what a model wrote as text, whatever it is', async () => {
    files.write(`data/gens/essay/${ESSAY}/parsed.txt`, `${HOSTILE}\n${'long '.repeat(2_000_000)}`);
    await open(`#/generation?id=${ESSAY}`, '.text');
    const text = (await page.textContent('.text')) ?? '';
    expect(text.startsWith(HOSTILE)).toBe(true);
    expect(text.length).toBe(200_000);
    expect(await page.locator('.text *').count()).toBe(0);
    await page.getByRole('button', { name: 'show more' }).click();
    await until(`document.querySelector('.text').textContent.length === 400000`);
    expect(await page.evaluate('window.owned')).toBeUndefined();
  });

  it('shows a saved template, a broken spec and its mending without a reload', async () => {
    await open('#/matrix', 'table.matrix');
    files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[0].name }}.\n');
    await until(`document.querySelectorAll('.matrix .count span').length > 0`);
    const spec = files.read('data/cohorts/first-light/spec/config.yaml');
    files.write('data/cohorts/first-light/spec/config.yaml', 'no: spec\n');
    await page.waitForSelector('.problems li.error');
    files.write('data/cohorts/first-light/spec/config.yaml', spec);
    await until(`document.querySelectorAll('.problems li.error').length === 0`);
    expect(await page.textContent('.standing')).toMatch(/ of 116 current/);
  });

  it('asks again what did not get through, though its stream held', async () => {
    await open(`#/generation?id=${ESSAY}`, '.text');
    const before = files.read('templates/draft/rolling-thread.txt');
    await page.route(/\/api\/(?:status|text)/, (route) => route.abort());
    files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[1].name }}.\n');
    await until(`document.querySelectorAll('.problems li.error').length >= 2`);
    await page.unroute(/\/api\/(?:status|text)/);
    await until(`document.querySelectorAll('.problems li.error').length === 0`);
    expect(await page.textContent('.text')).not.toBe('');
    await page.route(/\/api\/generations/, (route) => route.abort());
    await open('#/generations', '.problems li.error');
    await page.unroute(/\/api\/generations/);
    await page.waitForSelector('.generation');
    files.write('templates/draft/rolling-thread.txt', before);
    await open('#/matrix', 'table.matrix');
    problems.splice(0, problems.length, ...problems.filter((each) => !each.includes('net::ERR_FAILED')));
  });

  it('plans, samples and builds what a template made stale', async () => {
    await open('#/template?stage=draft&template=rolling-thread', '.text.diff ins');
    await page.getByRole('button', { name: 'make a sample first' }).click();
    await page.waitForSelector('.texts.of-2 del');
    await until(
      `[...document.querySelectorAll('h2 .state')].filter((each) => each.textContent.includes('current')).length === 2`,
    );
    await open('#/plan', '.lead');
    expect(await page.textContent('.lead')).toMatch(/^\d+ of 116 generations to run; 0 calls for \$0\.$/);
    await page.getByRole('button', { name: 'build it' }).click();
    await until(`document.querySelector('.lead').textContent === 'Nothing is to run.'`);
    await until(
      `document.querySelector('.progress h2').textContent.startsWith('Built: all that was selected is current')`,
    );
    await open('#/now', 'table.plain a');
    expect(await page.textContent('main')).toContain('Everything is current.');
  });

  it('loads in eight tabs at once, and all of them are told', async () => {
    const tabs = await Promise.all(Array.from({ length: 8 }, () => context.newPage()));
    await Promise.all(
      tabs.map(async (tab) => {
        await tab.goto(`${base()}#/matrix`);
        await tab.waitForSelector('table.matrix');
      }),
    );
    const standing = `document.querySelector('.standing').textContent`;
    const before = await page.evaluate<string>(standing);
    files.write('templates/draft/chance-meeting.txt', 'Think of {{ concepts[1].name }}.\n');
    await Promise.all(tabs.map((tab) => until(`${standing} !== ${JSON.stringify(before)}`, tab)));
    const told = await Promise.all(tabs.map((tab) => tab.evaluate<string>(standing)));
    expect(new Set(told)).toEqual(new Set([await page.evaluate<string>(standing)]));
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  it('says when its server has ended, and when another one answers there; it goes on once that is opened', async () => {
    const first = await openBench();
    const own = await browser.newContext();
    const tab = await own.newPage();
    await tab.goto(first.url);
    await tab.waitForSelector('table.matrix');
    await first.close();
    await until(`document.querySelector('.standing').textContent.includes('does not answer')`, tab);
    const second = await openBench(first.files, { port: first.port });
    await until(
      `document.querySelector('.standing').textContent.includes('open the address that it printed')`,
      tab,
    );
    const beside = await own.newPage();
    await beside.goto(second.url);
    await beside.waitForSelector('table.matrix');
    await until(`!document.querySelector('.standing').textContent.includes('not connected')`, tab);
    expect(await tab.textContent('.standing')).toMatch(/^\d+ of \d+ current$/);
    await own.close();
    await second.close();
  });

  it('gives a foreign page nothing: it can not read, post, frame or listen', async () => {
    const stranger = await context.newPage();
    await stranger.route('http://stranger.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>stranger</title>' }),
    );
    await stranger.goto('http://stranger.example/');
    const outcome = await stranger.evaluate<readonly string[]>(`(async () => {
      const base = ${JSON.stringify(base())};
      const tried = (promise) => promise.then(() => 'got through', () => 'refused');
      const read = tried(fetch(base + 'api/status', { credentials: 'include' }).then((r) => r.text()));
      const posted = fetch(base + 'api/session', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' })
        .then((r) => r.type === 'opaque' ? 'refused' : 'got through', () => 'refused');
      const heard = new Promise((done) => {
        const stream = new EventSource(base + 'api/events', { withCredentials: true });
        stream.onmessage = () => done('got through');
        stream.onerror = () => { stream.close(); done('refused'); };
      });
      return Promise.all([read, posted, heard]);
    })()`);
    expect(outcome).toEqual(['refused', 'refused', 'refused']);
    await stranger.close();
  });

  it('says what to do where somebody opens the bare address', async () => {
    const other = await browser.newContext();
    const bare = await other.newPage();
    await bare.goto(base());
    await bare.waitForSelector('.problems');
    expect(await bare.textContent('.problems')).toContain('open the address that daydream ui printed');
    await other.close();
  });

  it('logs no error of its own', () => {
    expect(problems.filter((each) => !each.includes('status of 422'))).toEqual([]);
  });
});
