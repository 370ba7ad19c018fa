import { say, sayText, type Phrase } from '#schemas/phrases.ts';
import { readGap } from './history.ts';
import { connectionLimits, type Attempt, type ConnectionBreak, type Line } from './line.ts';
import { indexedNodeId } from './names.ts';
import { knownNodes } from './subscribe.ts';

interface WatchOptions {
  /** The connection stands; again after each repair. */
  readonly onUp: () => void;
  /** Why it is to be given up. */
  readonly end: (why: Phrase) => void;
}

/** Follows a connection through its breaks and decides when to give it up. */
export function watch(attempt: Attempt, line: Line, { onUp, end }: WatchOptions): Disposable {
  const { client, session, subscription, namespaces } = line;
  const { state, progress, clock, log, server } = attempt;
  let seenMs = clock.monotonicMs();
  let broken = false;
  let moved = false;
  let breakFromMs = progress.lastSeenMs;
  const seen = () => {
    seenMs = clock.monotonicMs();
    progress.lastSeenMs = clock.nowMs();
  };
  const up = (bridged: boolean) => {
    const fromMs = breakFromMs;
    breakFromMs = null;
    seen();
    broken = false;
    moved = false;
    state.connected = true;
    state.trouble = null;
    log.info(
      { nodes: server.nodes.length, refused: state.refusedNodes.length },
      `OPC UA server ${server.endpoint}: subscribed`,
    );
    if (fromMs !== null)
      readBack(attempt, line, { gap: { fromMs, toMs: clock.nowMs(), bridged }, isBroken: () => broken });
    onUp();
  };
  const lost = () => {
    broken = true;
    breakFromMs ??= progress.lastSeenMs;
    state.connected = false;
    state.trouble = say('opcua-reconnecting');
  };
  const repaired = async () => {
    // An index that now means another namespace would read another device.
    const now = await session.readNamespaceArray();
    const changed = server.nodes.some(
      ({ nodeId }) => indexedNodeId(nodeId, now) !== indexedNodeId(nodeId, namespaces),
    );
    if (changed) return end(say('opcua-namespaces'));
    up(!moved);
  };

  client.on('connection_lost', lost);
  client.on('close', () => end(say('opcua-closed')));
  session.on('session_restored', () => void repaired().catch((error: Error) => end(sayText(error.message))));
  session.on('session_closed', () => end(say('opcua-session-closed')));
  subscription.on('keepalive', seen).on('received_notifications', seen);
  subscription.on('subscriptionId_changed', () => (moved = true));
  subscription.on('terminated', () => end(say('opcua-subscription-ended')));
  const watching = clock.every(connectionLimits.watchMs, () => {
    const silentMs = clock.monotonicMs() - seenMs;
    if (silentMs > (broken ? connectionLimits.brokenMs : connectionLimits.silenceMs)) {
      end(say('opcua-nothing-heard', { seconds: Math.round(silentMs / 1000) }));
    }
  });
  up(false);
  return watching;
}

/** Tells of a break, and reads what the server's history has of it, beside what comes from now on. */
function readBack(
  attempt: Attempt,
  { session, namespaces }: Line,
  { gap, isBroken }: { readonly gap: ConnectionBreak; readonly isBroken: () => boolean },
): void {
  const { progress, server, log } = attempt;
  attempt.onBreak(gap);
  // What an earlier break left unread is read with this one.
  progress.unreadFromMs ??= gap.fromMs;
  const fromMs = progress.unreadFromMs;
  const read = async () => {
    // Bridged ones too: the server's queues may have overflowed.
    const nodes = knownNodes(server, namespaces);
    const done = await readGap({ ...attempt, session, gap: { ...gap, fromMs }, nodes });
    if (!isBroken() && progress.unreadFromMs === fromMs) progress.unreadFromMs = null;
    attempt.onHistoryRead(done);
  };
  read().catch((error: Error) => {
    log.warn({ err: error }, `OPC UA server ${server.endpoint}: the gap could not be read from history`);
  });
}
