import { counter, defineDeviceClass, faultFlag, gauge, onlineFlag, state } from './build.ts';

export const robot = defineDeviceClass({
  id: 'robot',
  name: { zh: '机器人', en: 'Robot' },
  sources: ['VDA 5050 2.0'],
  metrics: {
    mode: state(['工作模式', 'Mode'], {
      states: {
        idle: ['待机', 'Idle'],
        working: ['作业中', 'Working'],
        returning: ['返回中', 'Returning'],
        charging: ['充电中', 'Charging'],
        paused: ['暂停', 'Paused'],
        manual: ['遥控', 'Remote control'],
        fault: ['故障', 'Fault'],
      },
      abnormal: { paused: 'low', fault: 'high' },
      required: true,
    }),
    battery_level: gauge(['电池电量', 'Battery level'], '%', {
      min: 0,
      max: 100,
      decimals: 0,
      required: true,
    }),
    // Patrol vehicles and drones of a park.
    speed: gauge(['速度', 'Speed'], 'm/s', { min: -40, max: 40, decimals: 2 }),
    mission_count: counter(['任务次数', 'Mission count'], '1', {
      min: 0,
      max: 1e9,
      decimals: 0,
      resolution: 1,
      // One mission a minute.
      maxRatePerHour: 60,
    }),
    fault: faultFlag(),
    online: onlineFlag(),
  },
  headline: ['mode', 'battery_level', 'online'],
  attributes: {
    task: { zh: '用途', en: 'Task' },
  },
});
