/** Text of people and devices, made safe for where it is put. */
export type Escape = (text: string) => string;

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml: Escape = (text) => text.replaceAll(/[&<>"']/g, (sign) => htmlEntities[sign] ?? sign);

/** Their wide forms: the dialects of the robots do not agree on how a sign is escaped, and none reads these as one. */
const wide: Readonly<Record<string, string>> = {
  '*': '＊',
  _: '＿',
  '`': '｀',
  '~': '～',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '#': '＃',
  '|': '｜',
  '\\': '＼',
  '!': '！',
  '@': '＠',
};

/** For Markdown of robots: no link, no mention, no heading comes out of a name. */
export const escapeMarkdown: Escape = (text) =>
  oneLine(text).replaceAll(/[*_`~[\]<>#|\\!@]/g, (sign) => wide[sign] ?? sign);

/** Nothing that a subject or a short message could be broken with. */
export const oneLine: Escape = (text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

const ellipsis = '…';

/** At most so many characters, cut between them. */
export function cutCharacters(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}${ellipsis}`;
}

/** At most so many bytes of UTF-8, cut between characters. */
export function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let bytes = Buffer.byteLength(ellipsis);
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    kept += character;
  }
  return kept + ellipsis;
}
