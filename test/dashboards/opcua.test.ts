import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '#test/kit/events.ts';
import { startOpcuaTestServer, type OpcuaTestServer } from '#test/kit/opcua-server.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** An OPC UA server is connected by somebody who has only the console: tried, trusted, browsed, mapped, commanded. */

describe.skipIf(!hasChromium())('OPC UA in the console', () => {
  let park: ConsolePark;
  let server: OpcuaTestServer;

  beforeAll(async () => {
    park = await startConsolePark();
    server = await startOpcuaTestServer({
      variables: { flow: 7.5, SupplyPressure: 0.3, noise: 1 },
      security: 'SignAndEncrypt',
      user: { name: 'reader', password: 'right' },
    });
    const device = { id: 'boiler-1', name: '1号锅炉', class: 'building-equipment' };
    expect((await park.request('POST', '/devices', device)).status).toBe(201);
  }, browserTimeoutMs);
  afterAll(async () => {
    await park[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const dialog = (page: Page) => page.locator('.ant-modal:visible');
  const save = async (page: Page) => {
    await dialog(page).locator('.ant-modal-footer .ant-btn-primary').click();
    await dialog(page).waitFor({ state: 'detached' });
  };
  const choose = async (page: Page, name: string) => {
    await page.locator('.ant-tree-title', { hasText: name }).first().click();
    await page.getByTestId('chosen').getByRole('button').click();
    await dialog(page).getByLabel('设备').fill('boiler');
    await page.locator('.ant-select-item-option', { hasText: '1号锅炉' }).click();
  };

  test(
    'leads from an address to a value, and to a command that the server answers',
    async () => {
      const { context, page, faults } = await park.open('/gateways?tab=opcua');

      await page.getByRole('button', { name: '添加服务器' }).click();
      await dialog(page).getByLabel('编号').fill('plant');
      await dialog(page).getByLabel('地址').fill(server.endpoint);
      await dialog(page).getByLabel('登录方式').click();
      await page.getByTitle('用户名与口令').click();
      await dialog(page).getByLabel('用户名').fill('reader');
      await dialog(page).getByLabel('口令').fill('right');
      await dialog(page).getByRole('button', { name: '测试连接' }).click();
      await page.getByTestId('tested').getByText('已连到服务器，但未能登录').waitFor();
      await save(page);

      await page.getByRole('button', { name: /^信\s*任$/ }).click();
      await dialog(page).getByLabel('如何核对 / 原因').fill('电话核对指纹');
      await save(page);
      await page.getByRole('button', { name: '不再信任' }).waitFor();

      await page.getByRole('button', { name: '浏览与映射' }).click();
      await page.getByText('已连接').first().waitFor({ timeout: 60_000 });
      await page.locator('.ant-tree-switcher').first().click();
      await page.locator('.ant-tree-treenode', { hasText: 'Plant' }).locator('.ant-tree-switcher').click();
      await choose(page, 'flow');
      await dialog(page).getByLabel('指标').click();
      await page.locator('.ant-select-item-option:visible', { hasText: '(temperature' }).click();
      await save(page);
      const latest = () =>
        park.request<{ items: { value: number }[] }>('GET', '/latest?points=boiler-1.temperature');
      await until(async () => (await latest()).body.items[0]?.value === 7.5, 'the value');

      await page.getByRole('button', { name: '选择多个' }).click();
      await page.locator('.ant-tree-treenode', { hasText: 'Plant' }).locator('.ant-tree-checkbox').click();
      await page.getByRole('button', { name: '映射所选 1 项…' }).click();
      await dialog(page).getByText('将映射 3 个变量中的 0 个').waitFor();
      await dialog(page).getByLabel('全部属于设备').fill('boiler');
      await page.locator('.ant-select-item-option', { hasText: '1号锅炉' }).click();
      await dialog(page).getByText('将映射 3 个变量中的 2 个').waitFor();
      await save(page);
      const both = () =>
        park.request<{ items: { value: number }[] }>('GET', '/latest?points=boiler-1.flow,boiler-1.pressure');
      await until(
        async () => (await both()).body.items.map(({ value }) => value).join() === '7.5,0.3',
        'the values of both',
      );

      await choose(page, 'Reset');
      await dialog(page).getByLabel('指令名').fill('reset_fault');
      await dialog(page).getByRole('button', { name: '添加参数' }).click();
      await dialog(page).locator('#arguments_0_value').fill('1');
      await save(page);
      await page.goto(`${park.url}/devices/boiler-1`);
      await page.getByRole('button', { name: 'reset fault' }).click();
      await dialog(page).getByLabel('原因').fill('故障已排除');
      await save(page);
      await page.getByText('Good: reset done').waitFor();
      expect(server.resets).toEqual([1]);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
