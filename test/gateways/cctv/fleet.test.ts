import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCctvFleet, type SavedGroups } from '#gateways/cctv/fleet.ts';
import { startSimulatedCameras, type SimulatedCameras } from '#gateways/simulator/cctv-server.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { startNameLeases, type NameLeases } from '#infra/name-leases.ts';
import { cctvSchema, type CctvConfig } from '#schemas/cctv.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { heldNames } from '#test/kit/held-names.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const login = { username: 'parkwatch', password: 'secret of the cameras' };
let folder = '';
let simulated: SimulatedCameras;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cctv-fleet-'));
  writeFileSync(join(folder, 'secret'), login.password);
  simulated = await startSimulatedCameras({ ids: ['cam-1', 'cam-2'], login, clock });
});
afterEach(async () => {
  await simulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const fileOf = () => join(folder, 'park.yaml');
function write(groups: readonly object[]) {
  writeFileSync(fileOf(), JSON.stringify({ cctv: groups }));
}
function groupOf(id: string, camera: number, rest: object = {}) {
  const cameras = simulated.cameras.slice(camera, camera + 1);
  return { id, intervalS: 3_600, username: login.username, passwordFile: 'secret', cameras, ...rest };
}
const savedOf = (group: CctvConfig[]): SavedGroups & { tell(): void; list: CctvConfig[] } => {
  const listeners = new Set<() => void>();
  return {
    list: group,
    value() {
      return this.list;
    },
    tell() {
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
};
const start = (saved?: SavedGroups, leases?: NameLeases) => {
  const sink = createHeldSink();
  const parts = { file: fileOf(), saved, leases, sink, clock, log: silentLog(), timeZone: 'Asia/Shanghai' };
  return { sink, fleet: startCctvFleet(parts) };
};
const sources = (fleet: ReturnType<typeof startCctvFleet>) =>
  fleet.gateways().map((gateway) => gateway.status().source);

describe('startCctvFleet()', () => {
  test('follows the file: a new group is asked, one that did not change goes on, one that is gone ends', async () => {
    write([groupOf('a', 0)]);
    const { sink, fleet } = start();
    await using _ = fleet;
    await sink.until(() => sink.committed.length === 1);
    const [first] = fleet.gateways();
    write([groupOf('a', 0), groupOf('b', 1)]);
    await sink.until(() => sink.committed.some(({ source }) => source === 'cctv-b'));
    expect(fleet.gateways()[0]).toBe(first);
    expect(sink.committed.filter(({ source }) => source === 'cctv-a')).toHaveLength(1);
    expect([...fleet.cameras()].map(({ deviceId, manufacturer }) => [deviceId, manufacturer])).toEqual([
      ['cam-1', 'Parkwatch'],
      ['cam-2', 'Parkwatch'],
    ]);
    write([groupOf('b', 1)]);
    await until(() => sources(fleet).join() === 'cctv-b', 'the end of a');
  });

  test('a file with faults changes nothing and is told until it is mended', async () => {
    write([groupOf('a', 0)]);
    const { fleet } = start();
    await using _ = fleet;
    await fleet.settled();
    write([{ id: 'a' }]);
    await until(() => fleet.trouble() !== null, 'the fault');
    expect(fleet.trouble()).toMatch(/has cameras, a platform, or both/);
    expect(sources(fleet)).toEqual(['cctv-a']);
    write([groupOf('c', 0)]);
    await until(() => sources(fleet).join() === 'cctv-c', 'the mended file');
    expect(fleet.trouble()).toBeNull();
  });

  test('saved groups are asked beside those of the file, which have the word', async () => {
    write([groupOf('a', 0)]);
    const { password } = login;
    const savedGroup = (id: string, camera: number) => {
      const { passwordFile: _, ...rest } = groupOf(id, camera);
      return cctvSchema.parse({ ...rest, password });
    };
    const saved = savedOf([savedGroup('a', 1), savedGroup('s', 1)]);
    const { sink, fleet } = start(saved);
    await using _ = fleet;
    await sink.until(() => sink.committed.length === 2);
    expect(sink.committed.map(({ source, deviceId }) => [source, deviceId]).toSorted()).toEqual([
      ['cctv-a', 'cam-1'],
      ['cctv-s', 'cam-2'],
    ]);
    expect(fleet.ofFile()).toEqual(['a']);
    saved.list = [];
    saved.tell();
    await until(() => sources(fleet).join() === 'cctv-a', 'the end of the saved group');
  });

  test('of two processes one asks a group; the other takes it over when that one dies', async () => {
    await using database = await createTestDatabase();
    write([groupOf('a', 0, { intervalS: 5 })]);
    const [ours, theirs] = [fakeClock(), fakeClock()];
    const leasesOf = (on: FakeClock) =>
      startNameLeases({ db: database.pool, clock: on, log: silentLog(), kind: 'cctv' });
    await using first = leasesOf(ours);
    await using second = leasesOf(theirs);
    const one = start(undefined, first);
    await using _one = one.fleet;
    await one.sink.until(() => one.sink.committed.length === 1);
    const two = start(undefined, second);
    await using _two = two.fleet;
    await two.fleet.settled();
    expect([sources(one.fleet), sources(two.fleet)]).toEqual([['cctv-a'], []]);
    // The first stands still: it renews nothing, and its time passes.
    await database.pool.query(`update lease set expires_at = clock_timestamp() where role = 'cctv:a'`);
    await theirs.advance(1_000);
    await two.sink.until(() => two.sink.committed.length > 0);
    expect(sources(two.fleet)).toEqual(['cctv-a']);
    // When it wakes up it sees that the group is another's, and asks no more.
    await ours.advance(3_000);
    await until(() => sources(one.fleet).length === 0, 'the first to stop');
    expect(sources(two.fleet)).toEqual(['cctv-a']);
  });

  test('a group is handed on when its process stops, and not before its last camera was asked', async () => {
    write([groupOf('a', 0)]);
    const leases = heldNames('a');
    const wanted: (readonly string[])[] = [];
    const { sink, fleet } = start(undefined, {
      ...leases,
      want(names) {
        wanted.push(names);
        if (names.length === 0) expect(fleet.gateways()).toEqual([]);
        return Promise.resolve();
      },
    });
    await sink.until(() => sink.committed.length === 1);
    await fleet[Symbol.asyncDispose]();
    expect(wanted).toEqual([['a'], []]);
  });
});
