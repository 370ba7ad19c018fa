import { createHmac } from 'node:crypto';
import { notSetUp, type Send } from './channel.ts';
import { robotOutcome, type RobotCodes } from './http-outcome.ts';
import { call } from './http-request.ts';

/**
 * Custom robot of a Feishu group (open.feishu.cn, "custom bot guide"). Signed robots want `timestamp` (epoch seconds,
 * within an hour of theirs) and `sign` in the body; other than elsewhere the key of the HMAC is `${timestamp}\n${key}`
 * and what is signed is empty. At most 100 messages a minute and 5 a second; a request has at most 20 KB.
 */
const codes: RobotCodes = {
  field: 'code',
  limited: new Map([
    [11_232, 60_000],
    [11_233, 60_000],
  ]),
  // 9499: the body has a form that the robot does not take.
  refused: new Set([9_499]),
};

export function signFeishu(key: string, timestampS: number): string {
  return createHmac('sha256', `${timestampS}\n${key}`).update('').digest('base64');
}

/** Colours of a card by severity, as Feishu names them. */
const templates = { critical: 'red', high: 'orange', medium: 'yellow', low: 'blue' } as const;

export const sendFeishu: Send = async (channel, { message }, ground) => {
  const { url, signingKey } = channel.secrets;
  if (url === undefined) return notSetUp('url');
  const timestampS = Math.floor(ground.clock.nowMs() / 1_000);
  const body = JSON.stringify({
    ...(signingKey === undefined
      ? {}
      : { timestamp: String(timestampS), sign: signFeishu(signingKey, timestampS) }),
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true },
      header: {
        template: templates[message.severity],
        title: { tag: 'plain_text', content: message.title },
      },
      elements: [{ tag: 'div', text: { tag: 'lark_md', content: message.text } }],
    },
  });
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return robotOutcome(await call({ url, method: 'POST', headers, body }, ground), channel, codes);
};
