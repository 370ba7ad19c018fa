import type { Page } from 'playwright-core';
import { patienceMs } from '#test/kit/events.ts';
import { startServe, type ServedPark, type ServeOptions } from '#test/kit/serve.ts';
import { openPage, startBrowser, type OpenedPage } from './browser.ts';
import { buildConsole } from './build.ts';

/** A park that was started as a user starts it, with the console of this tree, and a Chromium to look at it. */
export interface ConsolePark extends ServedPark {
  /** A page of somebody new, which shows nothing yet. */
  newPage(): Promise<OpenedPage>;
  /** A page at a path of the console, where `who` (absent: `admin`) has just logged in. */
  open(path: string, who?: Credentials): Promise<OpenedPage>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** How long a test in the browser, and the start of its park with the build of the console, may take. */
export const browserTimeoutMs = 5 * patienceMs;

/** The password is the one `startServe` gives to `admin`. */
const admin: Credentials = { username: 'admin', password: 'correct horse battery' };

export async function startConsolePark(options: ServeOptions = {}): Promise<ConsolePark> {
  await buildConsole();
  await using started = new AsyncDisposableStack();
  const park = started.use(await startServe(options));
  const browser = started.adopt(await startBrowser(), (running) => running.close());
  const newPage = () => openPage(browser);
  const all = started.move();
  return {
    ...park,
    newPage,
    async open(path, who = admin) {
      const opened = await newPage();
      await opened.page.goto(`${park.url}${path}`);
      await logIn(opened.page, who);
      return opened;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Fills in the form that stands where somebody without a session comes to. */
export async function logIn(page: Page, { username, password }: Credentials): Promise<void> {
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录' }).click();
}
