import mqtt from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Review } from '#schemas/api/consumption.ts';
import { fieldTopic } from '#schemas/topics.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** The list of implausible steps in Chromium: decided, seen, taken back, and told when later data explains one. */
const device = 'em-review-01';
const point = `${device}.active_energy_import`;
const minuteMs = 60_000;
/** Of the quarter of an hour before the running one, so that consumption is asked for whole quarters. */
const startMs = Math.floor(Date.now() / (15 * minuteMs)) * 15 * minuteMs - 15 * minuteMs;

describe.skipIf(!hasChromium())('consumption reviews', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
    const attributes = { ratedPowerKw: 100 };
    const created = await park.request('POST', '/devices', {
      id: device,
      name: '复核样例电表',
      class: 'energy-meter',
      attributes,
    });
    expect(created.status).toBe(201);
    const field = await mqtt.connectAsync(park.mqttUrl);
    const samples = [1_000, 1_001, 9_001, 9_002, 9_003].map((value, at) => ({
      ts: startMs + at * minuteMs,
      values: { active_energy_import: value },
    }));
    await field.publishAsync(fieldTopic('demo', device, 'telemetry'), JSON.stringify(samples), { qos: 1 });
    await field.endAsync();
    await consumption();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  /** Asking for it is what brings the steps of a day that is not over to the list. */
  const consumption = () => {
    const range = {
      from: new Date(startMs).toISOString(),
      to: new Date(startMs + 15 * minuteMs).toISOString(),
    };
    return park.request('GET', `/consumption?${new URLSearchParams({ points: point, ...range }).toString()}`);
  };
  const cases = async (state: string) =>
    (await park.request<{ items: Review[] }>('GET', `/consumption/reviews?state=${state}`)).body.items;

  const dialogOf = (page: Page) => page.getByRole('dialog').filter({ hasText: point });

  test(
    'an engineer accepts a step with a reason, sees who decided why, and takes it back',
    async () => {
      const { context, page, faults } = await park.open('/gateways?tab=reviews');
      const row = page.locator('.ant-table-row');
      await row.getByText('8,000 kWh').first().waitFor();
      await row.getByRole('button', { name: '复核' }).click();
      const dialog = dialogOf(page);
      await dialog.getByText('认可：8,000 kWh 计入用量').click();
      await dialog.getByLabel('依据').fill('ab');
      await dialog.getByRole('button', { name: '保存' }).click();
      await dialog.locator('.ant-form-item-explain-error').waitFor();
      await dialog.getByLabel('依据').fill('现场抄表核对');
      await dialog.getByRole('button', { name: '保存' }).click();
      await page.getByText('没有待复核的用量').waitFor();

      await page.goto(`${park.url}/gateways?tab=reviews&state=any&device=${device}`);
      await row.getByText('已认可').waitFor();
      await row.getByText('现场抄表核对').waitFor();
      await row.getByText(/^admin · /).waitFor();
      await row.getByRole('button', { name: '取回' }).click();
      await dialogOf(page).getByLabel('依据').fill('抄错了表号');
      await dialogOf(page).getByRole('button', { name: '取回' }).click();
      await row.getByText('已取回重判：抄错了表号').waitFor();
      expect(await cases('open')).toMatchObject([{ claimed: 8_000, decidedBy: null }]);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a reading left out on the device page renews its consumption; a case explained meanwhile says so',
    async () => {
      const { context, page } = await park.open(`/devices/${device}`);
      const panel = page.getByTestId('reviews');
      // Counted: 1001 - 1000, and 9003 - 9001; then without 9001 only 9003 - 9002.
      await page.getByRole('cell', { name: '3 kWh', exact: true }).waitFor();
      await panel.getByRole('button', { name: '复核' }).click();
      await dialogOf(page)
        .getByText(/剔除后一读数/)
        .click();
      await dialogOf(page).getByLabel('依据').fill('采集器正在重启');
      await dialogOf(page).getByRole('button', { name: '保存' }).click();
      await panel.getByText('后一读数已剔除').waitFor();
      await page.getByRole('cell', { name: '2 kWh', exact: true }).waitFor();

      // The step to 9,002 waits now; while somebody thinks about it, the sample before it counts again.
      await consumption();
      await page.reload();
      await panel.getByRole('button', { name: '复核' }).click();
      await dialogOf(page).getByText(/^认可/).click();
      await dialogOf(page).getByLabel('依据').fill('没有问题');
      const [leftOut] = await cases('left-out');
      await park.request('POST', `/consumption/reviews/${leftOut?.id}`, {
        decision: 'reopen',
        reason: 'it was right',
      });
      await consumption();
      await dialogOf(page).getByRole('button', { name: '保存' }).click();
      await dialogOf(page)
        .getByText(/刚到的数据已经解释了这一步进/)
        .waitFor();
      await panel.getByText('后到数据已作解释').waitFor();
      await context.close();
    },
    browserTimeoutMs,
  );
});
