import { readFile } from 'node:fs/promises';
import mqtt from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldTopic } from '#schemas/topics.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** Readings of the past in Chromium: the History page, the page of one point, and the events of a device. */
const meter = 'em-hist-01';
const gone = 'em-hist-02';
const power = `${meter}.active_power`;
const minuteMs = 60_000;
const eventCount = 45;
const firstMs = Date.now() - 30 * minuteMs;

describe.skipIf(!hasChromium())('history', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
    const field = await mqtt.connectAsync(park.mqttUrl);
    for (const [id, name] of [
      [meter, '历史样例电表'],
      [gone, '已拆除电表'],
    ] as const) {
      await park.request('POST', '/devices', { id, name, class: 'energy-meter' });
      const samples = Array.from({ length: 25 }, (_, at) => ({
        ts: firstMs + at * minuteMs,
        values: { active_power: 10 + at, active_energy_import: 100 + at / 4 },
      }));
      await field.publishAsync(fieldTopic('demo', id, 'telemetry'), JSON.stringify(samples), { qos: 1 });
    }
    const corrected = { ts: firstMs + 24 * minuteMs, values: { active_power: { v: 77, rev: 2 } } };
    await field.publishAsync(fieldTopic('demo', meter, 'telemetry'), JSON.stringify(corrected), { qos: 1 });
    const events = Array.from({ length: eventCount }, (_, at) => ({
      ts: firstMs + at * 1_000,
      type: 'meter.cover',
      id: `e-${at}`,
      data: { number: at },
    }));
    await field.publishAsync(fieldTopic('demo', meter, 'event'), JSON.stringify(events), { qos: 1 });
    await field.endAsync();
    await park.request('DELETE', `/devices/${gone}`);
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  const option = (page: Page, text: string) =>
    page.locator('.ant-select-item-option:visible').filter({ hasText: text }).first();

  test(
    'points are chosen, drawn at another resolution, shown as a table, exported and taken away again',
    async () => {
      const { context, page, faults } = await park.open('/history?range=6h');
      await page.getByText('尚未选择测点').waitFor();

      await page.getByRole('combobox', { name: '选择设备' }).click();
      await page.keyboard.type('历史样例');
      await option(page, meter).click();
      await page.getByRole('combobox', { name: '添加测点' }).click();
      await option(page, '有功功率').click();
      await page.waitForURL(/points=em-hist-01\.active_power/);
      await page.locator('.chart canvas').first().waitFor();
      await page.getByText('分辨率 原始读数').waitFor();

      await page.getByRole('combobox', { name: '分辨率' }).click();
      await option(page, '15m').click();
      await page.getByText('分辨率 15m').waitFor();
      await page.waitForURL(/resolution=15m/);

      await page.getByText('表格', { exact: true }).click();
      // A quarter of an hour a row: its mean, and the least and the most in it.
      await page
        .locator('.ant-table-row')
        .getByText(/\[\d+\.\d+ … \d+\.\d+\]/)
        .first()
        .waitFor();
      await page.goto(`${park.url}/history?points=${power}&range=6h&view=table&resolution=raw`);
      await page.locator('.ant-table-row').first().getByText('10.00').waitFor();

      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: '导出 CSV' }).hover();
      await page.getByRole('menuitem', { name: '导出 CSV', exact: true }).click();
      const file = await (await saved).path();
      const lines = (await readFile(file, 'utf8')).trim().split('\r\n');
      expect(lines).toHaveLength(26);
      expect(lines.filter((line) => line.includes(power))).toHaveLength(25);
      expect(lines.at(-1)).toContain('77');

      await page.getByRole('group', { name: '已选测点' }).getByLabel(/^移除/).click();
      await page.getByText('尚未选择测点').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a period without readings says so, in both languages',
    async () => {
      const period = 'from=2026-01-01T00:00:00.000Z&to=2026-01-02T00:00:00.000Z';
      const { context, page, faults } = await park.open(`/history?points=${power}&${period}`);
      await page.getByText('该时段没有读数').waitFor();
      await page.getByText('English', { exact: true }).click();
      await page.getByRole('heading', { name: 'History' }).waitFor();
      await page.getByText('No reading in this period').waitFor();
      await page.getByText('Table', { exact: true }).click();
      await page.getByText('No reading in this period').waitFor();
      await page
        .getByRole('group', { name: 'Chosen points' })
        .getByLabel(/^Remove/)
        .click();
      await page.getByText('No point is chosen').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a point has a page: its samples with what was corrected; a device that is gone keeps its own',
    async () => {
      const { context, page, faults } = await park.open(`/devices/${meter}?point=active_power`);
      await page.getByRole('link', { name: '测点详情' }).click();
      await page.waitForURL(new RegExp(`/points/${meter}\\.active_power`));
      await page.getByRole('heading', { name: '历史样例电表 · 有功功率' }).waitFor();
      await page.locator('.chart canvas').first().waitFor();
      const newest = page.locator('.ant-table-row').first();
      await newest.getByText('77.00').waitFor();
      await newest.getByText(/更正，原为 34\.00/).waitFor();

      await page.goto(`${park.url}/points/${gone}.active_energy_import`);
      await page.getByText(/^设备已于 .* 移除，历史数据仍可查询$/).waitFor();
      await page.locator('.ant-table-row').getByText('106.00').waitFor();
      await page
        .getByRole('cell', { name: /^[\d.]+ kWh$/ })
        .first()
        .waitFor();
      await page.getByRole('link', { name: '历史', exact: true }).last().click();
      await page.getByRole('heading', { name: /^已拆除电表 · 正向有功电能/ }).waitFor();
      await page.locator('.chart canvas').first().waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'the events of a device are read page by page to the first',
    async () => {
      const { context, page } = await park.open(`/devices/${meter}`);
      const events = page.locator('.panel').filter({ has: page.getByRole('heading', { name: '最近事件' }) });
      await events.getByText(`{"number":${eventCount - 1}}`).waitFor();
      const rows = events.locator('.ant-table-row');
      expect(await rows.count()).toBe(20);
      for (const shown of [40, eventCount]) {
        await events.getByRole('button', { name: '继续加载' }).click();
        await rows.nth(shown - 1).waitFor();
      }
      await events.getByText('{"number":0}').waitFor();
      expect(await events.getByRole('button', { name: '继续加载' }).count()).toBe(0);
      expect(await rows.count()).toBe(eventCount);
      await context.close();
    },
    browserTimeoutMs,
  );
});
