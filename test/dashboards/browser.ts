import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { patienceMs } from '#test/kit/events.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = places.find((place) => existsSync(place));

/** Whether the browser tests can run here; prints why when they cannot. */
export function hasChromium(): boolean {
  // oxlint-disable-next-line no-console
  if (found === undefined) console.warn('skipped: Chromium is not installed (Debian: chromium)');
  return found !== undefined;
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: found ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface OpenedPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in it: uncaught errors and what the policy refused. */
  readonly faults: string[];
}

/** A page of somebody new. */
export async function openPage(browser: Browser): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`.trim());
  });
  page.setDefaultTimeout(patienceMs);
  return { context, page, faults };
}
