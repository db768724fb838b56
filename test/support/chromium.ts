// A headless Chromium for tests of pages, which say `needing('chromium')`. Knows no page.
import { chromium, type Browser, type Page } from 'playwright-core';
import { locate } from './needs.ts';

/** A browser with a profile of its own that is gone when it closes. */
export function launchChromium(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: locate('chromium'), headless: true, args });
}

/** Milliseconds: a screen on a machine that is busy with other tests. */
const PATIENCE = 120_000;

/** Goes to a screen of our page by its address; resolves once the page shows no screen of before any more, and what it asked for is there. */
export async function turnTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    if (location.hash === ${JSON.stringify(hash)}) return done();
    addEventListener('hashchange', () => done(), { once: true });
    location.hash = ${JSON.stringify(hash)};
  })`);
  await page.waitForSelector('main:not(:has([aria-busy=true]))', { timeout: PATIENCE }).catch(() => {
    throw new Error(`${hash} still waits for what it asked for`);
  });
}
