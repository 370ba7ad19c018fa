import { find, findAll, textAt, type XmlElement } from './xml.ts';

/** What is read out of ONVIF answers. Pure: an answer without it gives null or nothing. */

export interface DeviceInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
}

export interface VideoProfile {
  readonly token: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: number | null;
  readonly bitrateKbps: number | null;
}

export interface Recording {
  readonly token: string;
  /** In the device's own clock, epoch milliseconds; null when nothing is recorded. */
  readonly earliestMs: number | null;
  readonly latestMs: number | null;
  readonly recording: boolean | null;
}

/** Whether data is recorded from this time on, in the device's own clock. */
export interface TrackChange {
  readonly timeMs: number;
  readonly present: boolean;
}

export type ImageFault = 'none' | 'black' | 'covered' | 'blurred' | 'moved';

const shownLength = 64;
/** Profiles and recordings of one device. */
const listMost = 1_000;

/** UTC of GetSystemDateAndTime, epoch milliseconds (whole seconds). */
export function readDeviceTime(body: XmlElement): number | null {
  const utc = find(body, 'UTCDateTime');
  const part = (...path: readonly [string, string]) => wholeNumber(textAt(utc, ...path));
  const [year, month, day] = [part('Date', 'Year'), part('Date', 'Month'), part('Date', 'Day')];
  const [hour, minute, second] = [part('Time', 'Hour'), part('Time', 'Minute'), part('Time', 'Second')];
  if (year === null || month === null || day === null) return null;
  if (hour === null || minute === null || second === null) return null;
  const isTime = hour < 24 && minute < 60 && second <= 60;
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || !isTime) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export function readDeviceInformation(body: XmlElement): DeviceInformation {
  const text = (name: string) => (textAt(body, name) ?? '').slice(0, shownLength);
  return { manufacturer: text('Manufacturer'), model: text('Model'), firmware: text('FirmwareVersion') };
}

/** Paths of the services by their namespace: only the path, for a camera behind a router does not know its address. */
export function readServices(body: XmlElement): Map<string, string> {
  const services = new Map<string, string>();
  for (const service of findAll(body, 'Service').slice(0, listMost)) {
    const [namespace, address] = [textAt(service, 'Namespace'), textAt(service, 'XAddr')];
    if (namespace === undefined || address === undefined || !URL.canParse(address)) continue;
    const { pathname, search } = new URL(address);
    services.set(namespace, pathname + search);
  }
  return services;
}

/** Media profiles with video, the largest picture first. */
export function readProfiles(body: XmlElement): VideoProfile[] {
  return findAll(body, 'Profiles')
    .slice(0, listMost)
    .flatMap((profile): VideoProfile[] => {
      const encoder = find(profile, 'VideoEncoderConfiguration') ?? find(profile, 'VideoEncoder');
      const widthPx = wholeNumber(textAt(encoder, 'Resolution', 'Width'));
      const heightPx = wholeNumber(textAt(encoder, 'Resolution', 'Height'));
      if (widthPx === null || heightPx === null) return [];
      return [
        {
          token: profile.attributes['token'] ?? '',
          widthPx,
          heightPx,
          frameRate: realNumber(textAt(encoder, 'RateControl', 'FrameRateLimit')),
          bitrateKbps: realNumber(textAt(encoder, 'RateControl', 'BitrateLimit')),
        },
      ];
    })
    .toSorted((a, b) => b.widthPx * b.heightPx - a.widthPx * a.heightPx);
}

/** RecordingInformation of GetRecordingInformation or of search results. */
export function readRecordings(body: XmlElement): Recording[] {
  return findAll(body, 'RecordingInformation')
    .slice(0, listMost)
    .map((information) => {
      const status = textAt(information, 'RecordingStatus');
      return {
        token: textAt(information, 'RecordingToken') ?? '',
        earliestMs: instant(textAt(information, 'EarliestRecording')),
        latestMs: instant(textAt(information, 'LatestRecording')),
        recording: status === undefined || status === 'Unknown' ? null : status === 'Recording',
      };
    });
}

export function readSearchToken(body: XmlElement): string | null {
  return textAt(body, 'SearchToken') ?? null;
}

/** True while the device goes on searching. */
export function isSearching(body: XmlElement): boolean {
  return /^(Queued|Searching)$/.test(textAt(body, 'SearchState') ?? '');
}

/** `RecordingHistory/Track/State` of one recording's event search, in order of time. */
export function readTrackChanges(body: XmlElement): TrackChange[] {
  return findAll(body, 'Result')
    .flatMap((result): TrackChange[] => {
      const timeMs = instant(textAt(result, 'Time'));
      const present = itemOf(result, 'IsDataPresent');
      return timeMs === null || present === null ? [] : [{ timeMs, present: isTrue(present) }];
    })
    .toSorted((a, b) => a.timeMs - b.timeMs);
}

/** What the device's own picture analysis says now; null when it says nothing of it. */
export function readImageFault(body: XmlElement): ImageFault | null {
  let told = false;
  const faults = new Set<ImageFault>();
  for (const message of findAll(body, 'NotificationMessage').slice(0, listMost)) {
    const topic = textAt(message, 'Topic') ?? '';
    const fault = imageTopics.find(([pattern]) => pattern.test(topic))?.[1];
    const state = itemOf(message, 'State') ?? itemOf(message, 'IsTamper');
    if (fault === undefined || state === null) continue;
    told = true;
    if (isTrue(state)) faults.add(fault);
    else faults.delete(fault);
  }
  if (!told) return null;
  return imageTopics.map(([, fault]) => fault).find((fault) => faults.has(fault)) ?? 'none';
}

/** The worst first. */
const imageTopics: readonly (readonly [RegExp, ImageFault])[] = [
  [/ImageTooDark/, 'black'],
  [/Tamper/, 'covered'],
  [/ImageTooBlurry/, 'blurred'],
  [/GlobalSceneChange/, 'moved'],
];

/** The value of a SimpleItem by its name. */
function itemOf(within: XmlElement, name: string): string | null {
  const item = findAll(within, 'SimpleItem').find(({ attributes }) => attributes['Name'] === name);
  return item?.attributes['Value'] ?? null;
}

function isTrue(text: string): boolean {
  return text === 'true' || text === '1';
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function realNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

/** xs:dateTime; a camera that writes no zone means UTC (ONVIF core §5.2). */
function instant(text: string | undefined): number | null {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.test(text))
    return null;
  const timeMs = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(timeMs) ? null : timeMs;
}
