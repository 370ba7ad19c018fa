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

/** An instant as the park's clock on the wall shows it (UTC+8). */
const wallClock = (timeMs: number) =>
  new Date(timeMs + 8 * 60 * minuteMs).toISOString().slice(0, 19).replace('T', ' ');

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

  test(
    'a meter that was replaced says when, with both registers and why; consumption goes on, and back when it is withdrawn',
    async () => {
      const swapped = 'em-swap-01';
      await park.request('POST', '/devices', { id: swapped, name: '换表样例电表', class: 'energy-meter' });
      const field = await mqtt.connectAsync(park.mqttUrl);
      const samples = [1_000, 1_001, 5, 6].map((value, at) => ({
        ts: startMs + at * minuteMs,
        values: { active_energy_import: value },
      }));
      await field.publishAsync(fieldTopic('demo', swapped, 'telemetry'), JSON.stringify(samples), { qos: 1 });
      await field.endAsync();

      const { context, page, faults } = await park.open(`/devices/${swapped}`);
      const counted = (text: string) => page.getByRole('cell', { name: text, exact: true }).waitFor();
      // Taken for a register that began at zero: 1 + 5 + 1.
      await counted('7 kWh');
      await page.getByRole('button', { name: '更换设备' }).click();
      const form = page.getByRole('dialog').filter({ hasText: swapped });
      await form.getByLabel('更换时间').fill(wallClock(startMs + 1.5 * minuteMs));
      await form.getByLabel('更换时间').press('Enter');
      await form.getByLabel('旧表止码（kWh）').fill('1002');
      await form.getByLabel('新表起码（kWh）').fill('4');
      await form.getByLabel('原因').fill('检定到期');
      await form.getByRole('button', { name: '更换设备' }).click();
      const row = page.getByTestId('replacements').locator('.row');
      await row.getByText(`${wallClock(startMs + 1.5 * minuteMs)} · 正向有功电能`).waitFor();
      await row.getByText('止码 1,002 kWh → 起码 4 kWh').waitFor();
      await row.getByText(/^admin · .* · 检定到期$/).waitFor();
      await counted('4 kWh');

      await row.getByRole('button', { name: '撤回' }).click();
      const asked = page.getByRole('dialog').filter({ hasText: `${swapped}.active_energy_import` });
      await asked.getByLabel('依据').fill('登记到了别的表上');
      await asked.getByRole('button', { name: '撤回' }).click();
      await counted('7 kWh');
      await row.waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'registers of a replacement are asked in the unit of the chosen counter',
    async () => {
      await park.request('POST', '/devices', {
        id: 'lift-swap-01',
        name: '换控制器的电梯',
        class: 'elevator',
      });
      const { context, page } = await park.open('/devices/lift-swap-01');
      await page.getByRole('button', { name: '更换设备' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('计数指标').click();
      await page.getByTitle('运行时间').click();
      await form.getByLabel('旧表止码（h）').waitFor();
      await context.close();
    },
    browserTimeoutMs,
  );
});
