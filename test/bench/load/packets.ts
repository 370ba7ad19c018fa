import { fieldTopic } from '#schemas/topics.ts';

/**
 * MQTT 3.1.1 PUBLISH packets at QoS 1, written as bytes: per device one template, of which only digits change, so that
 * the generator leaves the machine to what is measured.
 */

/** Metrics of an energy meter with the digits that stand before those that change; all plausible, none of them rests. */
const metricPrefixes: readonly (readonly [metric: string, prefix: string, suffix: string])[] = [
  ['active_power', '42.', ''],
  ['active_energy_import', '1', '.25'],
  ['reactive_power', '7.', ''],
  ['apparent_power', '43.', ''],
  ['voltage_l1', '229.', ''],
  ['voltage_l2', '230.', ''],
  ['voltage_l3', '231.', ''],
  ['current_l1', '61.', ''],
  ['current_l2', '62.', ''],
  ['current_l3', '63.', ''],
];
export const metricNames = metricPrefixes.map(([metric]) => metric);

export function deviceId(index: number): string {
  return `bench-${String(index).padStart(5, '0')}`;
}

const timeDigits = 13;
const changingDigits = 6;
const seqDigits = 10;
/** A number begins with no zero. */
const firstSeq = 1_000_000_000;
const zero = 0x30;
const publishQos1 = 0x32;
/** Remaining length of up to 16,383 bytes. */
const lengthBytes = 2;

export interface PacketForm {
  /** Of one packet of any device. */
  readonly bytes: number;
  /**
   * Writes the packet of a device at `at`; values follow from `round`, so the same arguments give the same bytes but
   * for the packet id.
   */
  write(
    into: Buffer,
    at: number,
    packet: { device: number; round: number; timeMs: number; id: number },
  ): void;
}

/** @param values a packet, from 1 to 10 */
export function packetForm(parkId: string, devices: number, values: number): PacketForm {
  const form = template(fieldTopic(parkId, deviceId(0), 'telemetry'), values);
  const templates = Array.from({ length: devices }, (_, index) =>
    Buffer.from(form.text.replace(deviceId(0), deviceId(index)), 'latin1'),
  );
  return {
    bytes: form.text.length,
    write(into, at, { device, round, timeMs, id }) {
      templates[device]?.copy(into, at);
      into[at + form.idAt] = id >> 8;
      into[at + form.idAt + 1] = id & 0xff;
      writeDigits(into, at + form.timeAt, timeDigits, timeMs);
      for (const place of form.valuesAt) writeDigits(into, at + place, changingDigits, round + device);
      writeDigits(into, at + form.seqAt, seqDigits, firstSeq + round);
    },
  };
}

function template(topic: string, values: number) {
  const valuesAt: number[] = [];
  let payload = '{"ts":';
  const timeAt = payload.length;
  payload += `${'0'.repeat(timeDigits)},"values":{`;
  for (const [index, [metric, prefix, suffix]] of metricPrefixes.slice(0, values).entries()) {
    payload += `${index === 0 ? '' : ','}"${metric}":${prefix}`;
    valuesAt.push(payload.length);
    payload += '0'.repeat(changingDigits) + suffix;
  }
  payload += '},"seq":';
  const seqAt = payload.length;
  payload += `${'0'.repeat(seqDigits)}}`;
  const rest = 2 + topic.length + 2 + payload.length;
  const head = String.fromCharCode(
    publishQos1,
    (rest & 0x7f) | 0x80,
    rest >> 7,
    topic.length >> 8,
    topic.length & 0xff,
  );
  const idAt = 1 + lengthBytes + 2 + topic.length;
  const before = idAt + 2;
  return {
    text: `${head}${topic}\0\0${payload}`,
    idAt,
    timeAt: before + timeAt,
    seqAt: before + seqAt,
    valuesAt: valuesAt.map((at) => before + at),
  };
}

function writeDigits(into: Buffer, at: number, digits: number, number: number): void {
  let left = number;
  for (let place = at + digits - 1; place >= at; place--) {
    const next = Math.floor(left / 10);
    into[place] = zero + (left - next * 10);
    left = next;
  }
}

/** CONNECT of a clean session without keep-alive. */
export function connectPacket(clientId: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT', 'latin1'),
    Buffer.from([4, 2, 0, 0, 0, clientId.length]),
    Buffer.from(clientId, 'latin1'),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}
