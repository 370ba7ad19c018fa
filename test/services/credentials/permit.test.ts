import { describe, expect, it, test } from 'vitest';
import { noGrant, type FieldGrant } from '#schemas/api/field-access.ts';
import {
  createPermit,
  filterFault,
  matches,
  permitDefaults,
  toLookup,
} from '#services/credentials/permit.ts';

function permit(grant: Partial<FieldGrant> = {}, stands = true) {
  const lookup = toLookup({ ...noGrant, ...grant });
  return createPermit({ owner: 'box-1', parkId: 'demo', grant: () => (stands ? lookup : undefined) });
}

describe('mayPublish()', () => {
  it('covers the own id of a device, in this park and in the native form only', () => {
    const { mayPublish } = permit();
    expect(mayPublish('park/v1/demo/box-1/telemetry')).toBe(true);
    expect(mayPublish('park/v1/demo/box-1/event')).toBe(true);
    expect(mayPublish('park/v1/demo/box-1/status')).toBe(true);
    for (const topic of [
      'park/v1/demo/box-2/telemetry',
      'park/v1/demo/box-11/telemetry',
      'park/v1/other/box-1/telemetry',
      'park/v1/demo/box-1/command',
      'park/v1/demo/box-1',
      'park/v1/demo/box-1/telemetry/x',
      'park/v2/demo/box-1/telemetry',
      'meters/box-1',
      'parkwatch-live/v1/demo/readings',
      '',
    ]) {
      expect(mayPublish(topic), topic).toBe(false);
    }
  });

  it('covers the children and prefixes of a gateway, and nothing that merely looks like them', () => {
    const { mayPublish } = permit({ children: ['em-1'], prefixes: ['wm-b-'] });
    expect(mayPublish('park/v1/demo/em-1/telemetry')).toBe(true);
    expect(mayPublish('park/v1/demo/wm-b-07/telemetry')).toBe(true);
    expect(mayPublish('park/v1/demo/em-12/telemetry')).toBe(false);
    expect(mayPublish('park/v1/demo/wm-a-07/telemetry')).toBe(false);
  });

  it('covers the vendor topics that were granted; a filter never opens the native ones', () => {
    const { mayPublish } = permit({ topics: ['meters/+/state', 'boxes/7/#'] });
    expect(mayPublish('meters/A-17/state')).toBe(true);
    expect(mayPublish('boxes/7/a/b')).toBe(true);
    expect(mayPublish('meters/A-17/x/state')).toBe(false);
    expect(mayPublish('boxes/8/a')).toBe(false);
    expect(permit({ topics: ['park/#'] }).mayPublish('park/v1/demo/em-1/telemetry')).toBe(false);
  });

  it('covers nothing once the credential has ended', () => {
    const ended = permit({ children: ['em-1'], topics: ['meters/#'] }, false);
    expect(ended.stands()).toBe(false);
    expect(ended.mayPublish('park/v1/demo/box-1/telemetry')).toBe(false);
    expect(ended.maySubscribe('park/v1/demo/box-1/command')).toBe(false);
  });
});

test('maySubscribe() is for the commands of the devices it covers, without wildcards', () => {
  const { maySubscribe } = permit({ children: ['em-1'] });
  expect(maySubscribe('park/v1/demo/box-1/command')).toBe(true);
  expect(maySubscribe('park/v1/demo/em-1/command')).toBe(true);
  for (const filter of [
    '#',
    '+/v1/demo/box-1/command',
    'park/v1/demo/+/command',
    'park/v1/demo/box-1/#',
    'park/v1/demo/box-1/telemetry',
    'park/v1/demo/em-2/command',
    '$SYS/#',
    '$share/g/park/v1/demo/box-1/command',
  ]) {
    expect(maySubscribe(filter), filter).toBe(false);
  }
});

test('toLookup() gives a gateway more packets a second than a device, and each what it was given', () => {
  expect(toLookup(noGrant).packetsPerS).toBe(permitDefaults.packetsPerS);
  expect(toLookup({ ...noGrant, prefixes: ['em-'] }).packetsPerS).toBe(permitDefaults.gatewayPacketsPerS);
  expect(toLookup({ ...noGrant, packetsPerS: 7 }).packetsPerS).toBe(7);
});

test('matches() follows MQTT 3.1.1 §4.7.1', () => {
  const holds = (filter: string, topic: string) => matches(filter.split('/'), topic);
  expect(holds('a/#', 'a')).toBe(true);
  expect(holds('a/#', 'a/b/c')).toBe(true);
  expect(holds('a/+', 'a')).toBe(false);
  expect(holds('a/+', 'a/')).toBe(true);
  expect(holds('a/+/c', 'a/b/c')).toBe(true);
  expect(holds('a', 'a/b')).toBe(false);
});

test('filterFault() refuses filters that would open topics of ours, or everything', () => {
  expect(filterFault('meters/+/state')).toBeNull();
  expect(filterFault('boxes/#')).toBeNull();
  for (const filter of ['#', '+/state', 'park/v1/demo/em-1/telemetry', '$SYS/x', 'a/b#', 'a/#/b', 'a+/b']) {
    expect(filterFault(filter), filter).not.toBeNull();
  }
});
