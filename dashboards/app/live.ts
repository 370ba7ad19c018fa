import { useEffect } from 'react';
import type { QueryClient } from '@tanstack/react-query';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { create } from 'zustand';
import type {
  ClientEvents,
  liveNamespace,
  ReadingsFrame,
  ServerEvents,
  Subscribe,
} from '#schemas/api/live.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import { qualityCode } from '#schemas/reading.ts';
import { after } from './clock.ts';
import { keys } from './queries.ts';

export interface LiveValue {
  readonly timeMs: number;
  readonly value: number;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: number;
}

interface LiveState {
  readonly connection: 'connecting' | 'on' | 'off';
  /** The newest value of every watched point, by point key. */
  readonly points: ReadonlyMap<string, LiveValue>;
  /** The alarm transition that came last. */
  readonly transition: AlarmTransition | null;
}

export const useLive = create<LiveState>()(() => ({
  connection: 'connecting',
  points: new Map(),
  transition: null,
}));

type Watched = 'points' | 'devices' | 'spaces';
type Interest = Readonly<Partial<Record<Watched, readonly string[]>>>;

const interests = new Set<Interest>();
let resubscribe: () => void = () => {};

/** Asks for the live values of points, devices or spaces for as long as the component is there. */
export function useWatch(interest: Interest): void {
  const text = JSON.stringify(interest);
  useEffect(() => {
    const mine = JSON.parse(text) as Interest;
    interests.add(mine);
    resubscribe();
    return () => {
      interests.delete(mine);
      resubscribe();
    };
  }, [text]);
}

function union(): Subscribe {
  const all = (kind: Watched) => [...new Set([...interests].flatMap((interest) => interest[kind] ?? []))];
  return { points: all('points'), devices: all('devices'), spaces: all('spaces'), alarms: true };
}

/** Alarm frames may come in floods; lists are renewed at most this often. */
const renewMs = 1_000;
const seenTransitions = 1_000;
/** What several components ask for at once is put into one subscription. */
const settleMs = 30;
/** After a refusal, and after the server itself ended the connection. */
const retryMs = 3_000;

/**
 * The one live connection of the page. Frames are put together and shown once per animation frame; a hidden page
 * keeps only the newest value of each point.
 */
export function startLive(client: QueryClient): Disposable {
  const namespace: typeof liveNamespace = '/live';
  const socket: Socket<ServerEvents, ClientEvents> = io(namespace, { transports: ['websocket', 'polling'] });
  const waiting = new Map<string, LiveValue>();
  const seen = new Set<string>();
  let painting = false;
  let renewal: Disposable | undefined;
  let subscribing: Disposable | undefined;
  let reconnecting: Disposable | undefined;
  let cursor: string | undefined;

  const paint = () => {
    painting = false;
    useLive.setState(({ points }) => ({ points: new Map([...points, ...waiting]) }));
    waiting.clear();
  };
  const put = (point: string, value: LiveValue) => {
    const known = waiting.get(point) ?? useLive.getState().points.get(point);
    if (known !== undefined && known.timeMs > value.timeMs) return;
    waiting.set(point, value);
    if (!painting) {
      painting = true;
      requestAnimationFrame(paint);
    }
  };
  const readings = ({ p, t, v, q }: ReadingsFrame) => {
    for (const [index, point] of p.entries()) {
      const [timeMs, value, quality] = [t[index], v[index], q[index]];
      if (timeMs !== undefined && value !== undefined) put(point, { timeMs, value, quality: quality ?? 0 });
    }
  };
  const renew = () => {
    renewal ??= after(renewMs, () => {
      renewal = undefined;
      void client.invalidateQueries({ queryKey: keys.alarms });
      void client.invalidateQueries({ queryKey: keys.overview });
    });
  };
  const alarm = (frame: { cursor: string; transition: AlarmTransition }) => {
    cursor = frame.cursor;
    if (seen.has(frame.transition.id)) return;
    if (seen.size >= seenTransitions) seen.clear();
    seen.add(frame.transition.id);
    useLive.setState({ transition: frame.transition });
    renew();
  };
  const subscribe = () => {
    subscribing = undefined;
    if (!socket.connected) return;
    const since = cursor === undefined ? {} : { since: cursor };
    socket.emit('subscribe', { ...union(), ...since }, (answer) => {
      // Too many at once, or the store is away: what was asked for is asked again.
      if (!answer.ok) return resubscribeAfter(retryMs);
      cursor = answer.cursor;
      useLive.setState({ connection: 'on' });
      for (const { point, time, value, quality } of answer.snapshot.latest) {
        put(point, { timeMs: Date.parse(time), value, quality: qualityCode[quality] });
      }
    });
  };
  const resubscribeAfter = (delayMs: number) => {
    subscribing ??= after(delayMs, subscribe);
  };
  resubscribe = () => resubscribeAfter(settleMs);
  const broken = () => {
    useLive.setState({ connection: 'off' });
    // The server ended it (the login, perhaps): only then the client does not try again by itself.
    if (socket.active) return;
    void client.invalidateQueries({ queryKey: keys.me });
    reconnecting ??= after(retryMs, () => {
      reconnecting = undefined;
      socket.connect();
    });
  };

  socket.on('connect', resubscribe);
  socket.on('disconnect', broken);
  socket.on('connect_error', broken);
  socket.on('readings', readings);
  socket.on('alarm', alarm);
  socket.on('too-old', renew);
  socket.on('device', () => void client.invalidateQueries({ queryKey: keys.overview }));
  socket.on('assessment', () => void client.invalidateQueries({ queryKey: keys.assessment }));
  return {
    [Symbol.dispose]: () => {
      for (const timer of [renewal, subscribing, reconnecting]) timer?.[Symbol.dispose]();
      socket.off();
      resubscribe = () => {};
      socket.disconnect();
      useLive.setState({ connection: 'connecting', points: new Map(), transition: null });
    },
  };
}
