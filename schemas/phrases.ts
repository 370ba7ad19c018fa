/**
 * What gateways and the writer say in sentences: why a value was refused, how a connection stands. A sentence is a code with
 * parameters, so that the console says it in the language of who reads; books, logs and the API also hold the English.
 */
export const phraseTexts = {
  text: '{{text}}',
  // Of packets.
  'topic-other': 'topic is {{given}}, {{expected}} was expected',
  'no-device': 'names no device',
  'not-covered': 'the credential of {{owner}} does not cover this topic',
  'store-refused': 'the store refused it: {{text}}',
  'packet-too-large': 'packet has {{bytes}} bytes, at most {{most}} are allowed',
  'packet-no-bytes': 'packet has no bytes',
  'packet-not-utf8': 'packet is not UTF-8',
  'packet-not-json': 'packet is not JSON; it begins with {{text}}',
  'packet-no-values': 'packet has no values',
  'packet-no-events': 'packet has no events',
  'packet-many-values': 'packet has more than {{most}} values',
  'packet-many-events': 'packet has {{count}} events, at most {{most}} are allowed',
  'no-object': '{{field}} is {{given}}, an object was expected',
  'field-unknown': '{{place}} has the field {{field}}; it may have {{known}}',
  'event-type': 'type is {{given}}, a name such as access.denied was expected',
  'event-id': 'id is {{given}}, text of 1 to {{most}} printable characters was expected',
  'data-number': 'data has a number beyond what a double can hold',
  'data-deep': 'data is nested deeper than {{most}} levels',
  'data-nul': 'data has text with a NUL character',
  'data-unicode': 'data has text that is not well-formed Unicode',
  'status-other': 'status is {{given}}, online or offline was expected',
  // Of times.
  'time-other': 'ts is {{given}}, epoch milliseconds or RFC 3339 with an offset was expected',
  'time-form': 'time is {{given}}, the form {{format}} was expected',
  'time-nothing': 'the payload has no time at {{path}}',
  'time-no-number': 'time is no number of milliseconds',
  'time-never-set': 'time is {{time}}: was the clock ever set?',
  'time-ahead': 'time is {{time}}, {{seconds}} s ahead of arrival',
  'time-day-closed': 'time is {{time}}, of a day that was received and is closed',
  // Of values.
  'no-count': '{{field}} is {{given}}, an integer from 0 was expected',
  'no-metric': 'the name is no metric: lower-case letters, digits and "_" were expected',
  'no-metric-mapped': 'the name is no metric, and the mapping gives it no other',
  'no-quality': 'q is {{given}}, good, uncertain or bad was expected',
  'too-great': '{{field}} is beyond what a double can hold',
  'too-great-converted': '{{given}} is beyond what a double can hold when converted',
  'no-scalar': '{{field}} is {{given}}, a number, boolean or state name was expected',
  'no-number': '{{field}} is {{given}}, a number was expected',
  'no-state': '{{given}} is no state of {{metric}}: {{states}}, or 0 to {{most}}',
  'no-state-mapped': "{{given}} is not in the mapping's states: {{states}}",
  implausible: 'value is {{value}} {{unit}}, plausible is {{min}} to {{max}}',
  // Of mappings.
  'topic-unmapped': 'no mapping takes the topic {{given}}',
  'nothing-mapped': 'nothing in the message is what the mapping looks for ({{mappings}})',
  'payload-null': 'the payload is null',
  'path-null': '{{path}} is null',
  'path-nothing': 'the payload has nothing at {{path}}',
  'no-spans': 'there are no spans at {{path}}',
  'many-spans': 'there are more than {{most}} spans',
  'span-form': '{{path}} is {{given}}, the form {{format}} was expected',
  'many-devices': 'message speaks of more than {{most}} devices',
  'many-items': 'message has more than {{most}} items at {{path}}',
  'more-items': '{{fault}} (more items without a device: {{count}})',
  'device-id': 'the device is called {{given}}, which cannot be an id; give it one in deviceIds',
  'device-capture': 'device: nothing is known as {{name}}',
  'device-nothing': 'device: the payload has nothing at {{path}} that could be an id',
  'event-unmapped': '{{given}} is no kind of event that the mapping knows',
  'status-unmapped': '{{given}} is neither online nor offline in the mapping',
  // Of OPC UA nodes.
  'of-node': '{{node}}: {{fault}}',
  'node-array': 'value is an array of {{type}} with status {{status}}',
  'node-type': 'value is {{type}} {{given}} with status {{status}}',
  'node-state': 'code {{given}} stands for no state',
  'node-text': 'value is {{given}}, which is no state name',
  'node-number': 'value is {{given}}',
  // Of connections.
  'not-connected-yet': 'not connected yet',
  'connection-lost': 'connection lost',
  'metadata-address': 'the address is one where a cloud tells machines their secrets',
  'store-away': 'the store is away: {{text}}',
  'values-lost': 'values lost: {{count}}',
  'broker-embedded': 'embedded broker at {{url}}',
  'broker-external': 'external broker at {{url}}',
  connections: 'connections: {{count}}',
  'packets-held': 'packets held: {{count}}',
  'connections-wait': 'connections that wait: {{count}}',
  'packets-oversize': 'packets larger than we read: {{count}}',
  'retained-refused': 'retained messages not kept: {{count}}',
  'packets-in-flight': 'packets in flight: {{count}}',
  'client-id-shared': 'connections do not last; another process probably uses the client id {{clientId}} too',
  mappings: 'mappings: {{count}}',
  'file-not-in-force': 'the changed file is not in force: {{text}}',
  'opcua-nodes': '{{endpoint}}, {{read}} of {{all}} nodes',
  'opcua-no-security': 'without security',
  'opcua-untrusted':
    "the server's certificate is not trusted; when it is the right one, trust it under Certificates (or: parkwatch opcua trust FINGERPRINT)",
  'opcua-reconnecting': 'the connection is lost; reconnecting',
  'opcua-namespaces': 'the server came back with other namespaces',
  'opcua-closed': 'the server closed the connection',
  'opcua-session-closed': 'the server closed the session',
  'opcua-subscription-ended': 'the server ended the subscription',
  'opcua-nothing-heard': 'nothing heard for {{seconds}} s',
  'opcua-silent': 'the server does not answer',
  'opcua-overflows': 'overflows at the server: {{count}}',
  'opcua-gap': 'last break {{seconds}} s until {{time}}, a gap',
  'opcua-bridged': 'last break {{seconds}} s until {{time}}, bridged by the server',
  'opcua-history': 'values read back from its history: {{count}}',
  'opcua-no-history': 'nodes without history: {{count}}',
  'cameras-answer': '{{count}} of {{all}} cameras answer',
  'camera-trouble': '{{deviceId}}: {{text}}',
  'more-troubles': 'and {{count}} more',
  'turns-left-out': 'turns left out, being too slow: {{count}}',
} as const;

export type PhraseCode = keyof typeof phraseTexts;

type Names<Text extends string> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** A sentence; as a parameter of another, what that one tells of. */
export interface Phrase {
  readonly code: PhraseCode;
  readonly params: Readonly<Record<string, string | number | Phrase>>;
}

export function say<Code extends PhraseCode>(
  code: Code,
  ...[params]: Names<(typeof phraseTexts)[Code]> extends never
    ? []
    : [Readonly<Record<Names<(typeof phraseTexts)[Code]>, string | number | Phrase>>]
): Phrase {
  return { code, params: params ?? {} };
}

export function inEnglish({ code, params }: Phrase): string {
  return phraseTexts[code].replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = params[name];
    return typeof value === 'object' ? inEnglish(value) : String(value);
  });
}

/** Several sentences as one line. */
export function lineOf(phrases: readonly Phrase[]): string {
  return phrases.map(inEnglish).join('; ');
}

/** Words of a library, a device or an operating system, which nobody translates. */
export function sayText(text: string): Phrase {
  return say('text', { text });
}
