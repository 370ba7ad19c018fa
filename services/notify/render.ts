import { severities, type Severity } from '#schemas/device-class.ts';
import type { ChannelBody, ChannelKind, NoticeKind, NoticeLanguage } from '#schemas/notify.ts';
import { cutBytes, cutCharacters, escapeHtml, escapeMarkdown, oneLine, type Escape } from './escape.ts';
import type { NoticeFacts } from './facts.ts';
import type { FloodPart } from './flood-digest.ts';
import type { WeekReport } from './report.ts';
import { reportWords } from './report-words.ts';
import { templates, type Blank, type Template } from './templates.ts';

/** What is to be said, in no language yet; kept with the delivery. */
export interface NoticeMessage {
  readonly kind: NoticeKind;
  /** Null for a test and a report. */
  readonly facts: NoticeFacts | null;
  /** Which reminder it is. */
  readonly number: number;
  /** Who acknowledged, or assigned. */
  readonly by: string | null;
  /** What they said; absent where nobody did. */
  readonly note?: string;
  /** User names that a group is told of. */
  readonly people: readonly string[];
  /** Only of a report. */
  readonly report?: WeekReport;
}

/** A message as a channel sends it. */
export interface Rendered {
  readonly severity: Severity;
  readonly title: string;
  /** Plain, or in the Markdown of robots. */
  readonly text: string;
  /** Of an e-mail; empty elsewhere. */
  readonly html: string;
  /** For programs. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Telephone numbers that a group mentions. */
  readonly mentions: readonly string[];
}

export interface RenderContext {
  readonly channel: Pick<ChannelBody, 'config'>;
  readonly language: NoticeLanguage;
  readonly park: string;
  /** Where the console is; empty where nobody outside this machine reaches it. */
  readonly base: string;
  readonly tellTime: (timeMs: number) => string;
  /** Displayed names and telephone numbers of the people of the message. */
  readonly people: readonly { readonly name: string; readonly phone: string | null }[];
  /** The address at which the reader acknowledges an alarm; null for a group. */
  readonly ackUrl: ((alarmId: number) => string) | null;
}

const titleLength = 120;
/** What the robots take, with some room for what they add. */
const mostBytes: Readonly<Partial<Record<ChannelKind, number>>> = {
  dingtalk: 18_000,
  wecom: 4_000,
  feishu: 14_000,
};
/** Alarms that a digest tells one by one. */
const digestItems = 20;
/** Of one cause in a flood, however many causes there are. */
const fewestOfCause = 2;
const significantDigits = 6;

type Blanks = Readonly<Record<Blank, string>>;

/** A message in words, for one channel and one language. */
export function render(message: NoticeMessage, context: RenderContext): Rendered {
  if (message.report !== undefined) return renderReport(message, message.report, context);
  const template = templates[context.language];
  const blanks = blanksOf(message, context);
  const title = cutCharacters(oneLine(fill(template.title[message.kind], blanks, oneLine)), titleLength);
  const lines = message.kind === 'test' ? [] : linesOf(template, blanks);
  const opening = message.kind === 'test' ? [template.test] : [];
  return compose({ title, opening, lines, messages: [message], blanks }, context);
}

function renderReport(message: NoticeMessage, report: WeekReport, context: RenderContext): Rendered {
  const template = templates[context.language];
  const words = reportWords(report, { language: context.language, severity: template.severity });
  const blanks = { ...noBlanks, reason: words.subject, park: context.park };
  const title = cutCharacters(fill(template.title.report, blanks, oneLine), titleLength);
  const { summary, lines, top } = words;
  return compose({ title, opening: [summary], lines, closing: top, messages: [message], blanks }, context);
}

/** Several messages as one. */
export function renderDigest(messages: readonly NoticeMessage[], context: RenderContext): Rendered {
  const template = templates[context.language];
  const worst = worstOf(messages);
  const blanks = {
    ...noBlanks,
    severity: template.severity[worst],
    count: String(messages.length),
    park: context.park,
  };
  const title = cutCharacters(fill(template.title.digest, blanks, oneLine), titleLength);
  const told = messages
    .slice(0, digestItems)
    .map((message) => fill(itemOf(template, message), blanksOf(message, context), oneLine));
  const left = messages.length - digestItems;
  const more = left > 0 ? [fill(template.more, { ...blanks, count: String(left) }, oneLine)] : [];
  return compose({ title, opening: [...told, ...more], lines: [], messages, blanks }, context);
}

/** Messages of a flood as one: each cause with how many alarms it has, and the most urgent of those that are new. */
export function renderFlood(parts: readonly FloodPart[], context: RenderContext): Rendered {
  const template = templates[context.language];
  const messages = parts.flatMap((part) => part.messages);
  const worst = worstOf(messages);
  const count = String(messages.length);
  const blanks = { ...noBlanks, severity: template.severity[worst], count, park: context.park };
  const title = cutCharacters(fill(template.title.flood, blanks, oneLine), titleLength);
  const each = Math.max(fewestOfCause, Math.floor(digestItems / parts.length));
  const opening = parts.flatMap((part) => {
    const told = part.messages.slice(0, each);
    const left = part.messages.length - told.length;
    return [
      fill(template.cause, causeBlanks(part, template, context), oneLine),
      ...told.map((message) => `· ${fill(itemOf(template, message), blanksOf(message, context), oneLine)}`),
      ...(left > 0 ? [`· ${fill(template.more, { ...blanks, count: String(left) }, oneLine)}`] : []),
    ];
  });
  return compose({ title, opening, lines: [], messages, blanks }, context);
}

function causeBlanks(part: FloodPart, template: Template, { language }: RenderContext): Blanks {
  const { kind, id, name, nameEn } = part.cause;
  const told = language === 'en' ? (nameEn ?? name) : name;
  return {
    ...noBlanks,
    severity: template.severity[worstOf(part.messages)],
    reason: fill(
      template.causes[kind],
      { ...noBlanks, rule: told, device: told, deviceId: id, space: told },
      oneLine,
    ),
    count: String(part.count),
    number: String(part.messages.length),
  };
}

/** What was acknowledged or cleared says so; what was raised says when. */
function itemOf(template: Template, { kind }: NoticeMessage): string {
  return kind === 'raised' ? template.item : `${template.title[kind]} · {raised}`;
}

interface Parts {
  readonly title: string;
  /** Sentences before the lines. */
  readonly opening: readonly string[];
  readonly lines: readonly (readonly [string, string])[];
  /** Sentences after the lines. */
  readonly closing?: readonly string[];
  readonly messages: readonly NoticeMessage[];
  readonly blanks: Blanks;
}

function compose(parts: Parts, context: RenderContext): Rendered {
  const { title, messages } = parts;
  const { kind } = context.channel.config;
  const shared = {
    severity: worstOf(messages),
    title,
    data: dataOf(messages[0], context),
    mentions: context.people.flatMap(({ phone }) => phone?.replaceAll(/[^\d+]/g, '') ?? []),
  };
  if (kind === 'http') return { ...shared, text: shortText(parts, context), html: '' };
  const most = mostBytes[kind];
  if (most !== undefined) return { ...shared, text: cutBytes(markdown(parts, context), most), html: '' };
  return { ...shared, text: plain(parts, context), html: kind === 'email' ? html(parts, context) : '' };
}

/** Short messages are read on a telephone, which has a page of its own. */
function pageOf(kind: ChannelKind): string {
  return kind === 'http' ? '/m?' : '/alarms?state=all&';
}

/** Links that the reader may follow, with their words. */
function linksOf(
  { messages }: Parts,
  { base, ackUrl, language, channel }: RenderContext,
): { url: string; words: string }[] {
  const template = templates[language];
  const [message] = messages;
  const facts = message?.facts ?? null;
  if (base === '') return [];
  if (message?.report !== undefined) {
    const { week, position } = message.report;
    const query = new URLSearchParams({
      week: week.from,
      ...(position === null ? {} : { position: position.id }),
    });
    return [{ url: `${base}/alarms/report?${query.toString()}`, words: template.openReport }];
  }
  if (messages.length > 1) return [{ url: `${base}/alarms`, words: template.open }];
  if (facts === null) return [];
  const asksToAct = message?.kind !== 'acknowledged' && message?.kind !== 'cleared';
  return [
    ...(ackUrl === null || !asksToAct ? [] : [{ url: ackUrl(facts.alarmId), words: template.acknowledge }]),
    { url: `${base}${pageOf(channel.config.kind)}alarm=${facts.alarmId}`, words: template.open },
  ];
}

function plain(parts: Parts, context: RenderContext): string {
  const { colon, footer } = templates[context.language];
  return [
    parts.title,
    '',
    ...parts.opening,
    ...parts.lines.map(([label, text]) => `${label}${colon}${text}`),
    ...(parts.closing ?? []),
    '',
    ...linksOf(parts, context).map(({ url, words }) => `${words}${colon}${url}`),
    '',
    fill(footer, { ...parts.blanks, park: context.park }, oneLine),
  ].join('\n');
}

function html(parts: Parts, context: RenderContext): string {
  const { footer } = templates[context.language];
  const color = severityColors[worstOf(parts.messages)];
  const cell = 'padding:4px 12px 4px 0;vertical-align:top';
  const rows = parts.lines.map(
    ([label, text]) =>
      `<tr><td style="${cell};color:#666;white-space:nowrap">${escapeHtml(label)}</td><td style="${cell}">${escapeHtml(text)}</td></tr>`,
  );
  const links = linksOf(parts, context).map(
    ({ url, words }, i) =>
      `<a href="${escapeHtml(url)}" style="display:inline-block;margin:12px 12px 0 0;padding:10px 18px;border-radius:4px;text-decoration:none;${i === 0 ? `background:${color};color:#fff` : 'border:1px solid #999;color:#333'}">${escapeHtml(words)}</a>`,
  );
  return [
    `<!doctype html><html lang="${context.language}"><meta name="viewport" content="width=device-width">`,
    '<body style="font:15px/1.5 sans-serif;color:#222;margin:16px">',
    `<h2 style="margin:0 0 12px;padding-left:10px;border-left:5px solid ${color}">${escapeHtml(parts.title)}</h2>`,
    ...parts.opening.map((text) => `<p style="margin:4px 0">${escapeHtml(text)}</p>`),
    `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    ...(parts.closing ?? []).map((text) => `<p style="margin:4px 0">${escapeHtml(text)}</p>`),
    ...links,
    `<p style="margin-top:24px;color:#888;font-size:12px">${escapeHtml(fill(footer, { ...parts.blanks, park: context.park }, oneLine))}</p>`,
    '</body></html>',
  ].join('\n');
}

/** Dark enough for white letters. */
const severityColors: Readonly<Record<Severity, string>> = {
  critical: '#c4281c',
  high: '#b85c00',
  medium: '#8a6d00',
  low: '#0b7285',
};

/** Two spaces before a line feed: the robots join lines that stand alone. */
function markdown(parts: Parts, context: RenderContext): string {
  const { colon } = templates[context.language];
  const bold = (text: string) => `**${escapeMarkdown(text)}**`;
  const mentions = context.channel.config.kind === 'dingtalk' ? context.people : [];
  return [
    bold(parts.title),
    ...parts.opening.map((text) => `- ${escapeMarkdown(text)}`),
    ...parts.lines.map(([label, text]) => `${escapeMarkdown(label)}${colon}${escapeMarkdown(text)}`),
    ...(parts.closing ?? []).map((text) => escapeMarkdown(text)),
    ...linksOf(parts, context).map(({ url, words }) => `[${words}](${url})`),
    ...mentions.flatMap(({ phone }) => (phone === null ? [] : [`@${phone.replaceAll(/[^\d+]/g, '')}`])),
  ].join('  \n');
}

/** The link is worth more than the last words: it is never cut. */
function shortText(parts: Parts, context: RenderContext): string {
  const { config } = context.channel;
  const { short, test } = templates[context.language];
  const most = config.kind === 'http' ? config.maxLength : titleLength;
  const isAlarm = parts.messages.length === 1 && parts.messages[0]?.facts !== null;
  const blanks: Readonly<Record<string, string>> = { ...parts.blanks, title: parts.title };
  const words = isAlarm
    ? short.replaceAll(/\{(\w+)\}/g, (_, name: string) => oneLine(blanks[name] ?? ''))
    : `${parts.title} ${parts.opening.length === 0 ? test : parts.opening.join('; ')}`;
  // A call is read aloud: nobody can follow a link there.
  const link = config.kind === 'http' && config.purpose === 'voice' ? undefined : linksOf(parts, context)[0];
  const tail = link === undefined ? '' : ` ${link.url}`;
  if (tail.length >= most) return cutCharacters(oneLine(words), most);
  return `${cutCharacters(oneLine(words), most - tail.length)}${tail}`;
}

function linesOf(template: Template, blanks: Blanks): (readonly [string, string])[] {
  return template.lines.flatMap(([label, text]) => {
    const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => blanks[name as Blank]);
    if (named.includes('')) return [];
    return [[fill(label, blanks, oneLine), fill(text, blanks, oneLine)] as const];
  });
}

function fill(text: string, blanks: Blanks, escape: Escape): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(blanks, name) ? escape(blanks[name as Blank]) : whole,
  );
}

const noBlanks: Blanks = {
  severity: '',
  rule: '',
  device: '',
  deviceId: '',
  space: '',
  metric: '',
  value: '',
  limit: '',
  raised: '',
  reason: '',
  action: '',
  people: '',
  by: '',
  assigner: '',
  number: '',
  count: '',
  park: '',
  provenance: '',
};

function blanksOf({ kind, facts, number, by, note = '' }: NoticeMessage, context: RenderContext): Blanks {
  const { language, park, people, tellTime } = context;
  const shared = {
    ...noBlanks,
    park,
    number: String(number),
    by: kind === 'assigned' ? '' : (by ?? ''),
    assigner: kind === 'assigned' ? [by ?? '', note].filter((said) => said !== '').join(': ') : '',
    people: people.map(({ name }) => name).join(', '),
  };
  if (facts === null) return shared;
  const template = templates[language];
  const inLanguage = (text: { readonly zh: string; readonly en: string }) =>
    language === 'en' ? text.en : text.zh;
  const figure = (value: number) => `${Number(value.toPrecision(significantDigits))} ${facts.unit}`.trim();
  const value = facts.value === null ? '' : figure(facts.value);
  return {
    ...shared,
    severity: template.severity[facts.severity],
    rule: inLanguage(facts.rule),
    device: facts.deviceName,
    deviceId: facts.deviceId,
    space: facts.spaces
      .map(({ name }) => name)
      .toReversed()
      .join(' / '),
    metric: inLanguage(facts.metric),
    value: facts.state === null ? value : inLanguage(facts.state),
    limit: facts.limit === null ? '' : figure(facts.limit),
    raised: tellTime(facts.raisedMs),
    reason: facts.reason,
    action: inLanguage(facts.action),
    provenance: template.provenance[facts.provenance] ?? '',
  };
}

function worstOf(messages: readonly NoticeMessage[]): Severity {
  const found = new Set(messages.map((message) => message.facts?.severity ?? 'low'));
  return severities.find((severity) => found.has(severity)) ?? 'low';
}

/** What a program is told; the contract of docs/notifications.md. */
function dataOf(message: NoticeMessage | undefined, { park, base }: RenderContext): Rendered['data'] {
  const facts = message?.facts ?? null;
  return {
    type: `alarm.${message?.kind ?? 'test'}`,
    park,
    number: message?.number ?? 0,
    by: message?.by ?? null,
    ...(message?.report === undefined ? {} : { report: message.report }),
    alarm:
      facts === null
        ? null
        : {
            id: String(facts.alarmId),
            rule: facts.ruleId,
            name: facts.rule,
            category: facts.category,
            severity: facts.severity,
            point: facts.point,
            device: { id: facts.deviceId, name: facts.deviceName, class: facts.deviceClass },
            spaces: facts.spaces,
            value: facts.value,
            state: facts.state,
            unit: facts.unit,
            limit: facts.limit,
            reason: facts.reason,
            raisedAt: new Date(facts.raisedMs).toISOString(),
            provenance: facts.provenance,
            url: base === '' ? null : `${base}/alarms?state=all&alarm=${facts.alarmId}`,
          },
  };
}
