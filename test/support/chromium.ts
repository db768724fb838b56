// A headless Chromium for tests of pages, which say `needing('chromium')`. Knows no page.
import { chromium, type Browser } from 'playwright-core';
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
