import { notSetUp, type Send } from './channel.ts';
import { robotOutcome, type RobotCodes } from './http-outcome.ts';
import { call } from './http-request.ts';

/**
 * Robot of a WeCom group (developer.work.weixin.qq.com, "group robot"): its whole credential is the key in the address,
 * there is no signature. At most 20 messages a minute; a Markdown text has at most 4,096 bytes and can mention nobody by
 * a telephone number.
 */
const codes: RobotCodes = {
  field: 'errcode',
  limited: new Map([
    [45_009, 60_000],
    [45_033, 60_000],
    [-1, 30_000],
  ]),
  refused: new Set([40_008, 40_058, 44_004]),
};

export const sendWecom: Send = async (channel, { message }, ground) => {
  const { url } = channel.secrets;
  if (url === undefined) return notSetUp('url');
  const body = JSON.stringify({ msgtype: 'markdown', markdown: { content: message.text } });
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return robotOutcome(await call({ url, method: 'POST', headers, body }, ground), channel, codes);
};
