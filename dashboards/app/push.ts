import { notifyApi } from './notify-api.ts';

/** The console's worker: it shows what is pushed while no console is on screen. */
const workerPath = '/push-worker.js';

/** Browsers without it, and pages that were not opened through HTTPS, cannot. */
export function mayPush(): boolean {
  return (
    globalThis.isSecureContext &&
    'serviceWorker' in navigator &&
    'PushManager' in globalThis &&
    'Notification' in globalThis
  );
}

/** The address of this browser; null where it has not subscribed. */
export async function pushEndpoint(): Promise<string | null> {
  if (!mayPush()) return null;
  const worker = await navigator.serviceWorker.getRegistration(workerPath);
  const subscription = await worker?.pushManager.getSubscription();
  return subscription?.endpoint ?? null;
}

/** The browser refuses: by the person's choice, or because its push service cannot be reached. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
  readonly isDenied: boolean;

  constructor(message: string, isDenied: boolean) {
    super(message);
    this.isDenied = isDenied;
  }
}

/** Subscribes this browser and tells the park. @throws PushRefused, ApiProblem */
export async function subscribePush(label: string): Promise<void> {
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') throw new PushRefused('denied', true);
  const { publicKey } = await notifyApi.pushKey();
  const worker = await navigator.serviceWorker.register(workerPath);
  await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) })
    .catch((error: unknown) => {
      throw new PushRefused((error as Error).message, false);
    });
  const { endpoint, keys } = subscription.toJSON();
  await notifyApi.addBrowser({
    endpoint: endpoint ?? '',
    keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
    label,
  });
}

export async function unsubscribePush(): Promise<void> {
  const worker = await navigator.serviceWorker.getRegistration(workerPath);
  const subscription = await worker?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (sign) => sign.codePointAt(0) ?? 0);
}

const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'] as const;

/** Which browser this is, as a person tells theirs apart: `Chrome · Windows`. */
export function browserLabel(userAgent: string): string {
  const browser = browsers.find(([sign]) => userAgent.includes(sign))?.[1] ?? 'Browser';
  const system = systems.find((each) => userAgent.includes(each));
  return system === undefined ? browser : `${browser} · ${system}`;
}
