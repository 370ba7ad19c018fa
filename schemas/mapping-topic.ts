/**
 * Topics of a mapping and the ids it makes out of them.
 *
 *   pattern  = level { "/" level }         level = text | "+" | "{name}"; the last may be "#"
 *   template = { text | "{name}" | "{@path}" }
 *
 * A "{name}" in a topic stands for one level and captures it. In a template it stands for what was captured; `key` and
 * `index` are those of the item that `each` names, `client` is the sender's MQTT client id (told by the embedded broker
 * only), and "{@path}" is a value of the payload.
 */
import { idPattern } from './ids.ts';
import { parseMappingPath, type MappingPath } from './mapping-path.ts';

export interface TopicPattern {
  readonly text: string;
  /** What a client subscribes to. */
  readonly filter: string;
  /** `+` and `#` stand for themselves. */
  readonly levels: readonly string[];
  /** Names by the level they capture. */
  readonly captures: ReadonlyMap<number, string>;
}

const captureLevel = /^\{([a-zA-Z][a-zA-Z0-9_]*)\}$/;
/** Captures that the items of a payload have. */
export const itemCaptures = ['key', 'index'] as const;
/** The MQTT client id of who sent a message; only our own broker tells it. */
export const clientCapture = 'client';
const takenNames: readonly string[] = [...itemCaptures, clientCapture];

const topicBytes = 512;
const topicLevels = 32;

/** Topics that are never a vendor's: the native contract, our own, and the broker's. */
const reservedRoots = new Set(['park', 'parkwatch-live', 'parkwatch-canary']);

/** Whether a topic belongs to us or the broker, so that no mapping is ever asked about it. */
export function isReservedTopic(topic: string): boolean {
  const end = topic.indexOf('/');
  return topic.startsWith('$') || reservedRoots.has(end < 0 ? topic : topic.slice(0, end));
}

/** @returns the pattern, or a sentence that says what is wrong with it */
export function parseTopicPattern(text: string): TopicPattern | string {
  if (text.length === 0 || text.length > topicBytes) return `has 1 to ${topicBytes} characters`;
  if (/[\0\r\n]/.test(text)) return 'is one line of text';
  if (isReservedTopic(text)) return 'is a topic of ours or of the broker, which no mapping takes';
  const given = text.split('/');
  if (given.length > topicLevels) return `has at most ${topicLevels} levels`;
  const captures = new Map<number, string>();
  const levels: string[] = [];
  for (const [index, level] of given.entries()) {
    const name = captureLevel.exec(level)?.[1];
    if (name !== undefined) {
      if ([...captures.values()].includes(name)) return `captures {${name}} twice`;
      if (takenNames.includes(name)) return `may not capture {${name}}, which means something else`;
      captures.set(index, name);
    } else if (level === '#' && index !== given.length - 1) return 'has "#" before its end';
    else if (level !== '#' && level !== '+' && /[+#{}]/.test(level)) {
      return `has the level "${level}"; "+", "#" and "{name}" stand for whole levels`;
    }
    levels.push(name === undefined ? level : '+');
  }
  if (levels[0] === '#') return 'would take every topic there is';
  return { text, filter: levels.join('/'), levels, captures };
}

/** What the captures of a pattern are in a topic that it matches. */
export function capturesOf(pattern: TopicPattern, topicParts: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [level, name] of pattern.captures) found.set(name, topicParts[level] ?? '');
  return found;
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string }
  | { readonly kind: 'path'; readonly path: MappingPath };

export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

const templateLength = 256;

/** @returns the template, or a sentence that says what is wrong with it */
export function parseTemplate(text: string): Template | string {
  if (text.length === 0 || text.length > templateLength) return `has 1 to ${templateLength} characters`;
  const parts: TemplatePart[] = [];
  for (const [index, piece] of text.split(/\{([^{}]*)\}/).entries()) {
    if (index % 2 === 0) {
      if (/[{}]/.test(piece)) return 'has a brace that is not closed, or closed twice';
      if (piece !== '') parts.push({ kind: 'text', text: piece });
    } else if (piece.startsWith('@')) {
      const path = parseMappingPath(piece.slice(1));
      if (path === null || path.wild) return `has {${piece}}, which is no path to one value`;
      parts.push({ kind: 'path', path });
    } else if (captureLevel.test(`{${piece}}`)) parts.push({ kind: 'capture', name: piece });
    else return `has {${piece}}; {name} of the topic, or {@path} of the payload was expected`;
  }
  return { text, parts };
}

const cleanable = /[^A-Za-z0-9_-]+/g;
const notAscii = /[^ -~]/;

/**
 * Brings a vendor's id to our form: spaces and punctuation become "-", a leading "_" goes.
 * @returns null when it cannot be done without losing what tells two devices apart (other scripts, too long)
 */
export function cleanId(raw: string): string | null {
  if (idPattern.test(raw)) return raw;
  if (notAscii.test(raw)) return null;
  const id = raw.trim().replace(cleanable, '-').replace(/^_+/, '');
  return idPattern.test(id) && /[A-Za-z0-9]/.test(id) ? id : null;
}
