import { createHmac } from 'node:crypto';
import { notSetUp, type Send } from './channel.ts';
import { robotOutcome, type RobotCodes } from './http-outcome.ts';
import { call } from './http-request.ts';

/**
 * Custom robot of a DingTalk group (open.dingtalk.com, "custom robot access"). Signed robots want `timestamp` (epoch ms,
 * within an hour of theirs) and `sign` = base64(HMAC-SHA256(key, `${timestamp}\n${key}`)) in the address. At most 20
 * messages a minute; after more the robot is silent for ten minutes.
 */
const codes: RobotCodes = {
  field: 'errcode',
  limited: new Map([
    [130_101, 10 * 60_000],
    [410_100, 10 * 60_000],
    [-1, 30_000],
  ]),
  // The message has a form or a text that the robot does not take.
  refused: new Set([40_035, 43_004, 430_101, 430_102, 430_103, 430_104]),
};

export function signDingtalk(key: string, timestampMs: number): string {
  return createHmac('sha256', key).update(`${timestampMs}\n${key}`).digest('base64');
}

export const sendDingtalk: Send = async (channel, { message }, ground) => {
  const { url: address, signingKey } = channel.secrets;
  if (address === undefined) return notSetUp('url');
  const url = new URL(address);
  if (signingKey !== undefined) {
    const timestampMs = ground.clock.nowMs();
    url.searchParams.set('timestamp', String(timestampMs));
    url.searchParams.set('sign', signDingtalk(signingKey, timestampMs));
  }
  const body = JSON.stringify({
    msgtype: 'markdown',
    markdown: { title: message.title, text: message.text },
    at: { atMobiles: message.mentions, isAtAll: false },
  });
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return robotOutcome(await call({ url: url.href, method: 'POST', headers, body }, ground), channel, codes);
};
