import { isMap, isSeq, LineCounter, parseDocument, stringify } from 'yaml';
import type { CctvGroup } from '#schemas/api/cctv.ts';

/** One camera as a row of the form. */
export interface CameraFields {
  readonly deviceId?: string;
  readonly class?: 'camera' | 'recorder';
  readonly onvif?: string;
  readonly rtsp?: string;
  readonly recorder?: string;
  readonly recording?: string;
  readonly username?: string;
  readonly password?: string;
}

/** The fields of a group's form; lists of questions stand as YAML, as in the configuration file. */
export interface GroupFields {
  readonly id: string;
  readonly intervalS?: number | null;
  readonly slowIntervalS?: number | null;
  readonly timeoutMs?: number | null;
  readonly concurrency?: number | null;
  readonly username?: string;
  readonly password?: string;
  readonly cameras?: readonly CameraFields[];
  /** In place of rows, where there are very many. */
  readonly camerasText?: string;
  readonly hasPlatform: boolean;
  readonly url?: string;
  readonly platformDevice?: string;
  readonly header?: string;
  readonly token?: string;
  readonly requests?: string;
  readonly recordings?: string;
}

export type TextField = 'camerasText' | 'requests' | 'recordings';
type Json = Readonly<Record<string, unknown>>;

/** Of more cameras the list is edited as text. */
export const rowsMost = 50;

const newRequests = `- path: /api/channels
  pages: { parameter: page, sizeParameter: count, size: 100, items: data.list }
  read:
    - id: channels
      each: data.list[*]
      device: '{@channelId}'
      class: camera
      absent: skip
      values:
        - { metric: online, path: status, states: { 'ON': 'on', 'OFF': 'off' }, absent: reject }
`;

/** What the form begins with. Pure. */
export function toFields(group: CctvGroup | null): GroupFields {
  if (group === null)
    return { id: '', intervalS: 60, hasPlatform: false, cameras: [{}], requests: newRequests };
  const { cameras, platform, ...rest } = (group.definition ?? {}) as {
    cameras?: readonly CameraFields[];
    platform?: Partial<Record<'url' | 'deviceId' | 'header', string>> & {
      readonly requests?: unknown;
      readonly recordings?: unknown;
    };
  };
  const { url, deviceId, header, requests, recordings } = platform ?? {};
  const isLong = (cameras?.length ?? 0) > rowsMost;
  return {
    ...(rest as Partial<GroupFields>),
    id: group.id,
    ...(isLong ? { camerasText: stringify(cameras) } : { cameras: cameras ?? [] }),
    hasPlatform: platform !== undefined,
    ...(url === undefined ? {} : { url }),
    ...(deviceId === undefined ? {} : { platformDevice: deviceId }),
    ...(header === undefined ? {} : { header }),
    requests: requests === undefined ? newRequests : stringify(requests),
    ...(recordings === undefined ? {} : { recordings: stringify(recordings) }),
  };
}

/** The definition that the form says; fields that are empty are left out, so that a kept secret stays. Pure. */
export function toDefinition(fields: GroupFields, before: CctvGroup | null): Record<string, unknown> {
  const { id: _, hasPlatform, cameras, camerasText, url, platformDevice, header, token, ...rest } = fields;
  const { requests, recordings, ...own } = rest;
  // What the form does not show stays as it is.
  const { cameras: __, platform: old, ...kept } = before?.definition ?? {};
  const hidden = Object.fromEntries(Object.entries(kept).filter(([name]) => !(name in own)));
  const list =
    camerasText === undefined
      ? (cameras ?? []).map(filled).filter((row) => Object.keys(row).length > 0)
      : readYaml(camerasText);
  const platform = {
    ...(hasPlatform && typeof old === 'object' ? old : {}),
    ...filled({ url, deviceId: platformDevice, header, token }),
    requests: readYaml(requests ?? ''),
  };
  const records = (recordings ?? '').trim() === '' ? {} : { recordings: readYaml(recordings ?? '') };
  const { recordings: ___, ...bare } = platform as Json;
  return {
    ...hidden,
    ...filled(own),
    ...(Array.isArray(list) && list.length === 0 ? {} : { cameras: list }),
    ...(hasPlatform ? { platform: { ...bare, ...records } } : {}),
  };
}

function filled(fields: object): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && name !== 'password' && name !== 'token' ? value.trim() : value,
  ]);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as Record<string, unknown>;
}

function readYaml(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? null : (document.toJS({ maxAliasCount: 0 }) as unknown);
}

/** Why a text is no list (or map) in YAML, with its line; null when it is one. */
export function textFault(text: string, form: 'list' | 'map'): { line: number; message: string } | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    return { line: lines.linePos(error.pos[0]).line, message: error.message.split('\n')[0] ?? '' };
  const fits = form === 'list' ? isSeq(document.contents) : isMap(document.contents);
  return fits ? null : { line: 1, message: form };
}

/** The line of a text that a path of the API leads to; the nearest one above where it leads nowhere. */
export function lineOf(text: string, path: readonly string[]): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (let length = path.length; length > 0; length--) {
    const keys = path.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const node = document.getIn(keys, true) as { range?: readonly number[] } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** A fault of the API, at the field of the form that it belongs to. */
export interface FieldFault {
  /** As the form names it; null: the group as a whole. */
  readonly name: readonly (string | number)[] | null;
  /** Of a text. */
  readonly line: number | null;
  readonly message: string;
}

/** Where faults belong. Pure. */
export function placeFaults(
  faults: readonly { readonly path: string; readonly message: string }[],
  fields: GroupFields,
): FieldFault[] {
  return faults.map(({ path, message }) => {
    const [root, ...keys] = path.split('/').slice(1);
    if (root !== 'definition') return { name: null, line: null, message };
    const [first, second, ...rest] = keys;
    const inText = (name: TextField, inner: readonly string[]): FieldFault => ({
      name: [name],
      line: lineOf(fields[name] ?? '', inner),
      message,
    });
    if (first === 'cameras' && fields.camerasText !== undefined) return inText('camerasText', keys.slice(1));
    if (first === 'cameras' && second !== undefined) {
      const field = rest[0] ?? 'deviceId';
      return { name: ['cameras', Number(second), field], line: null, message };
    }
    if (first === 'platform' && (second === 'requests' || second === 'recordings'))
      return inText(second, rest);
    if (first === 'platform') {
      const name = second === 'deviceId' ? 'platformDevice' : (second ?? 'url');
      return { name: [name], line: null, message };
    }
    return { name: first === undefined ? null : [first], line: null, message };
  });
}
