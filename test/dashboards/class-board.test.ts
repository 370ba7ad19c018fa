import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldTopic } from '#schemas/topics.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** The board of a class in Chromium, served by a park that was started as a user starts it. */

describe.skipIf(!hasChromium())('class board', () => {
  let park: ConsolePark;
  let field: MqttClient;

  beforeAll(async () => {
    park = await startConsolePark();
    field = await mqtt.connectAsync(park.mqttUrl);
    for (const [id, name] of [
      ['lift-a', '甲梯'],
      ['lift-b', '乙梯'],
    ]) {
      const created = await park.request('POST', '/devices', { id, name, class: 'elevator' });
      expect(created.status).toBe(201);
    }
  }, browserTimeoutMs);
  afterAll(async () => {
    await field.endAsync();
    await park[Symbol.asyncDispose]();
  });

  const send = (id: string, values: object) =>
    field.publishAsync(fieldTopic('demo', id, 'telemetry'), JSON.stringify({ ts: Date.now(), values }), {
      qos: 1,
    });

  test(
    'shows the worst first, follows a lift live, and leads to it by keyboard',
    async () => {
      await send('lift-a', { floor: 3, mode: 'normal', entrapment: false });
      await send('lift-b', { floor: 7, mode: 'fault', entrapment: false });
      const { context, page, faults } = await park.open('/boards/elevator');

      await page.getByRole('heading', { name: '电梯看板' }).waitFor();
      await page.locator('[data-point="lift-b.mode"]').getByText('故障').waitFor();
      const names = await page.locator('.ant-table-row a').allTextContents();
      expect(names.filter((name) => name.endsWith('梯'))).toEqual(['乙梯', '甲梯']);

      await send('lift-a', { floor: 12 });
      await page.locator('[data-point="lift-a.floor"]').getByText('12').waitFor();

      await page.keyboard.press('j');
      await page.locator('.ant-table-row.chosen').getByText('乙梯').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/devices\/lift-b/);
      await page.getByRole('heading', { name: '乙梯' }).waitFor();

      // By keyboard to another board, which is empty and says what to do.
      await page.keyboard.press('g');
      await page.keyboard.press('c');
      await page.getByRole('heading', { name: '门禁看板' }).waitFor();
      await page.getByText('这里没有在用的该类设备').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
