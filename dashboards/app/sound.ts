import { useEffect, useState } from 'react';
import type { Severity } from '#schemas/device-class.ts';
import { every } from './clock.ts';

/** Tones by severity, Hz: higher and more of them when it matters more. Low severities stay silent. */
const tones: Readonly<Record<Severity, readonly number[]>> = {
  critical: [880, 660, 880, 660],
  high: [660, 660],
  medium: [440],
  low: [],
};
const toneS = 0.16;
const volume = 0.2;
const repeatMs: Readonly<Partial<Record<Severity, number>>> = { critical: 6_000, high: 20_000 };

function play(context: AudioContext, severity: Severity): void {
  for (const [index, frequency] of tones[severity].entries()) {
    const begin = context.currentTime + index * (toneS + 0.04);
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(volume, begin);
    gain.gain.exponentialRampToValueAtTime(0.001, begin + toneS);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(begin);
    oscillator.stop(begin + toneS);
  }
}

/**
 * Sounds the highest unacknowledged alarm, again and again while it is critical or high. The alarm's id restarts it:
 * a second alarm of the same severity is heard too.
 * @returns true when sound is on but the browser still waits for a click before it plays
 */
export function useAlarmSound(on: boolean, alarm: { id: string; severity: Severity } | undefined): boolean {
  const [context, setContext] = useState<AudioContext | null>(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (!on) return undefined;
    const made = new AudioContext();
    const look = () => setWaiting(made.state === 'suspended');
    const wake = () => void made.resume().then(look);
    made.addEventListener('statechange', look);
    addEventListener('pointerdown', wake);
    addEventListener('keydown', wake);
    setContext(made);
    look();
    return () => {
      removeEventListener('pointerdown', wake);
      removeEventListener('keydown', wake);
      setContext(null);
      setWaiting(false);
      void made.close();
    };
  }, [on]);
  const id = alarm?.id;
  const severity = alarm?.severity;
  useEffect(() => {
    if (context === null || severity === undefined || waiting) return undefined;
    play(context, severity);
    const again = repeatMs[severity];
    if (again === undefined) return undefined;
    const timer = every(again, () => play(context, severity));
    return () => timer[Symbol.dispose]();
  }, [context, id, severity, waiting]);
  return waiting;
}
