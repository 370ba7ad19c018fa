import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Assessment } from '#schemas/api/assessment.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { until } from '#test/kit/events.ts';
import { startServe, type ServedPark } from '#test/kit/serve.ts';
import { assessWorked, openWorkedField, workedDocument, type WorkedField } from '#test/kit/worked-park.ts';

/**
 * Three worked examples of every item that readings, the registry of devices and exercised functions decide: a park
 * without data, the same with a part of it, the same with all of it. Everything comes in as a park's would, over MQTT and
 * HTTP; the points are worked out by hand below.
 *
 * Inside a band: `functions` is min + (max - min) x proven / counted; `linear` is the place of the value in the band.
 */
type Items = Awaited<ReturnType<typeof assessWorked>>;

let park: ServedPark;
let field: WorkedField;
const stages: { empty: Items; part: Items; full: Items } = {
  empty: new Map(),
  part: new Map(),
  full: new Map(),
};
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  park = stack.use(await startServe());
  const imported = await park.request('POST', '/imports', workedDocument(Date.now()));
  expect(imported).toMatchObject({ status: 200, body: { created: { spaces: 19, devices: 44 } } });
  field = stack.use(await openWorkedField(park));
  stages.empty = await assessWorked(park);
  await bringPart();
  stages.part = await assessWorked(park);
  await bringRest();
  stages.full = await assessWorked(park);
});
afterAll(() => stack.disposeAsync());

const ids = (name: string, ...numbers: number[]) => numbers.map((n) => `${name}-${n}`);

/** Some of the devices deliver, some of the functions are used. */
async function bringPart(): Promise<void> {
  await field.hourly(ids('wm', 1), { volume: 10 });
  await field.hourly(ids('em', 1, 2), { active_energy_import: 100, active_power: 5 });
  await field.hourly(ids('lift', 1), { mode: 'normal', floor: 1 });
  await field.hourly(ids('fire', 1, 2), { alarm: false, fault: false });
  await field.hourly(ids('ps', 1, 2, 3), { online: true, intrusion: false, tamper: false });
  await field.hourly(ids('door', 1), { door: 'closed', online: true });
  await field.hourly(ids('barrier', 1), { barrier: 'closed' });
  await field.hourly(['pole-1'], { online: true });
  await field.hourly(ids('ap', 1, 2, 3, 4, 5, 6), { online: true });
  await field.hourly(ids('lora', 1), { online: true });
  await field.hourly(ids('cam', 1, 2, 3), { online: true });
  await field.hourly(ids('screen', 1, 2, 3), { online: true });
  await field.everyMinute('env-1', { pm25: 30 });
  await field.now('fire-1', { fault: true });
  await field.now('fire-2', { fault: false });
  for (const id of ids('cam', 1, 2, 3, 4, 5)) {
    const low = id === 'cam-2';
    await field.now(id, {
      width: low ? 704 : 1_920,
      height: low ? 576 : 1_080,
      oldest_recording_age: (low ? 10 : 35) * 86_400,
    });
  }
  const card = { credential: 'C-1' };
  await field.event('door-1', ['access.granted'], card);
  await field.event('barrier-1', ['vehicle.entered'], card);
  // Another card at the till does not make the first one serve there.
  await field.event('till-1', ['payment.settled'], { credential: 'C-2' });
  await field.event('till-1', ['meal.ordered']);
  await field.event('lamp-1', ['lighting.switched-by-schedule', 'lighting.controlled']);
  await field.event('lift-1', ['elevator.warning']);
  await field.event('robot-1', ['robot.patrolled', 'robot.cleaned']);
  await field.event('vms-1', ['video.controlled', 'picture.switched']);
  await field.event('screen-1', ['content.floors-shown']);
  await field.event('screen-1', ['content.shown'], { publication: 'P-1' });
  await field.event('speaker-1', ['broadcast.played']);
  await field.event('visitor-1', ['visitor.booked', 'visitor.registered']);
  await field.event('guide-1', ['parking.guided']);
  await field.event('app-1', ['portal.opened', 'sign-on.accepted', 'map.part-shown', 'asset.recorded']);
  await field.event('app-2', ['portal.opened', 'repair.completed', 'notice.news-read', 'party.news-read']);
  await field.event('app-2', ['project.construction-updated', 'neighbour.acknowledged', 'lease.approved']);
  await field.event('app-2', ['analysis.companies-shown', 'analysis.output-shown']);
  // Wrong senders: an event proves nothing when a device says it that cannot know.
  await field.event('wm-1', ['visitor.entered', 'complaint.answered']);
}

/** What was missing. */
async function bringRest(): Promise<void> {
  await field.hourly(ids('gm', 1), { volume: 10 });
  await field.hourly(ids('chiller', 1), { running: true });
  await field.hourly(['pole-2'], { online: true });
  await field.hourly(ids('ap', 7), { online: true });
  await field.hourly(ids('lora', 2, 3), { online: true });
  await field.hourly(ids('cam', 4, 5), { online: true });
  await field.hourly(ids('screen', 4), { online: true });
  await field.hourly(ids('guide', 1), { free_spaces: 12 });
  await field.everyMinute('env-1', { ph: 7.2, noise_leq: 52 });
  await field.now('env-1', { pm25: 30, ph: 7.2, noise_leq: 52 });
  expect((await park.request('GET', '/board')).status).toBe(200);
  await field.now('fire-1', { fault: false });
  await field.now('cam-2', { width: 1_280, height: 720, oldest_recording_age: 31 * 86_400 });
  const card = { credential: 'C-1' };
  await field.event('door-1', ['access.denied']);
  await field.event('lift-1', ['elevator.called'], card);
  await field.event('till-1', ['payment.settled'], card);
  await field.event('till-1', ['meal.picked-up', 'account.topped-up']);
  await field.event('lamp-1', ['lighting.switched-by-sensor']);
  await field.event('lift-1', ['assistance.connected']);
  await field.event('robot-1', ['robot.video-dialogue', 'robot.answered', 'robot.temperature-checked']);
  await field.event('robot-1', ['robot.delivered']);
  await field.event('vms-1', ['playback.started', 'camera.turned']);
  await field.event('ps-1', ['asset.left-zone', 'tag.removed', 'signal.lost', 'equipment.entered']);
  for (const id of ids('screen', 1, 2, 3, 4))
    await field.event(id, ['content.shown'], { publication: 'P-2' });
  await field.event('screen-2', ['content.industries-shown', 'content.live-data-shown']);
  await field.event('screen-3', ['content.emergency-shown']);
  await field.event('speaker-1', ['audio.controlled']);
  await field.event('visitor-1', ['visitor.entered', 'visitor.upstairs', 'visitor.connected']);
  await field.event('guide-1', ['parking.spaces-planned', 'parking.reserved', 'parking.car-found']);
  await field.event('guide-1', ['parking.track-recorded', 'parking.suspicious-vehicle']);
  await field.event('app-1', ['map.systems-joined', 'map.event-shown', 'incident.handled', 'food.traced']);
  await field.event('app-1', ['patrol.checked-in', 'patrol.scheduled', 'asset.statistics-delivered']);
  await field.event('app-1', ['message.wechat-delivered', 'driving-interface.tested', 'party.politics-read']);
  await field.event('app-1', ['party.organisation-updated', 'city-platform.acknowledged']);
  await field.event('app-2', ['sign-on.accepted', 'complaint.answered', 'feedback.answered']);
  await field.event('app-2', ['notice.exchange-read', 'notice.activity-read', 'suggestion.received']);
  await field.event('app-2', ['survey.answered', 'project.renovation-updated', 'project.overview-shown']);
  await field.event('app-2', ['lease.applicant-checked', 'prospect.contacted', 'lease.premises-inspected']);
  await field.event('app-2', ['lease.fit-out-approved', 'lease.ended', 'lease.statistics-delivered']);
  await field.event('app-2', ['analysis.scale-shown', 'analysis.structure-shown', 'analysis.tax-shown']);
  await raiseAndAcknowledge();
}

/** Alarms that a person acknowledges, and that other systems answer. */
async function raiseAndAcknowledge(): Promise<void> {
  await field.now('ps-3', { intrusion: true });
  await field.now('door-1', { forced: true });
  await field.now('lift-1', { entrapment: true });
  await field.now('fire-2', { alarm: true });
  const alarms = await until(async () => {
    const { body } = await park.request<{ items: { id: string; deviceId: string }[] }>(
      'GET',
      '/alarms?limit=200',
    );
    const raised = body.items.filter(({ deviceId }) =>
      ['ps-3', 'door-1', 'lift-1', 'fire-2'].includes(deviceId),
    );
    return new Set(raised.map(({ deviceId }) => deviceId)).size === 4 && raised;
  }, 'the alarms to be raised');
  for (const { id } of alarms) {
    await park.request('POST', `/alarms/${id}/acknowledge`, { comment: 'seen' });
  }
  await field.event('cam-1', ['camera.turned']);
  await field.event('door-1', ['door.released']);
  await field.event('lamp-1', ['lighting.switched-by-linkage']);
}

function pointsOf(items: Items, id: string): number | null | undefined {
  const item: Assessment['items'][number] | undefined = items.get(id);
  return item?.conventionPoints ?? item?.points?.max;
}

/** Points by convention with a part, and with all. Null: a part of it decides nothing. */
const expected: Record<string, { part: number | null; full: number }> = {
  // 6 of 7 crowded areas: 85.71 %, 2 + 2 x 0.714 / 5; then all.
  'infra.network.wifi': { part: 2.29, full: 5 },
  // One pilot is the least of 1 to 2; then three.
  'infra.network.lpwan': { part: 2, full: 5 },
  // 3 of 4 key locations: 75 %, a quarter of the way from 70 to 90: 1 + 0.25, and 2 + 2 x 0.25.
  'operation.security.video-coverage': { part: 1.25, full: 3 },
  'infra.base-platform.display-coverage': { part: 2.5, full: 5 },
  // One camera of five delivers 704 x 576; then the lowest is 1280 x 720.
  'operation.security.video-quality': { part: 1, full: 2 },
  // The shortest keeps 10 days; then 31.
  'operation.security.video-retention': { part: 1, full: 2 },
  // Buildings and boundary of eight: 1 + 2 / 8; then all eight.
  'operation.security.alarm-devices': { part: 1.25, full: 3 },
  // One panel shows a fault: nothing; then none does.
  'operation.fire': { part: 0, full: 5 },
  // Unified, power, water, elevators of five: 2 + 2 x 4 / 5; then the chiller, too.
  'operation.building.equipment-control': { part: 3.6, full: 5 },
  // Water, electricity, live collection, watching, no gas: 2 + 2 x 4 / 5.
  'operation.energy': { part: 3.6, full: 5 },
  // By schedule only: 2 + 2 / 2.
  'operation.lighting.control': { part: 3, full: 5 },
  // Three kinds are the least of 3 to 4; then five.
  'operation.lighting.smart-poles': { part: 2, full: 5 },
  // Air of air, water, noise, publication: 2 + 2 / 4.
  'operation.environment': { part: 2.5, full: 5 },
  // One card at doors and gates of four uses: 2 + 2 x 2 / 4; then the same one everywhere.
  'operation.one-card': { part: 3, full: 5 },
  // 3 of 4 meters: 75 %, 1 + 15 / 30; gas is not read. Then all.
  'operation.property.remote-metering': { part: 1.5, full: 3 },
  // Live and a warning of four: 1 + 2 / 4.
  'operation.property.elevator': { part: 1.5, full: 3 },
  // Patrol and cleaning of five: 1 + 2 / 5.
  'operation.property.robots': { part: 1.4, full: 3 },
  // Gates and recognition of three: 2 + 2 x 2 / 3.
  'service.living.parking-control': { part: 3.33, full: 5 },
  'service.living.delivery-robots': { part: null, full: 5 },
  // Video, audio and lighting: all three.
  'infra.control-centre.central-control': { part: 5, full: 5 },
  // Two systems behind the portal, one behind the sign-on: 2 + 2 / 2.
  'infra.base-platform.portal-sso': { part: 3, full: 5 },
  // Parts of four: 2 + 2 / 4.
  'infra.base-platform.integration': { part: 2.5, full: 5 },
  // One screen alone of three: 3 of 4 screens connected are less than 90 %. 2 + 2 / 3.
  'infra.base-platform.publish-control': { part: 2.67, full: 5 },
  // One of three; the band has one point.
  'operation.security.video-functions': { part: 1, full: 2 },
  // Onboarding (readings followed) and records of five: 1 + 2 / 5.
  'operation.security.asset-management': { part: 1.4, full: 3 },
  // Doors and identifiers of four: 1 + 2 / 4.
  'operation.security.access-control': { part: 1.5, full: 3 },
  // Floors of three: 2 + 2 / 3.
  'operation.building.lobby-display': { part: 2.67, full: 5 },
  // Public address of three: 2 + 1 / 3.
  'operation.emergency.broadcast': { part: 2.33, full: 4 },
  // Neighbours of four: 2 + 1 / 4.
  'operation.emergency.linkage': { part: 2.25, full: 4 },
  // Repair of three: 1 + 1 / 3.
  'operation.property.repair': { part: 1.33, full: 3 },
  // Appointment and registration of five; the water meter is no visitor terminal: 1 + 2 / 5.
  'operation.property.visitor': { part: 1.4, full: 3 },
  // News of five: 1 + 1 / 5.
  'operation.property.notice': { part: 1.2, full: 3 },
  'operation.property.autonomous-driving': { part: null, full: 2 },
  // Construction of three: 2 + 2 / 3.
  'operation.project': { part: 2.67, full: 5 },
  // Party news of three: 8 + 6 / 3.
  'service.party': { part: 10, full: 15 },
  // Ordering and payment of six: 2 + 2 x 2 / 6.
  'service.living.canteen': { part: 2.67, full: 5 },
  // Guidance of seven: 2 + 2 / 7.
  'service.living.parking-guidance': { part: 2.29, full: 5 },
  'org.data-link': { part: null, full: 10 },
  // Approval of seven: 5 + 4 / 7.
  'industry.investment': { part: 5.57, full: 10 },
  // Companies and output of five: 8 + 6 x 2 / 5.
  'industry.analysis': { part: 10.4, full: 15 },
};

describe.each(Object.entries(expected))('%s', (id, points) => {
  const maximum = rubrics.get('chengdu-2021')?.items.find((item) => item.id === id)?.points;

  test('is undetermined without data, and says what is missing', () => {
    const item = stages.empty.get(id);
    expect(item).toMatchObject({ points: null, basis: 'missing', verdict: 'insufficient' });
    expect(item?.reason.en).toMatch(/^Insufficient data: ./);
  });

  test('earns a part for a part', () => {
    expect(pointsOf(stages.part, id) ?? null).toBe(points.part);
  });

  test('earns all points with all of it', () => {
    expect(stages.full.get(id)).toMatchObject({ verdict: 'sufficient', points: { min: points.full } });
    expect(points.full).toBe(maximum);
  });
});

test('every item of readings and of exercised functions has its examples', () => {
  const sources = ['telemetry', 'telemetry+registry', 'system-function'];
  const items = (rubrics.get('chengdu-2021')?.items ?? []).filter(({ evidenceSource }) =>
    sources.includes(evidenceSource),
  );
  expect(items.map(({ id }) => id).filter((id) => !(id in expected))).toEqual([]);
});
