// Shows what the park pushes while no console is on screen. A page that is on screen tells of it itself.
const consoleIsVisible = async () => {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return pages.some((page) => page.visibilityState === 'visible');
};

const show = async (data) => {
  if (await consoleIsVisible()) return;
  const told = data?.json() ?? {};
  await self.registration.showNotification(told.title ?? 'Parkwatch', {
    body: told.body ?? '',
    tag: told.key ?? 'parkwatch',
    icon: '/icon.svg',
    requireInteraction: told.severity === 'critical',
    data: { path: typeof told.path === 'string' && told.path.startsWith('/') ? told.path : '/alarms' },
  });
};

const open = async (path) => {
  const pages = await self.clients.matchAll({ type: 'window' });
  const [page] = pages;
  if (page === undefined) return self.clients.openWindow(path);
  await page.navigate(path);
  return page.focus();
};

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('push', (event) => event.waitUntil(show(event.data)));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? '/alarms'));
});
