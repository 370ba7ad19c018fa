import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { qualityCode } from '#schemas/reading.ts';
import { api } from '../../app/api.ts';
import type { LiveValue } from '../../app/live.ts';
import { useLive, useWatch } from '../../app/live.ts';

const renewMs = 30_000;

/** The newest value of each point of a device: what was read, and over it what came live. */
export function useLatest(deviceId: string): (key: string) => LiveValue | undefined {
  const interest = useMemo(() => ({ devices: [deviceId] }), [deviceId]);
  useWatch(interest);
  const { data } = useQuery({
    queryKey: ['latest', deviceId],
    queryFn: () => api.latest({ device: deviceId }),
    refetchInterval: renewMs,
  });
  const live = useLive((state) => state.points);
  const read = useMemo(
    () =>
      new Map(
        data?.items.map(({ point, time, value, quality }): [string, LiveValue] => [
          point,
          { timeMs: Date.parse(time), value, quality: qualityCode[quality] },
        ]),
      ),
    [data],
  );
  return (key) => {
    const [a, b] = [read.get(key), live.get(key)];
    return a === undefined || (b !== undefined && b.timeMs >= a.timeMs) ? b : a;
  };
}
