import { describe, expect, test } from 'vitest';
import { startCctvGateway } from '#gateways/cctv/gateway.ts';
import { startSimulatedCameras } from '#gateways/simulator/cctv-server.ts';
import type { CameraFault } from '#gateways/simulator/camera-answers.ts';
import { systemClock } from '#infra/clock.ts';
import { createLog } from '#infra/log.ts';
import { cctvSchema } from '#schemas/cctv.ts';
import type { Packet } from '#schemas/reading.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const log = createLog({ level: 'silent', pretty: false });
const login = { username: 'parkwatch', password: 'a camera & its <secret>' };
const daySeconds = 86_400;
/** The first round of one camera. */
async function firstRound(fault: CameraFault | null, password = login.password) {
  await using simulated = await startSimulatedCameras({ ids: ['cam-1'], login, clock });
  simulated.setFault('cam-1', fault);
  const sink = createHeldSink();
  const group = cctvSchema.parse({
    id: 'yard',
    intervalS: 3_600,
    timeoutMs: fault === 'slow' ? 200 : 5_000,
    username: login.username,
    password,
    cameras: simulated.cameras,
  });
  await using gateway = startCctvGateway({ group, sink, clock, log, timeZone: 'Asia/Shanghai' });
  await sink.until(() => sink.committed.length > 0);
  const cameras = gateway.cameras;
  return {
    values: valuesOf(sink.committed[0]),
    packet: sink.committed[0],
    status: gateway.status(),
    cameras,
  };
}

function valuesOf(packet: Packet | undefined): Record<string, number | string> {
  if (packet?.content.kind !== 'telemetry') throw new Error('no telemetry');
  return Object.fromEntries(packet.content.samples.map(({ metric, value }) => [metric, value]));
}

describe('startCctvGateway()', () => {
  test('reads the health of a camera over ONVIF and RTSP', async () => {
    const { values, packet, status, cameras } = await firstRound(null);
    expect(cameras.get('cam-1')).toMatchObject({
      answers: true,
      troubles: [],
      recording: true,
      manufacturer: 'Parkwatch',
      model: 'Simulated',
      firmware: '1.0',
    });
    expect(values).toMatchObject({
      online: 1,
      signal_loss: 0,
      width: 1920,
      height: 1080,
      frame_rate: 25,
      bitrate: 4096,
      recording: 1,
      image_fault: 'none',
    });
    expect(Math.abs(Number(values['oldest_recording_age']) - 30 * daySeconds)).toBeLessThanOrEqual(2);
    expect(Math.abs(Number(values['clock_offset']))).toBeLessThanOrEqual(2);
    expect(values['recorded_seconds_today']).toBeGreaterThanOrEqual(0);
    expect(packet).toMatchObject({ source: 'cctv-yard', deviceId: 'cam-1' });
    expect(status).toMatchObject({ connected: true, camerasAnswering: 1, detail: '1 of 1 cameras answer' });
  });

  test('says only that a camera is offline when it does not answer', async () => {
    const { values, status } = await firstRound('offline');
    expect(values).toEqual({ online: 0 });
    expect(status.connected).toBe(false);
  });

  test('gives up a camera that is too slow', async () => {
    const { values, status } = await firstRound('slow');
    expect(values).toEqual({ online: 0 });
    expect(status.detail).toContain('no answer in time');
  });

  test('tells a lost signal from a camera that is away', async () => {
    expect((await firstRound('signal-loss')).values).toMatchObject({
      online: 1,
      signal_loss: 1,
      recording: 1,
    });
  });

  test('sees a recording that stands still, and the pictures that are there all the same', async () => {
    const { values } = await firstRound('not-recording');
    expect(values).toMatchObject({ online: 1, recording: 0 });
    expect(values['oldest_recording_age']).toBeGreaterThan(29 * daySeconds);
  });

  test('measures a lost clock, and logs in by it', async () => {
    const { values } = await firstRound('clock-lost');
    expect(values['clock_offset']).toBeLessThan(-20 * 365 * daySeconds);
    expect(Math.abs(Number(values['oldest_recording_age']) - 30 * daySeconds)).toBeLessThanOrEqual(2);
    expect(values).toMatchObject({ recording: 1, width: 1920 });
  });

  test('tells a covered camera', async () => {
    expect((await firstRound('covered')).values['image_fault']).toBe('covered');
  });

  test('reads no document type, and calls nobody offline who answers nonsense over ONVIF', async () => {
    const { values, status } = await firstRound('garbage');
    expect(values).toEqual({ online: 1 });
    expect(status.detail).toContain('document type');
  });

  test('is online without a picture where the login is refused, and never tells the password', async () => {
    const { values, packet, status } = await firstRound(null, 'another');
    expect(values['online']).toBe(1);
    expect(values).not.toHaveProperty('signal_loss');
    expect(values).not.toHaveProperty('recording');
    expect(status.detail).toContain('401');
    expect(`${Buffer.from(packet?.bytes ?? []).toString()}${status.detail}`).not.toContain('another');
  });
});
