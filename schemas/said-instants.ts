/** Instants as they stand in sentences that were sealed: RFC 3339 in UTC. */
const instant = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A sentence with its instants in the park's time; one at the begin of a local day as that day. Pure. */
export function saidInParkTime(text: string, timeZone: string): string {
  if (!text.includes('T')) return text;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return text.replaceAll(instant, (found) => {
    const timeMs = Date.parse(found);
    return Number.isNaN(timeMs) ? found : format.format(timeMs).replace(/ 00:00:00$/, '');
  });
}
