import mqtt from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { silentLog } from '#infra/log.ts';
import { createPool } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { fieldTopic } from '#schemas/topics.ts';
import { takeSnapshots } from '#services/assessment/snapshots/snapshot.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { linesOf, recordMail, type SmtpRecorder } from '#test/services/notify/channels/smtp-recorder.ts';
import { hasChromium } from './browser.ts';
import { browserTimeoutMs, startConsolePark, type ConsolePark } from './console-park.ts';

/**
 * What an assessor does in Chromium, from the mail with the invitation to the signature, and what the park does beside it: a park
 * of three water meters since four days, one of which fell silent after two of them, and a camera.
 */
const calendar = localCalendar('Asia/Shanghai');
const today = calendar.dayOf(Date.now());
const [first, second, third, last] = [-4, -3, -2, -1].map((days) => shiftDay(today, days)) as [
  string,
  string,
  string,
  string,
];
const startOf = (day: string) => calendar.startOf(day);
const iso = (timeMs: number) => new Date(timeMs).toISOString();
const period = { from: iso(startOf(first)), to: iso(startOf(today)) };
const search = new URLSearchParams(period).toString();
const sheet = `/assessment/chengdu-2021?${search}`;
const metering = 'operation.property.remote-metering';
const meteringPath = `/assessment/chengdu-2021/items/${metering}?${search}`;
const twoHoursMs = 7_200_000;
const password = 'a password of my own';

describe.skipIf(!hasChromium())('assessors', () => {
  let park: ConsolePark;
  let mail: SmtpRecorder;

  beforeAll(async () => {
    mail = await recordMail({});
    park = await startConsolePark({ env: { NOTIFY_NETWORKS: '127.0.0.0/8' } });
    const validFrom = period.from;
    const { status, body } = await park.request('POST', '/imports', {
      spaces: [
        { id: 'park', name: '园区', kind: 'park', validFrom },
        { id: 'b-3', name: '3 号楼', kind: 'building', parentId: 'park', validFrom },
      ],
      devices: [
        ...['w-1', 'w-2', 'w-3'].map((id) => {
          return { id, name: `水表 ${id}`, class: 'water-meter', spaceId: 'b-3', validFrom };
        }),
        { id: 'c-1', name: '门口摄像机', class: 'camera', spaceId: 'b-3', validFrom },
      ],
    });
    expect(status, JSON.stringify(body)).toBe(200);
    const field = await mqtt.connectAsync(park.mqttUrl);
    const send = (id: string, days: readonly string[], valueAt: (n: number) => Record<string, number>) =>
      field.publishAsync(
        fieldTopic('demo', id, 'telemetry'),
        JSON.stringify(
          days.flatMap((day) =>
            Array.from({ length: 12 }, (_, n) => {
              return { ts: startOf(day) + n * twoHoursMs + 60_000, values: valueAt(n) };
            }),
          ),
        ),
        { qos: 1 },
      );
    const all = [first, second, third, last];
    const volume = (n: number) => ({ volume: 100 + n / 10 });
    await send('w-1', all, volume);
    await send('w-2', all.slice(0, 2), volume);
    await send('w-3', all, volume);
    await send('c-1', all, () => ({ oldest_recording_age: 3 * 86_400 }));
    await field.endAsync();
  }, browserTimeoutMs);
  afterAll(async () => {
    await park[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
  });

  const dialog = (page: Page) => page.locator('.ant-modal:visible');
  /** Until it is closed, what was typed stands in it, and may not be stored. */
  const confirm = async (page: Page) => {
    await dialog(page).locator('.ant-modal-footer .ant-btn-primary').click();
    await dialog(page).waitFor({ state: 'hidden' });
  };

  test(
    'a point leads to its members, to the days one of them lacks with their reason, and to the readings',
    async () => {
      const { context, page, faults } = await park.open(sheet);
      const row = page.locator('.ant-table-row', { hasText: metering });
      await row.getByRole('link', { name: '远程抄表' }).click();
      await page.waitForURL(/items\/operation\.property\.remote-metering/);
      // Those that do not count stand first.
      const member = page.locator('.ant-table-row').first();
      await member.getByText('水表 w-2').waitFor();
      await member.locator('.ant-table-row-expand-icon').click();
      const days = page.getByTestId('days-w-2.volume');
      await days.getByText('应有 4 日中 2 日不合格').waitFor();
      await days.getByText('没有收到读数').waitFor();
      await days.getByRole('link', { name: `${third} – ${last}` }).click();
      await page.waitForURL(/\/history\?points=w-2\.volume/);
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'the score sheet has the five sections of the rubric with their sums, and tells what points rest on',
    async () => {
      const { context, page, faults } = await park.open(sheet);
      const rubric = scoredRubrics.get('chengdu-2021');
      await page.getByTestId('determined').waitFor();
      const sections = rubric?.sections ?? [];
      expect(sections).toHaveLength(5);
      for (const { name, points } of sections) {
        const panel = page.locator('.panel', { has: page.getByRole('heading', { name: name.zh }) });
        await panel.getByText(`共 ${points} 分`).first().waitFor();
      }
      await page.getByTestId('basis-shares').getByText('实测').waitFor();
      // What is not known of an indicator stands beside its sum, which would read as a zero.
      await page
        .getByRole('heading', { name: /^消防管理/ })
        .getByText('0 / 5 · 待定 5')
        .waitFor();
      expect(await page.getByText(/^operation\./).count()).toBeGreaterThan(20);
      // What the document leaves open stands below, that of an item beside our convention.
      await page.locator('.panel', { hasText: '原文未明之处' }).getByText('导则有 25 项要求不计分').waitFor();
      await page.locator('.ant-table-row', { hasText: 'service.party' }).click();
      await page.getByText('原表把此项排在上一部').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'the list of what to mend names the silent meter, and a what-if of it tells what it would bring',
    async () => {
      const { context, page, faults } = await park.open(sheet);
      await page.getByRole('link', { name: '提分清单' }).click();
      const row = page
        .locator('.ant-table-row', { hasText: '远程抄表' })
        .filter({ hasText: `1 台水表自 ${second} 之后没有数据` });
      await row.getByText('3 号楼').waitFor();
      await row.getByRole('checkbox').check();
      const supposed = page.locator('.panel', { hasText: '若补上所选（1 项）' });
      await supposed.getByTestId('what-if').waitFor();
      await supposed.getByText('远程抄表').waitFor();
      await page.getByText(/^设备 \d+$/).click();
      await page.waitForURL(/kind=devices/);
      await page.getByText(/^台账与认定 \d+$/).click();
      await page.locator('.ant-table-row', { hasText: '没有核验认定' }).first().waitFor();
      // What was chosen stays chosen while another kind is looked at.
      await supposed.waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  /** Invites by the console with a mail, and answers the link as it was mailed. */
  async function invite(username: string): Promise<string> {
    const { context, page, faults } = await park.open('/system');
    await page.getByRole('button', { name: '邀请评审' }).click();
    await dialog(page).getByLabel('姓名').fill('评审甲');
    await dialog(page).getByLabel('用户名').fill(username);
    await dialog(page).getByLabel('账户到期').fill(shiftDay(today, 7));
    await page.keyboard.press('Enter');
    await dialog(page).getByLabel('电子邮箱（可不填）').fill('jia@example.org');
    await dialog(page).locator('.ant-modal-footer .ant-btn-primary').click();
    await page.getByText('邀请链接已发往 jia@example.org').waitFor();
    expect(faults).toEqual([]);
    await context.close();
    await until(() => mail.mails.length > 0, 'the mail');
    const [received] = mail.mails;
    if (received === undefined) throw new Error('no mail came');
    expect(received.to).toEqual(['jia@example.org']);
    return /https?:\/\/\S+#pwi_\S+/.exec(linesOf(received).join('\n'))?.[0] ?? '';
  }

  test(
    'an invited assessor chooses a password, reads, decides, asks, is answered and signs, until the account ends',
    async () => {
      const channel = {
        id: 'post',
        name: '邮件',
        config: {
          kind: 'email',
          host: '127.0.0.1',
          port: mail.port,
          security: 'none',
          from: 'park@example.org',
        },
      };
      expect((await park.request('POST', '/notify/channels', channel)).status).toBe(201);
      const link = new URL(await invite('jia'));
      const { context, page, faults } = await park.newPage();
      await page.goto(`${park.url}${link.pathname}${link.hash}`);
      await page.getByLabel('新密码').fill(password);
      await page.getByLabel('再输入一次').fill(password);
      await page.getByRole('button', { name: '设置密码并登录' }).click();
      await page.waitForURL(/\/assessment$/);
      await page.getByRole('heading', { name: '评估' }).waitFor();

      // Read-only: nothing is stored, changed or commanded.
      await page.goto(`${park.url}${sheet}`);
      await page.getByTestId('determined').waitFor();
      expect(await page.getByRole('button', { name: /^存\s*证$/ }).count()).toBe(0);
      const refused = await page.request.post(`${park.url}/api/v1/devices`, {
        data: { id: 'x-1', name: 'x', class: 'camera' },
      });
      expect(refused.status()).toBe(403);

      await page.goto(`${park.url}${meteringPath}`);
      await page.getByRole('button', { name: '裁定得分' }).click();
      // What lies outside the range is refused as it was typed, not pulled to the bound that is next.
      await dialog(page).getByLabel('分值').fill('9');
      await dialog(page).getByLabel('理由').fill('现场核对：第三块表正在换');
      await dialog(page).locator('.ant-modal-footer .ant-btn-primary').click();
      await dialog(page).getByText('须在 1–2 之间').waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'hidden' });
      const decide = page.getByRole('button', { name: '裁定得分' });
      expect(await decide.evaluate((button) => button === document.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      await dialog(page).getByLabel('分值').fill('9');
      await dialog(page).getByLabel('理由').fill('现场核对：第三块表正在换');
      expect(Number(await dialog(page).getByLabel('分值').inputValue())).toBe(9);
      await dialog(page).getByLabel('分值').fill('2');
      await confirm(page);
      await page.getByTestId('decided').getByText('jia 裁定 2 分').waitFor();

      await page.getByRole('button', { name: /^提\s*问$/ }).click();
      await dialog(page).getByLabel('问题').fill('w-2 何时修复？');
      await confirm(page);
      await page.getByText('w-2 何时修复？').waitFor();
      await answer();
      await page.reload();
      await page.getByText('下周一更换').waitFor();
      await page.getByRole('button', { name: /^了\s*结$/ }).click();
      await dialog(page).getByLabel('了结').fill('同意');
      await confirm(page);
      await page.getByText('已了结').waitFor();

      await page.goto(`${park.url}${sheet}`);
      await page.getByText('1 问已了结').waitFor();
      await page.getByRole('button', { name: '签署评估' }).click();
      await dialog(page).getByLabel('说明（可不填）').fill('按现场情况');
      await confirm(page);
      await page.getByText(/^评审甲（jia）于 .* 签署$/).waitFor();
      await page.getByTestId('since-sign-off').getByText('签署后没有变化').waitFor();
      expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]);

      await endAccount();
      await page.goto(`${park.url}${sheet}`);
      await page.getByLabel('用户名').waitFor();
      await context.close();

      // The link was good once.
      const again = await park.newPage();
      await again.page.goto(`${park.url}${link.pathname}${link.hash}`);
      await again.page.getByLabel('新密码').fill(password);
      await again.page.getByLabel('再输入一次').fill(password);
      await again.page.getByRole('button', { name: '设置密码并登录' }).click();
      await again.page.locator('.ant-alert-error').waitFor();
      await again.context.close();
    },
    2 * browserTimeoutMs,
  );

  async function answer(): Promise<void> {
    const { context, page } = await park.open(meteringPath);
    await page.getByRole('button', { name: /^答\s*复$/ }).click();
    await dialog(page).getByLabel('答复').fill('下周一更换');
    await confirm(page);
    await page.getByText('下周一更换').waitFor();
    await context.close();
  }

  /** As if its last day had come. */
  async function endAccount(): Promise<void> {
    const { items } = (await park.request<{ items: { id: string; username: string }[] }>('GET', '/users'))
      .body;
    const id = items.find(({ username }) => username === 'jia')?.id ?? '';
    const expiresAt = iso(Date.now() + 1_000);
    expect((await park.request('PATCH', `/users/${id}`, { expiresAt })).status).toBe(200);
    const login = () =>
      fetch(`${park.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'jia', password }),
      });
    await until(async () => (await login()).status === 401, 'the account to end');
  }

  test(
    'two nights are compared: the item that fell tells which meter made it fall',
    async () => {
      const url = findEmbeddedPostgres(park.dataDir) ?? '';
      const db = createPool({ url, max: 2, name: 'test', log: silentLog() });
      const rubric = scoredRubrics.get('chengdu-2021');
      if (rubric === undefined) throw new Error('no rubric');
      for (const day of [third, today]) {
        const clock = fakeClock(startOf(day) + 2 * 3_600_000);
        await takeSnapshots({
          db,
          clock,
          timeZone: 'Asia/Shanghai',
          parkId: 'demo',
          program: 'test',
          rubrics: [rubric],
          fence: async () => {},
        });
      }
      await db.end();
      const { context, page, faults } = await park.open('/assessment/chengdu-2021/trend');
      await page.locator('.chart canvas').first().waitFor();
      // The line is the upper end of what is determined, and says so.
      await page.getByText('已确定的上限').waitFor();
      const row = page.locator('.ant-table-row', { hasText: metering });
      await row.getByText('100').first().waitFor();
      await page.locator('.ant-table-expanded-row', { hasText: 'w-2' }).first().waitFor();
      await page.getByRole('columnheader', { name: second }).waitFor();
      await page.getByRole('columnheader', { name: last }).waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );

  test(
    'a rubric of levels tells the level, and one of requirements which are met',
    async () => {
      const { context, page, faults } = await park.open(`/assessment/micro-park-stars?${search}`);
      await page.getByText('达到的等级').waitFor();
      await page.getByText('共 5 级').waitFor();
      await page.goto(`${park.url}/assessment/tech-park-ops?${search}`);
      await page.getByText(/^其中必须项 \d+ \/ \d+$/).waitFor();
      await page.getByText('不适用').first().waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
    browserTimeoutMs,
  );
});
