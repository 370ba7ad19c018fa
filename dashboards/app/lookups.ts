import { useQuery } from '@tanstack/react-query';
import type { Severity } from '#schemas/device-class.ts';
import { api } from './api.ts';
import { useBilingual } from './i18n.ts';
import type { Metric } from './metrics.ts';
import { metricOf } from './metrics.ts';
import { keys } from './queries.ts';

const keptMs = 5 * 60_000;

export function useDeviceClasses() {
  return useQuery({ queryKey: keys.deviceClasses, queryFn: api.deviceClasses, staleTime: keptMs });
}

/** The name of a device class in the chosen language; its id until the names are here. */
export function useClassNames(): (id: string) => string {
  const both = useBilingual();
  const { data } = useDeviceClasses();
  const names = new Map(data?.items.map((each) => [each.id, each.name]));
  return (id) => {
    const name = names.get(id);
    return name === undefined ? id : both(name);
  };
}

/** What a metric is, see {@link metricOf}. */
export function useMetrics(): (asked: { metric: string; deviceClass?: string }) => Metric {
  const { data } = useDeviceClasses();
  return (asked) => metricOf(data?.items ?? [], asked);
}

/** What a type of events of a class is called, and how bad it is; its type where the class does not know it. */
export function useEventNames(
  deviceClass: string,
): (type: string) => { readonly name: string; readonly severity: Severity | undefined } {
  const both = useBilingual();
  const { data } = useDeviceClasses();
  const events = data?.items.find(({ id }) => id === deviceClass)?.events ?? {};
  return (type) => {
    const known = events[type];
    return { name: known === undefined ? type : both(known.name), severity: known?.severity };
  };
}

/** The name of an attribute of devices of a class; its key where the class does not know it. */
export function useAttributeNames(deviceClass: string): (key: string) => string {
  const both = useBilingual();
  const { data } = useDeviceClasses();
  const names = data?.items.find(({ id }) => id === deviceClass)?.attributes ?? {};
  return (key) => {
    const name = names[key];
    return name === undefined ? key : both(name);
  };
}

/** All spaces of the park; a park has hundreds, not thousands. */
export function useSpaces() {
  return useQuery({ queryKey: keys.spaces, queryFn: () => api.spaces({ limit: 1_000 }), staleTime: keptMs });
}
