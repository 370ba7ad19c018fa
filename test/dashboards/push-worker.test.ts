import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** The console's worker in Chromium; the push service is the browser's own means of testing. */

/** In the worker: `handled` resolves when the next event has been dealt with to its end. */
const noteHandled = `{
  const { waitUntil } = ExtendableEvent.prototype;
  self.handled = new Promise((resolve) => {
    ExtendableEvent.prototype.waitUntil = function (work) {
      waitUntil.call(this, work);
      work.then(() => resolve('handled'), (error) => resolve(String(error)));
    };
  });
  undefined;
}`;

describe.skipIf(!hasChromium())('push worker', () => {
  let park: ConsolePark;
  beforeAll(async () => {
    park = await startConsolePark();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  test(
    'shows what is pushed while no console is on screen, and nothing while one is',
    async () => {
      const { context, page } = await park.newPage();
      await context.grantPermissions(['notifications'], { origin: park.url });
      await page.goto(park.url);
      const cdp = await context.newCDPSession(page);
      const registered = new Promise<string>((resolve) => {
        cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const found = registrations.find(({ isDeleted }) => !isDeleted);
          if (found !== undefined) resolve(found.registrationId);
        });
      });
      await cdp.send('ServiceWorker.enable');
      await page.evaluate(async () => {
        await navigator.serviceWorker.register('/push-worker.js');
        await navigator.serviceWorker.ready;
      });
      const registrationId = await registered;
      const push = (key: string) =>
        cdp.send('ServiceWorker.deliverPushMessage', {
          origin: park.url,
          registrationId,
          data: JSON.stringify({ key, title: key, body: 'text', severity: 'critical', path: '/alarms' }),
        });
      // The worker looks who is on screen when the push has come to it, which is not when it was sent.
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
      await worker.evaluate(noteHandled);
      await push('while visible');
      expect(await worker.evaluate('self.handled')).toBe('handled');
      await page.goto('about:blank');
      await push('while closed');
      await page.goto(park.url);
      const shown = await page.waitForFunction(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/push-worker.js');
        const found = (await registration?.getNotifications()) ?? [];
        return found.length === 0 ? null : found.map(({ title, tag }) => `${title} ${tag}`);
      });
      expect(await shown.jsonValue()).toEqual(['while closed while closed']);
      await context.close();
    },
    browserTimeoutMs,
  );
});
