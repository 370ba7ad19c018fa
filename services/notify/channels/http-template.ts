import type { ChannelConfig } from '#schemas/notify.ts';
import { excerptOf, type Attempt, type OpenChannel, type Send } from './channel.ts';
import { answered, outcomeOf } from './http-outcome.ts';
import { call, type HttpResult } from './http-request.ts';

type HttpConfig = Extract<ChannelConfig, { kind: 'http' }>;

/** What a template may name. */
export const placeholders = ['phone', 'text', 'title', 'key', 'secret'] as const;
type Values = Readonly<Record<(typeof placeholders)[number], string>>;

const contentTypes = {
  json: 'application/json; charset=utf-8',
  form: 'application/x-www-form-urlencoded; charset=utf-8',
  text: 'text/plain; charset=utf-8',
} as const;

const escapes = {
  /** For inside a string of JSON. */
  json: (value: string) => JSON.stringify(value).slice(1, -1),
  form: encodeURIComponent,
  text: (value: string) => value,
  url: encodeURIComponent,
  header: (value: string) => value.replaceAll(/[^\x20-\x7e]/g, ' '),
} as const;

/** Fills in the placeholders that we know, each value escaped for where it stands; others stay as they are. */
export function fill(template: string, values: Values, escape: (value: string) => string): string {
  return template.replaceAll(/\{\{([a-z]+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? escape(values[name as keyof Values]) : whole,
  );
}

/** Short messages and calls: the request of a provider, as its customer wrote it down. */
export const sendHttp: Send = async (channel, { key, address, message }, ground) => {
  const { config } = channel.body;
  if (config.kind !== 'http') throw new Error(`${channel.body.id} is no template`);
  if (address === null) return { outcome: 'refused', code: 'no-address', excerpt: 'nobody to call' };
  const { secret = '' } = channel.secrets;
  const values = {
    phone: address.replaceAll(/[ -]/g, ''),
    text: message.text,
    title: message.title,
    key,
    secret,
  };
  const headers = Object.entries(config.headers).map(([name, value]) => [
    name.toLowerCase(),
    fill(value, values, escapes.header),
  ]);
  const asked = {
    url: fill(config.url, values, escapes.url),
    method: config.method,
    headers: { 'content-type': contentTypes[config.contentType], ...Object.fromEntries(headers) } as Record<
      string,
      string
    >,
    body: config.method === 'GET' ? '' : fill(config.body, values, escapes[config.contentType]),
  };
  return judge(await call(asked, ground), channel, config);
};

/** Providers say 200 and mean no: their own word counts where its place is known. */
function judge(result: HttpResult, channel: OpenChannel, config: HttpConfig): Attempt {
  const plain = outcomeOf(result, channel);
  if (plain.outcome !== 'delivered' || config.successPath === '') return plain;
  const found = valueAt(answered(result), config.successPath);
  if (found === config.successValue) return plain;
  const excerpt = excerptOf(result.kind === 'answer' ? result.answer.text : '', channel.secrets);
  return { outcome: 'retry', code: found === '' ? 'no-answer' : found.slice(0, 60), excerpt };
}

/** `a.b` of an answer as text; empty where there is nothing. */
function valueAt(body: unknown, path: string): string {
  let at = body;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return '';
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? String(at) : '';
}
