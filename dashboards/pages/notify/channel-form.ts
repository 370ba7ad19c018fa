import type { ChannelKind, NoticeLanguage, SecretField } from '#schemas/notify.ts';
import type { Channel, ChannelWrite } from '../../app/notify-api.ts';

/** What a form of a channel holds: the fields of every kind side by side. */
export interface ChannelValues {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly enabled: boolean;
  readonly language: NoticeLanguage;
  readonly perMinute: number;
  readonly host?: string;
  readonly port?: number;
  readonly security?: 'tls' | 'starttls' | 'none';
  readonly username?: string;
  readonly from?: string;
  readonly caCertificate?: string;
  readonly purpose?: 'sms' | 'voice';
  readonly method?: 'POST' | 'PUT' | 'GET';
  readonly url?: string;
  readonly contentType?: 'json' | 'form' | 'text';
  /** `Name: value`, one a line. */
  readonly headers?: string;
  readonly body?: string;
  readonly successPath?: string;
  readonly successValue?: string;
  readonly maxLength?: number;
  readonly secrets?: Partial<Record<SecretField, string>>;
  readonly clear?: Partial<Record<SecretField, boolean>>;
}

export const kinds: readonly ChannelKind[] = [
  'email',
  'http',
  'dingtalk',
  'wecom',
  'feishu',
  'webhook',
  'push',
  'console',
];

/** Mirrors schemas/notify.ts, which would bring zod into the page. */
export const secretsOf: Readonly<Record<ChannelKind, readonly SecretField[]>> = {
  console: [],
  push: [],
  email: ['password'],
  http: ['secret'],
  webhook: ['signingKey'],
  dingtalk: ['url', 'signingKey'],
  wecom: ['url'],
  feishu: ['url', 'signingKey'],
};

const fresh = {
  kind: 'email',
  enabled: true,
  language: 'zh-CN',
  perMinute: 20,
  port: 465,
  security: 'tls',
  username: '',
  caCertificate: '',
  purpose: 'sms',
  method: 'POST',
  contentType: 'json',
  headers: '',
  body: '{"phone":"{{phone}}","text":"{{text}}"}',
  successPath: '',
  successValue: '',
  maxLength: 300,
} as const satisfies Partial<ChannelValues>;

export function toForm(channel: Channel | null): Partial<ChannelValues> {
  if (channel === null) return fresh;
  const { id, name, enabled, language, perMinute, config } = channel;
  const shared = { ...fresh, id, name, enabled, language, perMinute };
  return config.kind === 'http'
    ? { ...shared, ...config, headers: headersText(config.headers) }
    : { ...shared, ...config };
}

export function toWrite(values: ChannelValues): ChannelWrite & { id: string; name: string } {
  const { id, name, enabled, language, perMinute } = values;
  return { id, name, enabled, language, perMinute, config: configOf(values), secrets: secretsIn(values) };
}

function configOf(values: ChannelValues): ChannelWrite['config'] {
  const {
    kind,
    host = '',
    port = 465,
    security = 'tls',
    username = '',
    from = '',
    caCertificate = '',
    url = '',
  } = values;
  if (kind === 'email') return { kind, host, port, security, username, from, caCertificate };
  if (kind === 'webhook') return { kind, url };
  if (kind !== 'http') return { kind };
  const {
    purpose = 'sms',
    method = 'POST',
    contentType = 'json',
    headers = '',
    body = '',
    maxLength = 300,
  } = values;
  const { successPath = '', successValue = '' } = values;
  return {
    kind,
    purpose,
    method,
    url,
    contentType,
    headers: headersOf(headers),
    body,
    successPath,
    successValue,
    maxLength,
  };
}

/** Only what was typed is written; what is to be forgotten is null. */
function secretsIn({ kind, secrets = {}, clear = {} }: ChannelValues): NonNullable<ChannelWrite['secrets']> {
  return Object.fromEntries(
    secretsOf[kind].flatMap((field): [SecretField, string | null][] => {
      if (clear[field] === true) return [[field, null]];
      const typed = secrets[field] ?? '';
      return typed === '' ? [] : [[field, typed]];
    }),
  );
}

export function headersText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

export function headersOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}
