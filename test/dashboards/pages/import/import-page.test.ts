import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from '../../browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from '../../console-park.ts';

const csv = (text: string) => ({ name: 'devices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

describe.skipIf(!hasChromium())('commissioning in the console', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  test(
    'an engineer imports a list after seeing its faults and its difference, gives a device its password, and maps a vendor',
    async () => {
      const { context, page, faults } = await park.open('/devices/import');

      // Faults by line, nothing written; the browser tells of the refusal, too.
      const input = page.locator('input[type=file]');
      await input.setInputFiles(csv('编号,名称,类别\nem-1,一号电表,toaster\n'));
      await page.getByText('there is no device class "toaster"').waitFor();
      faults.length = 0;
      await page.getByRole('button', { name: '选择其他文件' }).click();
      await input.setInputFiles(csv('编号,名称,类别\nem-1,一号电表,energy-meter\n'));
      await page.getByText('一号电表').waitFor();
      expect((await park.request('GET', '/devices/em-1')).status).toBe(404);
      await page.getByRole('button', { name: '导入 1 项' }).click();
      await page.getByText('已导入：新增 1 项').waitFor();

      // A password, shown once, lets the device in as itself.
      await page.goto(`${park.url}/devices/em-1?tab=connection`);
      await page.getByRole('button', { name: '生成口令' }).click();
      const password = await page.getByTestId('secret').inputValue();
      const device = await mqtt.connectAsync(park.mqttUrl, {
        username: 'em-1',
        password,
        reconnectPeriod: 0,
      });
      const message = JSON.stringify({ ts: Date.now(), values: { active_power: 12 } });
      await device.publishAsync('park/v1/demo/em-1/telemetry', message, { qos: 1 });
      await device.publishAsync('park/v1/demo/em-2/telemetry', message, { qos: 1 });
      await device.endAsync();
      const refused = await park.request<{ items: unknown[] }>('GET', '/rejections?device=em-2');
      expect(refused.body.items).toMatchObject([{ reason: 'not-permitted' }]);
      await page
        .getByRole('button', { name: '关 闭' })
        .or(page.getByRole('button', { name: '关闭' }))
        .click();
      await page.getByText('"active_power":12').waitFor();

      // A vendor's message is tried, and its mapping put in force.
      await page.goto(`${park.url}/gateways?tab=mappings`);
      const mapping = `mappings:
  - id: meters
    topic: meters/{id}
    device: em-{id}
    class: energy-meter
    values: [{ metric: active_power, path: p, unit: W }]
`;
      await page.getByLabel('映射（YAML）').fill(mapping);
      await page.getByLabel('主题', { exact: true }).fill('meters/1');
      await page.getByLabel('报文', { exact: true }).fill('{"p": 1500}');
      await page.getByRole('button', { name: '试算' }).click();
      await page.getByText('1.5 kW').waitFor();
      await page.getByRole('button', { name: '保存并启用' }).click();
      await page.getByRole('dialog').getByRole('button', { name: '保存并启用' }).click();
      await page.getByText('版本 1 已启用').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
