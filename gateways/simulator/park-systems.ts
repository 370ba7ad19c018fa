import { boxId } from './plan.ts';
import type { PlannedDevice } from './plan.ts';

/**
 * The other systems of the park, each through an adapter behind a gateway box: some of what a rubric asks for is used
 * here, some of it never, so that an assessment shows both.
 */
type Events = readonly (readonly [type: string, perDay: number])[];

function system(
  id: string,
  name: string,
  rest: Pick<PlannedDevice, 'class' | 'spaceId'> & {
    readonly attributes?: PlannedDevice['attributes'];
    readonly values?: Readonly<Record<string, number | boolean | string>>;
    readonly events?: Events;
  },
): PlannedDevice {
  const { attributes = {}, values = {}, events = [] } = rest;
  return {
    id,
    name,
    class: rest.class,
    spaceId: rest.spaceId,
    box: boxId('out'),
    attributes,
    events,
    model: { kind: 'system', values: { online: true, ...values } },
  };
}

export function otherSystems(): PlannedDevice[] {
  return [...screens(), ...wireless(), ...outdoors(), ...services()];
}

function screens(): PlannedDevice[] {
  const screen = (spaceId: string, name: string, events: Events = []) =>
    system(`screen-${spaceId}`, `${name}信息屏`, {
      class: 'display',
      spaceId,
      values: { content_id: 7 },
      events: [['content.shown', 6], ...events],
    });
  const lobby: Events = [
    ['content.floors-shown', 8],
    ['content.live-data-shown', 8],
  ];
  return [
    ...['a', 'b', 'c', 'd', 'e'].map((code) => screen(`lobby-${code}`, `${code.toUpperCase()}座大堂`, lobby)),
    screen('gate-north', '北门'),
    screen('gate-south', '南门'),
  ];
}

function wireless(): PlannedDevice[] {
  const node = (kind: string, spaceId: string, name: string) =>
    system(`${kind}-${spaceId}`, name, {
      class: 'network-node',
      spaceId,
      attributes: { kind },
      values: { clients: 12 },
    });
  return [
    ...['a', 'b', 'c', 'd', 'e'].map((code) =>
      node('wifi', `lobby-${code}`, `${code.toUpperCase()}座大堂无线`),
    ),
    node('wifi', 'plaza', '中心广场无线'),
    node('lora', 'garden', '南园绿地LoRa节点'),
    node('lora', 'parking-east', '东停车场LoRa节点'),
  ];
}

function outdoors(): PlannedDevice[] {
  const pole = (n: number, spaceId: string, functions: string) =>
    system(`pole-${n}`, `${n}号智慧灯杆`, {
      class: 'smart-pole',
      spaceId,
      attributes: { functions },
      values: { on: true },
    });
  return [
    pole(1, 'road-ring', 'lighting, broadcast'),
    pole(2, 'plaza', 'lighting, data-collection'),
    system('perimeter-west', '西侧厂界周界探测器', {
      class: 'perimeter-sensor',
      spaceId: 'boundary-west',
      values: { intrusion: false, tamper: false, armed: true },
      events: [['equipment.left', 0.5]],
    }),
    system('barrier-east', '东停车场道闸', {
      class: 'parking-gate',
      spaceId: 'parking-east',
      values: { barrier: 'closed', free_spaces: 37 },
      events: [
        ['vehicle.entered', 90],
        ['vehicle.left', 90],
      ],
    }),
    system('guidance-east', '停车诱导系统', {
      class: 'parking-guidance',
      spaceId: 'parking-east',
      values: { free_spaces: 37 },
      events: [
        ['parking.guided', 60],
        ['parking.car-found', 12],
      ],
    }),
    system('speaker-plaza', '中心广场音柱', {
      class: 'loudspeaker',
      spaceId: 'plaza',
      values: { playing: false, volume_level: 40 },
      events: [['broadcast.played', 2]],
    }),
    system('robot-1', '1号巡逻机器人', {
      class: 'robot',
      spaceId: 'plaza',
      values: { mode: 'working', battery_level: 71 },
      events: [
        ['robot.patrolled', 12],
        ['robot.cleaned', 4],
      ],
    }),
  ];
}

function services(): PlannedDevice[] {
  const application = (id: string, name: string, events: Events) =>
    system(id, name, { class: 'application', spaceId: 'control-room', attributes: { system: id }, events });
  return [
    system('visitor-north', '北门访客机', {
      class: 'visitor-terminal',
      spaceId: 'gate-north',
      events: [
        ['visitor.booked', 20],
        ['visitor.registered', 18],
        ['visitor.entered', 18],
      ],
    }),
    system('till-e', '食堂消费机', {
      class: 'payment-terminal',
      spaceId: 'bld-e',
      values: { transaction_count: 1_000 },
      events: [
        ['payment.settled', 110],
        ['meal.picked-up', 80],
        ['account.topped-up', 9],
      ],
    }),
    system('video-platform', '视频平台', {
      class: 'video-platform',
      spaceId: 'control-room',
      values: { channels_online: 78 },
      events: [
        ['video.controlled', 30],
        ['picture.switched', 30],
        ['playback.started', 6],
      ],
    }),
    application('app-portal', '统一门户', [
      ['portal.opened', 100],
      ['sign-on.accepted', 90],
      ['map.part-shown', 40],
      ['map.event-shown', 12],
    ]),
    application('app-property', '物业系统', [
      ['sign-on.accepted', 40],
      ['portal.opened', 40],
      ['repair.completed', 9],
      ['complaint.answered', 1],
      ['asset.recorded', 2],
      ['patrol.checked-in', 24],
      ['notice.news-read', 50],
      ['notice.activity-read', 20],
      ['party.news-read', 8],
      ['party.politics-read', 6],
    ]),
    application('app-investment', '招商与产业系统', [
      ['prospect.contacted', 4],
      ['lease.approved', 0.5],
      ['analysis.companies-shown', 6],
      ['analysis.output-shown', 3],
    ]),
  ];
}
