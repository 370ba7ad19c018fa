import { isIPv6 } from 'node:net';

/** How long things of people last, and how often a login may be tried. Durations in milliseconds. */
export const policy = {
  /** A session that nobody used for so long is over: a shift, and some. */
  sessionIdleMs: 12 * 3_600_000,
  /** No session lives longer, however much it is used. */
  sessionAbsoluteMs: 7 * 24 * 3_600_000,
  /** Sessions note that they were used at most this often. */
  sessionTouchMs: 60_000,
  oneTimePasswordMs: 72 * 3_600_000,
  /** The link of an invitation. */
  invitationMs: 7 * 24 * 3_600_000,
  /** An invited account. */
  invitedLongestMs: 366 * 24 * 3_600_000,
  tokenLongestMs: 366 * 24 * 3_600_000,
  tokensPerUser: 50,
  sessionsPerUser: 50,
  /** Failures older than this are forgotten. */
  attemptWindowMs: 60 * 60_000,
} as const;

interface Throttle {
  /** So many failures cost nothing: people mistype. */
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** A name: the longest wait is short, since anybody can make somebody else wait. */
const userThrottle: Throttle = { free: 5, firstWaitMs: 5_000, longestWaitMs: 60_000 };
/** An address may be a whole office behind one router. */
const addressThrottle: Throttle = { free: 20, firstWaitMs: 10_000, longestWaitMs: 15 * 60_000 };

export interface AttemptRow {
  readonly key: string;
  readonly failures: number;
  readonly lastAtMs: number;
}

export const userKey = (username: string) => `user:${username.slice(0, 64)}`;
export const addressKey = (address: string) => `address:${networkOf(address)}`;

/** Of IPv6 the /64 that one customer gets: its addresses are endless, and whoever has one has all of them. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare)) return address;
  // Written in full: eight groups, without leading zeros.
  const [left = '', right] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const gap = right === undefined ? 0 : 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array<string>(gap).fill('0'), ...groups(right ?? '')];
  return all.slice(0, 4).join(':');
}

/** How long until `row`'s key may try again, ms; 0 for now. The wait doubles with every failure. */
export function waitMs(row: AttemptRow, nowMs: number): number {
  if (nowMs - row.lastAtMs > policy.attemptWindowMs) return 0;
  const throttle = row.key.startsWith('user:') ? userThrottle : addressThrottle;
  const over = row.failures - throttle.free;
  if (over < 0) return 0;
  const wait = Math.min(throttle.firstWaitMs * 2 ** over, throttle.longestWaitMs);
  return Math.max(0, row.lastAtMs + wait - nowMs);
}
