import { defineDeviceClass, flag, gauge, onlineFlag, state } from './build.ts';

export const camera = defineDeviceClass({
  id: 'camera',
  name: { zh: '摄像机', en: 'Camera' },
  sources: ['GB/T 28181-2022', 'GB 50395-2007', 'ONVIF Profile S, G'],
  metrics: {
    online: onlineFlag({ required: true }),
    signal_loss: flag(['信号丢失', 'Signal loss'], {
      off: ['有信号', 'Signal present'],
      on: ['信号丢失', 'Signal lost'],
      abnormalOn: 'high',
    }),
    // Sensors of 8K and stitched panoramas stay below 16,384 px a side.
    width: gauge(['图像宽度', 'Image width'], 'px', { min: 0, max: 16_384, decimals: 0 }),
    height: gauge(['图像高度', 'Image height'], 'px', { min: 0, max: 16_384, decimals: 0 }),
    frame_rate: gauge(['帧率', 'Frame rate'], 'fps', { min: 0, max: 240, decimals: 0 }),
    bitrate: gauge(['码率', 'Bit rate'], 'kbit/s', { min: 0, max: 200_000, decimals: 0 }),
    recording: flag(['录像', 'Recording'], {
      off: ['未录像', 'Not recording'],
      on: ['录像中', 'Recording'],
      abnormalOff: 'high',
      required: true,
    }),
    // Ten years of recording: more than any store keeps.
    oldest_recording_age: gauge(['最早录像距今', 'Oldest recording age'], 's', {
      min: 0,
      max: 315_576_000,
      decimals: 0,
      required: true,
    }),
    // A local day has at most 25 hours.
    recorded_seconds_today: gauge(['今日录像时长', 'Recorded today'], 's', {
      min: 0,
      max: 90_000,
      decimals: 0,
    }),
    // A camera that lost its clock starts in 1970: the range must let that be seen.
    clock_offset: gauge(['时钟偏差', 'Clock offset'], 's', {
      min: -4_000_000_000,
      max: 4_000_000_000,
      decimals: 1,
    }),
    image_fault: state(['图像异常', 'Image fault'], {
      states: {
        none: ['正常', 'None'],
        black: ['黑屏', 'Black'],
        frozen: ['画面冻结', 'Frozen'],
        covered: ['遮挡', 'Covered'],
        blurred: ['模糊', 'Blurred'],
        moved: ['偏移', 'Moved'],
      },
      abnormal: { black: 'high', frozen: 'high', covered: 'high', blurred: 'medium', moved: 'medium' },
    }),
  },
  headline: ['online', 'recording', 'oldest_recording_age', 'image_fault'],
  attributes: {
    recorderId: { zh: '所属录像机', en: 'Recorder' },
    ratedWidthPx: { zh: '标称宽度（px）', en: 'Rated width (px)' },
    ratedHeightPx: { zh: '标称高度（px）', en: 'Rated height (px)' },
    retentionTargetDays: { zh: '应保存天数（天）', en: 'Retention target (days)' },
    nationalCode: { zh: '国标编码（GB/T 28181）', en: 'National code (GB/T 28181)' },
  },
});
