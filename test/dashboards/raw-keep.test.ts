import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawRetention } from '#schemas/api/retention.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

describe.skipIf(!hasChromium())('how long raw readings are kept', () => {
  let park: ConsolePark;

  beforeAll(async () => {
    park = await startConsolePark();
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  test(
    'the storage page keeps a class shorter only after it was confirmed, and shows who set it and why',
    async () => {
      const put = await park.request('PUT', '/raw-retention/camera', { days: 60, reason: '审计要求' });
      expect(put.status).toBe(200);
      const days = async () => {
        const { body } = await park.request<RawRetention>('GET', '/raw-retention');
        return body.classes.find((each) => each.class === 'camera')?.days;
      };
      const { context, page, faults } = await park.open('/system?tab=storage');
      const row = page.getByRole('row', { name: '摄像机' });
      await row.getByText('审计要求').waitFor();
      await row.getByRole('button').click();
      const form = page.getByRole('dialog');
      const save = form.getByRole('button', { name: /保\s*存/ });
      await form.getByLabel('天数').fill('30');
      await form.getByLabel('原因').fill('磁盘不足');
      await save.click();
      await form.locator('.ant-form-item-explain-error').waitFor();
      expect(await days()).toBe(60);
      await form.getByRole('checkbox').check();
      await save.click();
      await row.getByText('30 天').waitFor();
      await row.getByText('磁盘不足').waitFor();
      expect(await days()).toBe(30);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
