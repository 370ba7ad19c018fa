import { io, Manager, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { liveNamespace, type SubscribeAnswer } from '#schemas/api/live.ts';
import { roles } from '#schemas/roles.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import { liveAccess, startLive } from '#services/live/live.ts';
import { addPerson, openTestApi } from '#test/kit/api.ts';
import { until } from '#test/kit/events.ts';
import { collect, createLivePark, heard, subscribe, told, type LivePark } from './live-park.ts';

const volts = (atS: number, value: number, device = 'em-1') => ({
  point: `${device}.voltage_l1`,
  atS,
  value,
});

let park: LivePark;
let startMs: number;
beforeEach(async () => {
  park = await createLivePark();
  startMs = park.clock.nowMs();
});
afterEach(() => park[Symbol.asyncDispose]());

/** The next `readings` frame that holds something. */
const nextFrame = async (client: Parameters<typeof subscribe>[0]) =>
  told((await heard(client, 'readings')) as never, startMs);

describe('subscribe', () => {
  it('answers with a cursor and what the points are now, then tells of changes at once', async () => {
    await park.store(volts(1, 230), volts(2, 231));
    const client = await park.connect();
    const answer = await subscribe(client, { points: ['em-1.voltage_l1'] });
    expect(answer).toMatchObject({
      ok: true,
      cursor: expect.stringMatching(/^\d+$/) as string,
      snapshot: {
        latest: [
          { point: 'em-1.voltage_l1', value: 231, quality: 'good', unit: 'V', provenance: 'simulated' },
        ],
        alarms: [],
      },
    });
    park.tell(volts(3, 232), volts(3, 500, 'em-2'));
    expect(await nextFrame(client)).toEqual(['em-1.voltage_l1 3 232']);
  });

  it('watches devices and spaces, and what is added to them later', async () => {
    const client = await park.connect();
    await subscribe(client, { devices: ['em-2'], spaces: ['b1'] });
    park.tell(volts(1, 1), volts(1, 2, 'em-2'));
    expect(await nextFrame(client)).toEqual(['em-1.voltage_l1 1 1', 'em-2.voltage_l1 1 2']);
    await park.database.pool.query(
      `insert into device (id, valid_from, class, name, space_id) values ('wm-1', now(), 'water-meter', 'W', 'b1')`,
    );
    const { rows } = await park.database.pool.query<{ point_id: number }>(
      `insert into point (device_id, metric) values ('wm-1', 'flow') returning point_id`,
    );
    await park.database.pool.query(
      'insert into reading (point_id, time, value, quality) values ($1, now(), 7, 0)',
      [rows[0]?.point_id],
    );
    await park.clock.advance(1_000);
    const added = heard(client, 'readings');
    await park.directory.reload();
    expect(await added).toMatchObject([{ p: ['wm-1.flow'], v: [7] }]);
  });

  it('loses nothing between snapshot and first frame', async () => {
    const client = await park.connect();
    const frames = collect(client, 'readings');
    let framesBefore = 0;
    // Committed and told when the snapshot is read already, and the answer not yet sent.
    park.onSnapshotRead = () => park.send(volts(1, 111));
    const answer = await new Promise<SubscribeAnswer>((resolve) =>
      client.emit('subscribe', { points: ['em-1.voltage_l1'] }, (result) => {
        framesBefore = frames.length;
        resolve(result);
      }),
    );
    expect(answer).toMatchObject({ ok: true, snapshot: { latest: [] } });
    await until(() => frames.slice(framesBefore).some((frame) => frame.v[0] === 111), 'the value');
  });

  it('replaces what was subscribed before; unsubscribe ends it', async () => {
    const client = await park.connect();
    await subscribe(client, { points: ['em-1.voltage_l1'] });
    await subscribe(client, { points: ['em-2.voltage_l1'] });
    park.tell(volts(1, 1), volts(1, 2, 'em-2'));
    expect(await nextFrame(client)).toEqual(['em-2.voltage_l1 1 2']);
    await new Promise((resolve) => client.emit('unsubscribe', resolve));
    const frames = collect(client, 'readings');
    await park.clock.advance(1_000);
    park.tell(volts(2, 2, 'em-2'));
    await subscribe(client, {});
    expect(frames).toEqual([]);
  });

  it('refuses what it does not understand, too many points, and too many subscriptions', async () => {
    const client = await park.connect();
    const refused = async (body: object) => {
      const answer = await subscribe(client, body);
      return answer.ok ? 'ok' : answer.code;
    };
    expect(await refused({ colour: 'red' })).toBe('invalid-request');
    expect(await refused({ points: ['no key'] })).toBe('invalid-request');
    expect(await refused(null as never)).toBe('invalid-request');
    expect(await refused({ points: Array.from({ length: 5_001 }, (_, i) => `d-${i}.p`) })).toBe(
      'invalid-request',
    );
    const codes = await Promise.all(Array.from({ length: 60 }, () => refused({})));
    expect(codes.at(-1)).toBe('too-many-requests');
    await park.clock.advance(10_000);
    expect(await refused({})).toBe('ok');
  });
});

describe('readings', () => {
  it('come at most ten times a second, each point with its newest value', async () => {
    const client = await park.connect();
    await subscribe(client, { points: ['em-1.voltage_l1', 'em-2.voltage_l1'] });
    const frames = collect(client, 'readings');
    for (let i = 0; i < 100; i++) {
      park.tell(volts(i / 100, i));
      await park.clock.advance(10);
    }
    await until(() => told(frames, startMs).includes('em-1.voltage_l1 0.99 99'), 'the newest value');
    expect(frames.length).toBeLessThanOrEqual(11);
    expect(frames.length).toBeGreaterThan(1);
  });

  it('are re-read when the bus tells of a hole', async () => {
    const client = await park.connect();
    await subscribe(client, { points: ['em-1.voltage_l1'] });
    await park.store(volts(5, 55));
    park.bus.publish('hole', { sender: 'ingest-1' });
    expect(await nextFrame(client)).toEqual(['em-1.voltage_l1 5 55']);
  });
});

describe('alarm', () => {
  const kinds = (frames: readonly { transition: { kind: string; object: string } }[]) =>
    frames.map(({ transition }) => `${transition.kind} ${transition.object.slice(0, 4)}`);

  it('frames follow the snapshot of open alarms, acknowledgements too', async () => {
    await park.addRule({});
    await using engine = await park.startEngine();
    await park.send(volts(1, 250));
    await engine.idle();
    const client = await park.connect();
    const frames = collect(client, 'alarm');
    const answer = await subscribe(client, { alarms: true });
    expect(answer.ok && answer.snapshot.alarms.map((alarm) => alarm.deviceId)).toEqual(['em-1']);
    await park.send(volts(1, 250, 'em-2'));
    await engine.idle();
    const deps = { db: park.database.pool, bus: park.bus, clock: park.clock };
    await acknowledgeAlarm(deps, { id: 1, actor: 'li', comment: 'seen' });
    await until(() => kinds(frames).includes('acknowledged em-1'), 'the acknowledgement');
    // An older one may come twice while some transaction on the server holds the cursor back.
    expect(kinds(frames).slice(-2)).toEqual(['raised em-2', 'acknowledged em-1']);
  });

  it('replays with `since` every transition that committed at or after it, also of a long transaction', async () => {
    await park.addRule({});
    await using engine = await park.startEngine();
    const first = await park.connect();
    const answer = await subscribe(first, { alarms: true });
    first.disconnect();
    const slow = await park.database.pool.connect();
    await slow.query('begin');
    await slow.query('select pg_current_xact_id()');
    await park.send(volts(1, 250));
    await engine.idle();
    const second = await park.connect();
    const seen = collect(second, 'alarm');
    await subscribe(second, { alarms: true, since: answer.ok ? answer.cursor : '' });
    await until(() => seen.length >= 1, 'the replay');
    expect(kinds(seen)).toEqual(['raised em-1']);
    second.disconnect();
    // Its id was taken before the other's, and it commits after it.
    await slow.query(
      `insert into alarm_transition (alarm_id, kind, key, time, actor, reason, active, acknowledged)
       values (1, 'commented', 'late', now(), 'li', 'late commit', true, false)`,
    );
    await slow.query('commit');
    slow.release();
    const third = await park.connect();
    const replayed = collect(third, 'alarm');
    await subscribe(third, { alarms: true, since: seen.at(-1)?.cursor ?? '' });
    await until(() => kinds(replayed).includes('commented em-1'), 'the late commit');
  });

  it('says too-old for a cursor of another database, and goes on from now', async () => {
    await park.addRule({});
    await using engine = await park.startEngine();
    const values = [250, 200];
    for (const [i, since] of ['999999999999', 'nonsense'].entries()) {
      const client = await park.connect();
      const tooOld = heard(client, 'too-old');
      const answer = await subscribe(client, { alarms: true, since });
      expect(answer.ok).toBe(true);
      await tooOld;
      const frames = collect(client, 'alarm');
      await park.send(volts(i, values[i] ?? 0));
      await engine.idle();
      const expected = i === 0 ? 'raised em-1' : 'cleared em-1';
      await until(() => kinds(frames).includes(expected), expected);
      client.disconnect();
    }
  });

  it('comes within two seconds when the bus lost the frame', async () => {
    await park.addRule({});
    const client = await park.connect();
    const frames = collect(client, 'alarm');
    await subscribe(client, { alarms: true });
    const silent = { publish: () => undefined, subscribe: () => () => undefined };
    await park.store(volts(1, 250));
    await using _engine = await park.startEngine({ bus: silent });
    expect(frames).toEqual([]);
    await until(async () => {
      await park.clock.advance(1_000);
      return frames.length > 0;
    }, 'the transition');
    await park.clock.advance(10_000);
    // One may come twice while an older transaction is open anywhere on the server; a client tells them by their id.
    expect(new Set(frames.map(({ transition }) => transition.id)).size).toBe(1);
  });
});

describe('device and assessment', () => {
  it('frames reach everyone who subscribed', async () => {
    const client = await park.connect();
    await subscribe(client, {});
    const device = heard(client, 'device');
    park.bus.publish('device', { deviceId: 'em-1', status: 'offline', timeMs: startMs });
    expect(await device).toEqual([
      { deviceId: 'em-1', status: 'offline', time: new Date(startMs).toISOString() },
    ]);
    const assessment = heard(client, 'assessment');
    park.bus.publish('assessment', { rubricId: 'chengdu-2021', evidenceIds: ['7'] });
    expect(await assessment).toEqual([{ rubricId: 'chengdu-2021', evidenceIds: ['7'] }]);
  });
});

describe('access', () => {
  it('wants a token that is good: in auth, or as the cookie', async () => {
    for (const token of ['', 'unknown']) {
      const [error] = await heard(park.client(token), 'connect_error');
      expect(error).toMatchObject({ data: { code: 'not-authenticated' } });
    }
    const byCookie = park.client('', { extraHeaders: { cookie: 'a=b; parkwatch_session=viewer_v' } });
    await heard(byCookie, 'connect');
  });

  it('wants a token that may read', async () => {
    park.principals.set('m', { scopes: ['metrics'], sessionId: null });
    const [error] = await heard(park.client('viewer_m'), 'connect_error');
    expect(error).toMatchObject({ data: { code: 'forbidden' } });
  });

  it('refuses pages of other origins, and serves our own', async () => {
    const from = (origin: string) => park.client('viewer_v', { extraHeaders: { origin } });
    await heard(from('http://evil.example'), 'connect_error');
    await heard(from(`http://127.0.0.1:${park.port}`), 'connect');
  });

  it('lets one person have twenty connections', async () => {
    await Promise.all(Array.from({ length: 20 }, () => park.connect('viewer_v')));
    const [error] = await heard(park.client('viewer_v'), 'connect_error');
    expect(error).toMatchObject({ data: { code: 'too-many-requests' } });
    await park.connect('viewer_w');
  });

  it('ends connections whose session was ended: at once when the bus tells, else within 10 s', async () => {
    const [one, two] = [await park.connect('viewer_one'), await park.connect('viewer_two')];
    park.ended.add('one');
    const ended = heard(one, 'disconnect');
    park.bus.publish('people', { userId: 'one' });
    await ended;
    park.ended.add('two');
    const later = heard(two, 'disconnect');
    await park.clock.advance(10_000);
    await later;
  });

  it('ends the connections of somebody who is disabled, and who logs out, with the answer', async () => {
    const { clock } = park;
    const db = park.database.pool;
    await using api = await openTestApi({ db, clock });
    const { url } = await api.listen();
    const { bus, directory, server: httpServer } = api;
    const authenticate = (token: string) => api.authenticate(token);
    await using _live = await startLive({
      httpServer,
      authenticate,
      directory,
      bus,
      db,
      clock,
      log: silentLog(),
    });
    const [admin, ann, bob] = [
      await addPerson({ db, clock }, 'admin', 'root'),
      await addPerson({ db, clock }, 'viewer', 'ann'),
      await addPerson({ db, clock }, 'viewer', 'bob'),
    ];
    const [asAnn, asBob] = [ann, bob].map((person) =>
      io(`${url}/live`, { auth: { token: person.token }, transports: ['websocket'], forceNew: true }),
    );
    if (asAnn === undefined || asBob === undefined) throw new Error('two clients');
    await Promise.all([heard(asAnn, 'connect'), heard(asBob, 'connect')]);
    const annEnds = heard(asAnn, 'disconnect');
    await api.root.inject({
      method: 'PATCH',
      url: `/api/v1/users/${ann.id}`,
      headers: admin.headers,
      payload: { disabled: true },
    });
    expect((await annEnds)[0]).toBe('io server disconnect');
    expect(asBob.connected).toBe(true);
    const bobEnds = heard(asBob, 'disconnect');
    await api.root.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: bob.headers });
    await bobEnds;
  });

  it('keeps connections while the store is away, for a minute', async () => {
    const client = await park.connect();
    park.authenticationError = new Error('connection refused');
    await park.clock.advance(50_000);
    expect(client.connected).toBe(true);
    const ended = heard(client, 'disconnect');
    await park.clock.advance(30_000);
    await ended;
  });

  it('ends a connection that floods', async () => {
    const client = await park.connect();
    const ended = heard(client, 'disconnect');
    for (let i = 0; i < 300; i++) (client as Socket).emit('unknown');
    await ended;
  });

  it('ends a connection that floods before anybody knows whose it is', async () => {
    const client = new Manager(`http://127.0.0.1:${park.port}`, {
      transports: ['websocket'],
      reconnection: false,
    });
    await heard(client, 'open');
    const closed = heard(client, 'close');
    for (let i = 0; i < 300; i++) client.engine.send('0/live,{"token":"nobody"}');
    await closed;
  });

  it('is only the namespace of the contract', async () => {
    const elsewhere = park.client('viewer_v');
    expect(liveNamespace).toBe('/live');
    await heard(elsewhere, 'connect');
    for (const other of ['/', '/other']) {
      await heard(elsewhere.io.socket(other, { auth: { token: 'viewer_v' } }).connect(), 'connect_error');
    }
  });

  for (const role of roles) {
    it(`serves ${role} exactly the events that name the role`, async () => {
      const client = await park.connect(`${role}_r`);
      for (const [event, access] of Object.entries(liveAccess)) {
        const answer = await new Promise<{ ok: boolean; code?: string }>((resolve) =>
          event === 'subscribe' ? client.emit('subscribe', {}, resolve) : client.emit('unsubscribe', resolve),
        );
        expect([event, answer.ok]).toEqual([event, (access as readonly string[]).includes(role)]);
      }
    });
  }

  it('asks for the role of now, not of then', async () => {
    const client = await park.connect('viewer_x');
    park.principals.set('x', { role: 'nobody' as never });
    await park.clock.advance(10_000);
    await until(async () => {
      const answer = await subscribe(client, {});
      return !answer.ok && answer.code === 'forbidden';
    }, 'the refusal');
  });
});
