import type { Severity } from '#schemas/device-class.ts';
import type { NoticeLanguage } from '#schemas/notify.ts';
import { escapeHtml } from './escape.ts';
import { templates } from './templates.ts';

/** What the page of an acknowledging link shows. */
export type AckPage =
  | {
      readonly kind: 'ask';
      readonly displayName: string;
      readonly title: string;
      readonly place: string;
      readonly raised: string;
      readonly severity: Severity;
      readonly isActive: boolean;
    }
  | { readonly kind: 'done' | 'already'; readonly title: string; readonly by: string }
  | { readonly kind: 'expired' | 'forged' | 'not-allowed' };

interface Words {
  readonly heading: string;
  readonly as: string;
  readonly comment: string;
  readonly act: string;
  readonly active: string;
  readonly cleared: string;
  readonly done: string;
  readonly already: string;
  readonly expired: string;
  readonly forged: string;
  readonly notAllowed: string;
  readonly console: string;
}

const words: Readonly<Record<NoticeLanguage, Words>> = {
  'zh-CN': {
    heading: '确认告警',
    as: '以 {name} 的名义确认',
    comment: '处理说明（可不填）',
    act: '确认',
    active: '告警仍未恢复',
    cleared: '告警已恢复',
    done: '已确认，感谢。确认人：{by}',
    already: '此告警已由 {by} 确认，无需重复操作。',
    expired: '链接已过期，请到控制台确认。',
    forged: '链接无效。',
    notAllowed: '该账号已停用或无权确认告警。',
    console: '打开控制台',
  },
  en: {
    heading: 'Acknowledge an alarm',
    as: 'You acknowledge as {name}',
    comment: 'What you do about it (optional)',
    act: 'Acknowledge',
    active: 'The alarm is still active',
    cleared: 'The alarm has cleared',
    done: 'Acknowledged by {by}. Thank you.',
    already: '{by} has acknowledged it already; nothing is left to do.',
    expired: 'The link has expired; acknowledge in the console.',
    forged: 'The link is not valid.',
    notAllowed: 'The account is disabled or may not acknowledge alarms.',
    console: 'Open the console',
  },
};

/** A whole page without script, for a telephone. The form leads back to the address that it came from. */
export function ackPage(page: AckPage, language: NoticeLanguage): string {
  const text = words[language];
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="data:,"><title>${escapeHtml(text.heading)}</title>
<style>
:root{color-scheme:light dark;font:17px/1.5 system-ui,"Noto Sans CJK SC",sans-serif}
body{max-width:32rem;margin:0 auto;padding:24px 20px}h1{font-size:1.15rem;color:#777;font-weight:400;margin:0 0 12px}
h2{font-size:1.35rem;margin:0 0 12px;padding-left:12px;border-left:6px solid #888}
h2.critical{border-color:#d4380d}h2.high{border-color:#d46b08}h2.medium{border-color:#a88600}h2.low{border-color:#0e86a3}
p{margin:6px 0}label{display:block;margin:20px 0 6px}
textarea{width:100%;box-sizing:border-box;font:inherit;padding:10px;min-height:88px;border:1px solid #999;border-radius:6px}
button{width:100%;min-height:52px;margin-top:16px;font:inherit;font-weight:600;color:#fff;background:#1668dc;border:0;border-radius:6px}
button:focus-visible,textarea:focus-visible,a:focus-visible{outline:3px solid #69b1ff;outline-offset:2px}a{color:inherit}
</style></head><body><h1>${escapeHtml(text.heading)}</h1>
${bodyOf(page, text, language)}
<p style="margin-top:28px"><a href="/alarms">${escapeHtml(text.console)}</a></p></body></html>
`;
}

function bodyOf(page: AckPage, text: Words, language: NoticeLanguage): string {
  if (page.kind === 'ask') {
    return `<h2 class="${page.severity}">${escapeHtml(page.title)}</h2>
<p>${escapeHtml(templates[language].severity[page.severity])} · ${escapeHtml(page.raised)}</p>
<p>${escapeHtml(page.place)}</p><p>${escapeHtml(page.isActive ? text.active : text.cleared)}</p>
<form method="post"><label for="comment">${escapeHtml(text.comment)}</label>
<textarea id="comment" name="comment" maxlength="500"></textarea>
<p>${escapeHtml(text.as.replace('{name}', page.displayName))}</p>
<button type="submit">${escapeHtml(text.act)}</button></form>`;
  }
  if (page.kind === 'done' || page.kind === 'already') {
    return `<h2>${escapeHtml(page.title)}</h2><p>${escapeHtml(text[page.kind].replace('{by}', page.by))}</p>`;
  }
  const sentence = { expired: text.expired, forged: text.forged, 'not-allowed': text.notAllowed }[page.kind];
  return `<p>${escapeHtml(sentence)}</p>`;
}
