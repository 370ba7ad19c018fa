import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldTopic } from '#schemas/topics.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** A first device in Chromium: what nobody knows is found, adopted, and followed down to its packets. */
describe.skipIf(!hasChromium())('commissioning', () => {
  let park: ConsolePark;
  let field: mqtt.MqttClient;

  beforeAll(async () => {
    park = await startConsolePark();
    field = await mqtt.connectAsync(park.mqttUrl);
  }, browserTimeoutMs);
  afterAll(async () => {
    await field.endAsync();
    await park[Symbol.asyncDispose]();
  });

  const send = (device: string, payload: unknown) =>
    field.publishAsync(fieldTopic('demo', device, 'telemetry'), JSON.stringify(payload), { qos: 1 });

  test(
    'a refused packet of an unknown device leads to where it is registered, and its page tells what was refused and why',
    async () => {
      await send('em-unknown-1', { ts: Date.now(), active_power: 3 });
      const { context, page, faults } = await park.open('/gateways?tab=rejections');
      await page
        .locator('.ant-table-row')
        .filter({ hasText: 'em-unknown-1' })
        .getByText('未登记，去接入')
        .click();
      await page.getByText('没有 em-unknown-1 待接入的数据').waitFor();
      await page.getByRole('button', { name: '新增设备' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('名称').fill('一号电表');
      await form.getByLabel('类别').click();
      await page.getByTitle('电能表').click();
      await form.getByRole('button', { name: '新增设备' }).click();
      await page.getByText('em-unknown-1 已新增').waitFor();

      await send('em-unknown-1', { ts: Date.now(), values: { active_power: 12.5, voltage_l1: 9e9 } });
      await page.goto(`${park.url}/devices/em-unknown-1?tab=connection`);
      await page.getByText('含未知字段').first().waitFor();
      await page.getByText('implausible').first().waitFor();
      await page.getByText('"voltage_l1":9000000000').first().waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'what waits is adopted one by one and many at once, also beyond the first page',
    async () => {
      for (let n = 0; n < 230; n += 1) {
        const id = `wm-many-${String(n).padStart(3, '0')}`;
        await send(id, { ts: Date.now(), values: { volume: 10 + n, flow: 1 } });
      }
      const { context, page, faults } = await park.open('/gateways?tab=discoveries');
      await page.getByRole('tab', { name: '待接入 (99+)' }).waitFor();
      await page
        .getByRole('row', { name: /wm-many-000/ })
        .getByRole('button', { name: '接入' })
        .click();
      const one = page.getByRole('dialog');
      await one.getByRole('button', { name: '接入' }).click();
      await page.getByText('已接入 wm-many-000：补入 2 个读数').waitFor();

      await page.getByRole('button', { name: '继续加载' }).click();
      await page.getByText('wm-many-229').first().waitFor();
      await page.locator('.ant-table-thead .ant-checkbox-input').check();
      await page.getByRole('button', { name: '接入所选（229）' }).click();
      const many = page.getByRole('dialog');
      await many.getByRole('button', { name: '接入' }).click();
      await page.getByText('没有待接入的设备').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
