import type { Senders } from './channel.ts';
import { sendDingtalk } from './dingtalk.ts';
import { sendEmail } from './email.ts';
import { sendFeishu } from './feishu.ts';
import { sendHttp } from './http-template.ts';
import { sendPush } from './push.ts';
import { sendWebhook } from './webhook.ts';
import { sendWecom } from './wecom.ts';

/** How each kind of channel sends. What goes to the console is put into the person's inbox, which the row itself is. */
export const senders: Senders = {
  console: () => Promise.resolve({ outcome: 'delivered', code: 'inbox', excerpt: '' }),
  push: sendPush,
  email: sendEmail,
  http: sendHttp,
  webhook: sendWebhook,
  dingtalk: sendDingtalk,
  wecom: sendWecom,
  feishu: sendFeishu,
};
