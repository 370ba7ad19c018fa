import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

const id = 'ui-door-open';

describe.skipIf(!hasChromium())('rule editor', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  const choose = async (page: Page, label: string, option: string) => {
    await page.getByLabel(label, { exact: true }).click();
    await page.locator('.ant-select-dropdown:visible').getByText(option, { exact: true }).click();
  };

  test(
    'a state rule is tried before it is saved, refused at its field, saved, and shows its version',
    async () => {
      const { context, page, faults } = await park.open('/alarms/rules');
      await page.getByRole('button', { name: '新建规则' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('名称', { exact: true }).fill('门开着');
      await form.getByLabel('编号', { exact: true }).fill(id);
      await choose(page, '规则类型', '状态');
      await form.getByText('单个测点').click();
      await form.getByLabel('测点', { exact: true }).fill('nowhere.door');
      await form.getByLabel('状态', { exact: true }).fill('open');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');

      // The API knows that there is no such point; its sentence stands at the field.
      await form.getByRole('button', { name: '最近 7 天' }).click();
      await form.locator('.ant-form-item-explain-error').getByText('there is no point').waitFor();

      const created = await park.request('POST', '/devices', {
        id: 'nowhere',
        name: '门',
        class: 'access-door',
        provenance: 'simulated',
      });
      expect(created.status).toBe(201);
      await form.getByRole('button', { name: '最近 7 天' }).click();
      await form.getByTestId('trial').getByText('这条规则会产生 0 条告警').waitFor();
      const { body: stored } = await park.request<{ items: { id: string }[] }>('GET', '/alarm-rules');
      expect(stored.items.filter((rule) => rule.id === id)).toEqual([]);

      await form.getByLabel('原因', { exact: true }).last().fill('门禁要求');
      await form.getByRole('button', { name: /保\s*存/ }).click();
      const row = page.locator('.ant-table-row', { hasText: id });
      await row.getByRole('button', { name: /编\s*辑/ }).click();
      await page.getByRole('dialog').getByText('门禁要求').waitFor();
      await page.getByRole('dialog').getByText('版本 1').waitFor();
      // Refused trials are answers too: the browser notes their status.
      expect(faults.filter((fault) => !fault.includes('status of 422'))).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
