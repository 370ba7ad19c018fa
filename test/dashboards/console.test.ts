import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldTopic } from '#schemas/topics.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/** The console in Chromium, served by a park that was started as a user starts it. */
const device = 'em-ui-01';
const rule = {
  id: 'ui-power-high',
  name: '功率越限',
  target: { point: `${device}.active_power` },
  condition: { kind: 'limit', side: 'high', limit: 50 },
  severity: 'critical',
  recommendedAction: '查看负荷',
  reason: 'browser test',
};

describe.skipIf(!hasChromium())('console', () => {
  let park: ConsolePark;
  let field: MqttClient;

  beforeAll(async () => {
    park = await startConsolePark();
    field = await mqtt.connectAsync(park.mqttUrl);
    const created = await park.request('POST', '/devices', {
      id: device,
      name: '界面样例电表',
      class: 'energy-meter',
      provenance: 'simulated',
    });
    expect(created.status).toBe(201);
    expect((await park.request('POST', '/alarm-rules', rule)).status).toBe(201);
  }, browserTimeoutMs);
  afterAll(async () => {
    await field.endAsync();
    await park[Symbol.asyncDispose]();
  });

  const send = (activePower: number) =>
    field.publishAsync(
      fieldTopic('demo', device, 'telemetry'),
      JSON.stringify({ ts: Date.now(), values: { active_power: activePower } }),
      { qos: 1 },
    );
  /** What somebody is asked for who has logged in with the password that was printed once. */
  const chooseOwn = async (page: Page, oneTimePassword: string, own: string, again = own) => {
    await page.getByLabel('当前密码').fill(oneTimePassword);
    await page.getByLabel('新密码').fill(own);
    await page.getByLabel('再输入一次').fill(again);
    await page.getByRole('button', { name: '修改密码' }).click();
  };

  test(
    'an operator logs in, sees a value change, and acknowledges the alarm it raises',
    async () => {
      await send(12.5);
      const { context, page, faults } = await park.open(`/devices/${device}?point=active_power`);

      // The link is followed after the login; the value is there, and says where it comes from.
      const value = page.locator(`[data-point="${device}.active_power"] b`);
      await value.getByText('12.50').waitFor();
      await page.locator('.page-head').getByText('模拟').waitFor();
      await page.locator('.chart canvas').first().waitFor();

      // The next value comes by itself.
      await send(42);
      await value.getByText('42.00').waitFor();

      // One beyond the limit raises an alarm, on every page.
      await send(99);
      const bar = page.locator('.alarm-bar');
      await bar.getByText('功率越限').waitFor();
      await bar.getByText('紧急').first().waitFor();

      // The search takes the focus by itself, so that one types on.
      await page.keyboard.press('/');
      await page.getByRole('dialog').locator('input:focus').waitFor();
      await page.keyboard.type('界面样例');
      await page.getByRole('option', { name: /界面样例电表/ }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });

      // By keyboard: to the alarms, to the first row, acknowledge with a comment.
      await page.keyboard.press('g');
      await page.keyboard.press('a');
      await page.locator('.ant-table-row').getByText('未确认').waitFor();
      await page.keyboard.press('j');
      await page.locator('.ant-table-row.chosen').waitFor();
      await page.keyboard.press('a');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: '确认' }).click();
      await dialog.getByText('请填写处理说明').waitFor();
      // What was refused has the focus, so that one types on.
      await dialog.locator('textarea:focus').waitFor();
      await page.keyboard.type('已到现场查看');
      await dialog.getByRole('button', { name: '确认' }).click();
      await page.locator('.ant-table-row').getByText('已确认').waitFor();
      await bar.getByText('没有未确认的告警').waitFor();

      const { body } = await park.request<{ items: { acknowledgedBy: string; comment: string }[] }>(
        'GET',
        `/alarms?device=${device}&state=all`,
      );
      expect(body.items).toMatchObject([{ acknowledgedBy: 'admin', comment: '已到现场查看' }]);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'an engineer stores evidence, opens it sealed, and reads it in both languages',
    async () => {
      const { context, page, faults } = await park.open('/assessment/chengdu-2021?measured=1');
      await page.getByTestId('determined').waitFor();
      await page.getByRole('button', { name: '存证', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: '存证' }).click();
      await page.getByRole('link', { name: '打开证据' }).first().click();
      await page.waitForURL(/\/evidence\/\d+/);
      await page.getByTestId('seal').getByText('已封存').waitFor();
      await page.getByText('前一哈希').waitFor();

      await page.getByText('English').click();
      await page.getByTestId('seal').getByText('sealed').waitFor();
      await page.getByRole('heading', { name: /^Evidence/ }).waitFor();
      await page.getByText('Previous hash').waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('en');

      // The choice is remembered.
      await page.reload();
      await page.getByText('Previous hash').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'somebody new must choose a password first, and sees no page of administrators',
    async () => {
      const { body } = await park.request<{ oneTimePassword: string }>('POST', '/users', {
        username: 'ui-viewer',
        displayName: '观察员',
        role: 'viewer',
      });
      const { context, page } = await park.open('/system', {
        username: 'ui-viewer',
        password: body.oneTimePassword,
      });
      await page.getByText('请设置自己的密码').waitFor();
      await chooseOwn(page, body.oneTimePassword, 'long enough now', 'long enough not');
      await page.getByText('两次输入不一致').waitFor();
      await page.getByLabel('再输入一次').fill('long enough now');
      await page.getByRole('button', { name: '修改密码' }).click();
      await page.getByText('就绪').first().waitFor();
      expect(await page.getByRole('tab').allTextContents()).toEqual(['运行状况', '存储', '关于']);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a new alarm comes in whole at the top; who is second to acknowledge it learns who was first',
    async () => {
      const { body: user } = await park.request<{ oneTimePassword: string }>('POST', '/users', {
        username: 'ui-operator',
        displayName: '值班员',
        role: 'operator',
      });
      const raise = async (metric: string) => {
        await field.publishAsync(
          fieldTopic('demo', device, 'telemetry'),
          JSON.stringify({ ts: Date.now(), values: { [metric]: 300 } }),
          { qos: 1 },
        );
        await page.locator('.ant-table-row').getByText(`越限 ${metric}`, { exact: true }).waitFor();
      };
      const metrics = ['voltage_l1', 'voltage_l2', 'voltage_l3', 'current_l1', 'current_l2', 'current_l3'];
      for (const metric of metrics) {
        const target = { point: `${device}.${metric}` };
        const condition = { kind: 'limit', side: 'high', limit: 280 };
        const named = { id: `ui-${metric.replace('_', '-')}`, name: `越限 ${metric}` };
        // oxlint-disable-next-line no-await-in-loop
        expect(
          (await park.request('POST', '/alarm-rules', { ...rule, ...named, target, condition })).status,
        ).toBe(201);
      }
      const credentials = { username: 'ui-operator', password: user.oneTimePassword };
      const { context, page, faults } = await park.open('/alarms', credentials);
      // So low that the list scrolls.
      await page.setViewportSize({ width: 1280, height: 420 });
      await chooseOwn(page, user.oneTimePassword, 'long enough now');
      await page.getByRole('heading', { name: '告警' }).waitFor();
      // Under the pointer nothing moves.
      await page.mouse.move(0, 0);
      // oxlint-disable-next-line no-await-in-loop
      for (const metric of metrics) await raise(metric);

      const newest = page.locator('.ant-table-row').first();
      await newest.getByText('越限 current_l3').waitFor();
      const head = await page.locator('.ant-table-header').boundingBox();
      const row = await newest.boundingBox();
      expect(Math.round(row?.y ?? 0)).toBe(Math.round((head?.y ?? 0) + (head?.height ?? 0)));

      await newest.getByRole('button', { name: '确认' }).click();
      const { body } = await park.request<{ items: { id: string }[] }>(
        'GET',
        `/alarms?device=${device}&limit=1`,
      );
      const path = `/alarms/${body.items[0]?.id}/acknowledge`;
      expect((await park.request('POST', path, { comment: '先到一步' })).status).toBe(200);
      await page.getByRole('dialog').getByRole('textbox').fill('已到现场查看');
      await page.getByRole('dialog').getByRole('button', { name: '确认' }).click();
      await page.getByText(/admin 已先确认“越限 current_l3”/).waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  /** Somebody whose password is their own already. */
  const addPerson = async (username: string) => {
    const created = await park.request<{ user: { id: string }; oneTimePassword: string }>('POST', '/users', {
      username,
      displayName: username,
      role: 'operator',
    });
    const { context, page } = await park.open('/m', { username, password: created.body.oneTimePassword });
    await chooseOwn(page, created.body.oneTimePassword, 'long enough now');
    await page.getByRole('heading', { name: '我的告警' }).waitFor();
    await context.close();
    return { username, password: 'long enough now' };
  };
  const raiseOn = async (id: string) => {
    const target = { point: `${id}.active_power` };
    await park.request('POST', '/devices', { id, name: `样例 ${id}`, class: 'energy-meter' });
    const created = await park.request('POST', '/alarm-rules', {
      ...rule,
      id: `rule-${id}`,
      name: `越限 ${id}`,
      target,
      requiresConfirm: true,
    });
    expect(created.status).toBe(201);
    const values = { active_power: 99 };
    const told = JSON.stringify({ ts: Date.now(), values });
    await field.publishAsync(fieldTopic('demo', id, 'telemetry'), told, { qos: 1 });
  };

  test(
    'alarms are shelved, acted on in bulk and confirmed by keyboard; a filter says what it hides',
    async () => {
      await raiseOn('em-ui-02');
      const { context, page, faults } = await park.open('/alarms?device=em-ui-02');
      const row = page.locator('.ant-table-row');
      const dialog = page.locator('.ant-modal');
      const act = async (letter: string, words: string) => {
        await page.keyboard.press('j');
        await page.locator('.ant-table-row.chosen').waitFor();
        await page.keyboard.press(letter);
        await dialog.locator('textarea').fill(words);
        await dialog.locator('.ant-btn-primary').click();
        await dialog.waitFor({ state: 'hidden' });
      };
      await row.getByText('越限 em-ui-02').waitFor();
      await act('s', '等待备件');
      await page.getByText('没有符合条件的告警').waitFor();
      await page.getByText('搁置', { exact: true }).first().click();
      await row.getByText('越限 em-ui-02').waitFor();
      await act('s', '备件已到');
      await page.getByText('待处理', { exact: true }).first().click();
      await row.getByText('越限 em-ui-02').waitFor();

      await page.keyboard.press('b');
      await dialog.getByText('符合条件且可执行：1 条').waitFor();
      await dialog.locator('textarea').fill('统一处理');
      await dialog.getByRole('button', { name: '确认 1 条' }).click();
      await dialog.getByText('已完成 1 条').waitFor();
      await dialog.locator('.ant-btn-primary').click();
      await dialog.waitFor({ state: 'hidden' });
      await row.getByText('待确认完成').waitFor();
      // The dialog takes what is typed as soon as it is there, and Ctrl+Enter ends it.
      await page.keyboard.press('j');
      await page.locator('.ant-table-row.chosen').waitFor();
      await page.keyboard.press('f');
      await dialog.locator('textarea:focus').waitFor();
      await page.keyboard.type('已更换熔断器');
      await page.keyboard.press('Control+Enter');
      await dialog.waitFor({ state: 'hidden' });
      await row.getByText('待确认完成').waitFor({ state: 'hidden' });

      await raiseOn('em-ui-03');
      await page.goto(`${park.url}/alarms?severity=low`);
      await page.getByText(/当前筛选隐藏了 \d+ 条活动且未确认的紧急告警/).waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a shift is handed over: one signs, another accepts; the phone acknowledges with large targets',
    async () => {
      const second = await addPerson('ui-second');
      await raiseOn('em-ui-04');
      const leaving = await park.open('/alarms/handover');
      await leaving.page.getByLabel('内容').fill('二号冷机异响，请关注');
      await leaving.page.getByRole('button', { name: '签字交班' }).click();
      await leaving.page.getByText('须由另一人登录后签字').waitFor();
      await leaving.context.close();

      const { context, page, faults } = await park.open('/alarms/handover', second);
      await page.getByText('二号冷机异响，请关注').waitFor();
      await page.getByRole('button', { name: '签字接班' }).click();
      await page.getByRole('dialog').getByRole('button', { name: '签字接班' }).click();
      await page.getByText('接班 ui-second').waitFor();

      await page.setViewportSize({ width: 375, height: 812 });
      await page.goto(`${park.url}/m?tab=unacknowledged`);
      const card = page.locator('.card', { hasText: '越限 em-ui-04' });
      await card.locator('button').first().click();
      const acknowledge = card.getByRole('button', { name: '确认', exact: true });
      await card.getByLabel('处理说明').fill('路上');
      expect((await acknowledge.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wider).toBe(0);
      await acknowledge.click();
      await card.waitFor({ state: 'hidden' });
      const { body } = await park.request<{ items: { acknowledgedBy: string; comment: string }[] }>(
        'GET',
        '/alarms?device=em-ui-04&state=all',
      );
      expect(body.items).toMatchObject([{ acknowledgedBy: 'ui-second', comment: '路上' }]);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a wrong password is told with its code, and the board needs none',
    async () => {
      const { context, page } = await park.open('/', { username: 'admin', password: 'not this one' });
      await page.getByText('用户名或密码错误').waitFor();
      await page.getByText('bad-credentials').waitFor();
      await page.goto(`${park.url}/board`);
      await page.getByRole('heading', { name: '园区环境公示' }).waitFor();
      await context.close();
    },
    browserTimeoutMs,
  );
});
