import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import type { ChannelConfig } from '#schemas/notify.ts';
import { AddressRefused } from '../address-guard.ts';
import {
  excerptOf,
  notSetUp,
  type Attempt,
  type Ground,
  type OpenChannel,
  type Outgoing,
} from './channel.ts';

type EmailConfig = Extract<ChannelConfig, { kind: 'email' }>;

/** By SMTP: TLS from the start, or STARTTLS and nothing before it, or plain to a relay that the keeper allows. */
export const sendEmail = async (
  channel: OpenChannel,
  outgoing: Outgoing,
  ground: MailGround,
): Promise<Attempt> => {
  const { config } = channel.body;
  if (config.kind !== 'email') throw new Error(`${channel.body.id} sends no e-mail`);
  if (outgoing.address === null)
    return { outcome: 'refused', code: 'no-address', excerpt: 'nobody to write to' };
  if (config.username !== '' && channel.secrets.password === undefined) return notSetUp('password');
  try {
    const { address } = await ground.guard.addressOf(config.host);
    return await deliver({ channel, outgoing, config, ground, address });
  } catch (error) {
    return failed(error, channel);
  }
};

type MailGround = Omit<Ground, 'push'>;

interface Delivery {
  readonly channel: OpenChannel;
  readonly outgoing: Outgoing;
  readonly config: EmailConfig;
  readonly ground: MailGround;
  /** Of the server, as the guard looked it up. */
  readonly address: string;
}

async function deliver({ channel, outgoing, config, ground, address }: Delivery): Promise<Attempt> {
  const { timeoutMs } = ground;
  const transport = createTransport({
    host: address,
    port: config.port,
    secure: config.security === 'tls',
    requireTLS: config.security === 'starttls',
    ignoreTLS: config.security === 'none',
    // The certificate is the name's, whatever address it has.
    tls: {
      ...(isIP(config.host) === 0 ? { servername: config.host } : {}),
      ...(config.caCertificate === '' ? {} : { ca: config.caCertificate }),
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(config.username === ''
      ? {}
      : { auth: { user: config.username, pass: channel.secrets.password ?? '' } }),
  });
  let timer: Disposable | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = ground.clock.after(timeoutMs, () =>
      reject(Object.assign(new Error('no answer'), { code: 'timeout' })),
    );
  });
  try {
    const sending = transport.sendMail(mailOf(outgoing, config));
    // A late answer of an attempt that was given up is nobody's.
    sending.catch(() => undefined);
    const { response } = await Promise.race([sending, late]);
    return {
      outcome: 'delivered',
      code: response.slice(0, 3),
      excerpt: excerptOf(response, channel.secrets),
    };
  } finally {
    timer?.[Symbol.dispose]();
    transport.close();
  }
}

function mailOf({ key, address, message }: Outgoing, { from }: EmailConfig) {
  const domain = from.split('@').at(-1) ?? 'parkwatch.invalid';
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return {
    from,
    to: address ?? '',
    subject: message.title,
    text: message.text,
    html: message.html,
    // The same for a repeated message: mail programs show it once.
    messageId: `<${id}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Parkwatch-Key': key },
  };
}

/** Codes of SMTP: 4xx may work later; 5xx of a recipient or a text never will, of the server's own matters may. */
function failed(error: unknown, { secrets }: OpenChannel): Attempt {
  if (error instanceof AddressRefused) return { outcome: 'retry', code: 'refused', excerpt: error.message };
  const {
    code = 'failed',
    responseCode,
    command = '',
    message,
  } = error as Error & {
    code?: string;
    responseCode?: number;
    command?: string;
  };
  const isMessage = /^(RCPT|DATA)/.test(command) || code === 'EENVELOPE' || code === 'EMESSAGE';
  const isFinal = responseCode !== undefined && responseCode >= 500 && isMessage;
  return {
    outcome: isFinal ? 'refused' : 'retry',
    code: responseCode === undefined ? code : String(responseCode),
    excerpt: excerptOf(message, secrets),
  };
}
