import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceAlarmRule } from '#schemas/api/alarm-rules.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** What one device takes of a rule, set in Chromium. */

describe.skipIf(!hasChromium())('rules of a device', () => {
  let park: ConsolePark;
  beforeAll(async () => {
    park = await startConsolePark();
    const device = { id: 'em-own', name: '电表', class: 'energy-meter' };
    expect((await park.request('POST', '/devices', device)).status).toBe(201);
    const rule = {
      id: 'own-voltage',
      name: '支路过压',
      target: { deviceClass: 'energy-meter', metric: 'voltage_l1' },
      condition: { kind: 'limit', side: 'high', limit: 240, deadband: 2, onDelayMs: 60_000, offDelayMs: 0 },
      severity: 'medium',
      enabled: true,
      reason: 'test',
    };
    expect((await park.request('POST', '/alarm-rules', rule)).status).toBe(201);
  }, browserTimeoutMs);
  afterAll(() => park[Symbol.asyncDispose]());

  const overrideOf = async () => {
    const { body } = await park.request<{ items: DeviceAlarmRule[] }>('GET', '/devices/em-own/alarm-rules');
    return body.items.find(({ rule }) => rule.id === 'own-voltage')?.override?.definition ?? null;
  };

  test(
    'one device has a limit of its own, keeps it, is left out, and inherits again',
    async () => {
      const { context, page, faults } = await park.open('/devices/em-own');
      const open = async () => {
        const line = page.locator('.lines > div', { hasText: '支路过压' });
        await line.getByRole('button').click();
        return page.getByRole('dialog');
      };
      const save = async (reason: string) => {
        const form = page.getByRole('dialog');
        await form.getByLabel('原因', { exact: true }).fill(reason);
        await page.keyboard.press('Control+Enter');
        await form.waitFor({ state: 'hidden' });
      };
      let form = await open();
      await form.getByText('单独设定', { exact: true }).click();
      await form.getByLabel('限值', { exact: true }).fill('252');
      await save('三相不平衡');
      expect(await overrideOf()).toMatchObject({
        mode: 'override',
        condition: { kind: 'limit', side: 'high', limit: 252, deadband: 2, onDelayMs: 60_000 },
        severity: 'medium',
      });
      await page.locator('.lines > div', { hasText: '支路过压' }).getByText('三相不平衡').waitFor();

      // It opens with what holds for the device.
      form = await open();
      expect(await form.getByLabel('限值', { exact: true }).inputValue()).toMatch(/^252/);
      await form.getByText('停用', { exact: true }).click();
      await save('检修');
      expect(await overrideOf()).toMatchObject({ mode: 'disable' });
      form = await open();
      await form.getByText('沿用规则', { exact: true }).click();
      await save('检修结束');
      expect((await overrideOf())?.mode ?? 'inherit').toBe('inherit');
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
