import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pdfFile } from '#test/kit/files.ts';
import { hasChromium } from '../../browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from '../../console-park.ts';

const csv = (text: string) => ({ name: 'records.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

describe.skipIf(!hasChromium())('registers in the console', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  test(
    'an engineer imports companies after seeing what changes, writes a room by its form with a file, and claims an item that waits for somebody else',
    async () => {
      const { context, page, faults } = await park.open('/registers/enterprise/import');

      const input = page.locator('input[type=file]');
      await input.setInputFiles(csv('编号,起始日期,企业名称,所属行业\ne-1,2024-13-01,甲公司,制造业\n'));
      await page.getByText('is no day').waitFor();
      faults.length = 0;
      await page.getByRole('button', { name: '选择其他文件' }).click();
      await input.setInputFiles(csv('编号,起始日期,企业名称,所属行业\ne-1,2024-01-01,甲公司,制造业\n'));
      await page.getByText('新增 1，修改 0，不变 0').waitFor();
      expect((await park.request('GET', '/registers/enterprise/e-1')).status).toBe(404);
      await page.getByRole('button', { name: '写入 1 处' }).click();
      await page.getByText('已写入：新增 1').waitFor();

      await page.goto(`${park.url}/registers/technical-room`);
      await page.getByText('还没有记录').waitFor();
      await page.getByRole('button', { name: '新增记录' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('编号').fill('t-1');
      await dialog.getByLabel('名称').fill('通信机房 A');
      await dialog.getByLabel('用途').click();
      await page.getByTitle('通信机房', { exact: true }).click();
      await dialog.getByText('独立', { exact: true }).click();
      await dialog.getByLabel('面积').fill('30');
      await dialog
        .locator('input[type=file]')
        .setInputFiles({ name: '平面图.pdf', mimeType: 'application/pdf', buffer: pdfFile() });
      await dialog.getByText('平面图.pdf').waitFor();
      await dialog
        .getByRole('button', { name: '保 存' })
        .or(dialog.getByRole('button', { name: '保存' }))
        .click();
      await page.getByText('已保存 通信机房 A').waitFor();
      // Until it is gone, keys are the dialog's.
      await dialog.waitFor({ state: 'hidden' });
      const saved = await park.request<object>('GET', '/registers/technical-room/t-1');
      expect(saved.body).toMatchObject({
        fields: { use: 'telecom-room', independent: true, standard: false, area: 30 },
        documents: [{ name: '平面图.pdf' }],
      });

      // The list opens by keyboard, and the address reproduces it.
      await page.locator('.ant-table-row').getByText('通信机房 A').waitFor();
      await page.getByRole('button', { name: '新增记录' }).focus();
      await page.keyboard.press('j');
      await page.locator('.ant-table-row.chosen').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/open=t-1/);
      // Enter was for the row, not for the button that had the focus before.
      expect(await page.locator('.ant-modal').count()).toBe(0);
      await page.getByText('第 1 次').waitFor();

      await page.goto(`${park.url}/claims?rubric=chengdu-2021&item=org.body`);
      await page.getByRole('button', { name: /^申\s*报$/ }).click();
      await page.getByRole('dialog').getByLabel('档次').click();
      await page.getByTitle(/^20 · /).click();
      await page.getByRole('dialog').getByLabel('依据').fill('园区管委会文件');
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^申\s*报$/ })
        .click();
      await page.getByText('自己的申报须由他人核准').waitFor();
      const claims = await park.request<{ items: object[] }>('GET', '/claims');
      expect(claims.body.items).toMatchObject([{ state: 'pending', content: { grade: 'full' } }]);

      // In the population of an item a claim is called so, and not by its id.
      const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      const early = {
        rubric: 'chengdu-2021',
        item: 'org.rules',
        content: { grade: 'full', functions: [] },
        statement: '管理制度汇编',
        documents: [],
        from: day(-90),
        until: day(200),
      };
      expect((await park.request('POST', '/claims', early)).status).toBe(201);
      await page.goto(`${park.url}/assessment/chengdu-2021/items/org.rules`);
      const member = page.locator('.ant-table-row', { hasText: 'claim/' });
      await member.getByRole('cell', { name: '核验认定', exact: true }).waitFor();

      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
