import { expect, test } from 'vitest';
import { shapeSubscriptions } from '#gateways/mqtt/subscriptions.ts';

const wanted = { filters: ['park/v1/demo/+/telemetry'], retained: ['park/v1/demo/+/status'] };

test('shapeSubscriptions() takes ordinary subscriptions unless told to share, and retained messages only of the state', () => {
  expect(shapeSubscriptions(wanted, { name: 'parkwatch', shared: false })).toEqual({
    topics: { 'park/v1/demo/+/telemetry': { qos: 1, rh: 2 }, 'park/v1/demo/+/status': { qos: 1, rh: 0 } },
    former: ['$share/parkwatch/park/v1/demo/+/telemetry'],
  });
});

test('shapeSubscriptions() shares what is divided, never what every process wants', () => {
  expect(shapeSubscriptions(wanted, { name: 'parkwatch', shared: true })).toEqual({
    topics: {
      '$share/parkwatch/park/v1/demo/+/telemetry': { qos: 1 },
      'park/v1/demo/+/status': { qos: 1, rh: 0 },
    },
    former: ['park/v1/demo/+/telemetry'],
  });
});
