import { defineDeviceClass, faultFlag, flag, gauge, onlineFlag, state } from './build.ts';

export const parkingGate = defineDeviceClass({
  id: 'parking-gate',
  name: { zh: '停车道闸', en: 'Parking gate' },
  sources: ['GA/T 761-2008'],
  metrics: {
    barrier: state(['闸杆', 'Barrier'], {
      states: {
        closed: ['落下', 'Closed'],
        open: ['抬起', 'Open'],
        moving: ['动作中', 'Moving'],
        blocked: ['受阻', 'Blocked'],
      },
      abnormal: { blocked: 'medium' },
      required: true,
    }),
    occupied: flag(['车位占用', 'Occupied'], { off: ['空闲', 'Free'], on: ['占用', 'Occupied'] }),
    // The largest garages have some ten thousand spaces.
    free_spaces: gauge(['空余车位', 'Free spaces'], '1', { min: 0, max: 100_000, decimals: 0 }),
    online: onlineFlag(),
    fault: faultFlag(),
  },
  headline: ['barrier', 'free_spaces', 'online'],
  attributes: {
    capacity: { zh: '车位总数', en: 'Spaces in all' },
    direction: { zh: '方向', en: 'Direction' },
  },
});
