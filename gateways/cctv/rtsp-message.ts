/**
 * RTSP 1.0 answers (RFC 2326 §7) and what a session description (RFC 8866) says of the picture:
 *
 *   RTSP/1.0 SP status SP reason CRLF *( name ":" value CRLF ) CRLF [ body of Content-Length bytes ]
 */
export interface RtspAnswer {
  readonly status: number;
  /** By lower-case name, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export type ReadRtsp =
  | { readonly kind: 'answer'; readonly answer: RtspAnswer; readonly bytes: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'wrong'; readonly detail: string };

export const rtspLimits = { headerBytes: 16 * 1024, bodyBytes: 64 * 1024, headers: 64 } as const;

const headerEnd = Buffer.from('\r\n\r\n');

/** Reads the first answer in what has come so far. Pure; never throws. */
export function readRtsp(bytes: Buffer): ReadRtsp {
  const end = bytes.subarray(0, rtspLimits.headerBytes).indexOf(headerEnd);
  if (end < 0) {
    if (bytes.length >= rtspLimits.headerBytes) return { kind: 'wrong', detail: 'its header is too long' };
    return startsRight(bytes) ? { kind: 'more' } : { kind: 'wrong', detail: 'it does not speak RTSP' };
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^RTSP\/1\.\d (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return { kind: 'wrong', detail: 'it does not speak RTSP' };
  if (lines.length > rtspLimits.headers) return { kind: 'wrong', detail: 'it sends too many headers' };
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const length = headers.get('content-length')?.[0] ?? '0';
  if (!/^\d{1,6}$/.test(length) || Number(length) > rtspLimits.bodyBytes) {
    return { kind: 'wrong', detail: 'its body is too long' };
  }
  const total = end + headerEnd.length + Number(length);
  if (bytes.length < total) return { kind: 'more' };
  const body = bytes.toString('utf8', end + headerEnd.length, total);
  return { kind: 'answer', answer: { status: Number(status), headers, body }, bytes: total };
}

function startsRight(bytes: Buffer): boolean {
  const begin = 'RTSP/1.';
  return begin.startsWith(bytes.toString('latin1', 0, Math.min(begin.length, bytes.length)));
}

export interface StreamDescription {
  readonly hasVideo: boolean;
  readonly frameRate: number | null;
  /** From `a=x-dimensions` or `a=framesize`; most cameras leave it to ONVIF. */
  readonly widthPx: number | null;
  readonly heightPx: number | null;
}

/** Reads a session description as far as the picture goes. Pure; never throws. */
export function readSdp(text: string): StreamDescription {
  const video = /^m=video [^\r\n]*$/m.exec(text);
  if (video === null) return { hasVideo: false, frameRate: null, widthPx: null, heightPx: null };
  const [section = ''] = text.slice(video.index + video[0].length).split(/^m=/m, 1);
  const rate = /^a=(?:framerate|x-framerate):\s*(\d{1,3}(?:\.\d{1,6})?)\s*$/m.exec(section)?.[1];
  const size = /^a=(?:x-dimensions:\s*|framesize:\d+ )(\d{1,5})[,-](\d{1,5})/m.exec(section);
  return {
    hasVideo: true,
    frameRate: rate === undefined ? null : Number(rate),
    widthPx: size === null ? null : Number(size[1]),
    heightPx: size === null ? null : Number(size[2]),
  };
}
