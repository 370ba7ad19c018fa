/** What a simulated camera says over ONVIF and RTSP; pure text. */

export const cameraFaults = [
  'offline',
  'signal-loss',
  'clock-lost',
  'not-recording',
  'covered',
  'garbage',
  'slow',
] as const;
export type CameraFault = (typeof cameraFaults)[number];

export interface CameraState {
  readonly id: string;
  readonly fault: CameraFault | null;
  /** The camera's own time, epoch milliseconds. */
  readonly nowMs: number;
  /** Oldest picture kept, in the camera's own time. */
  readonly earliestMs: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** `http://127.0.0.1:port/id`. */
  readonly base: string;
}

const soap = 'http://www.w3.org/2003/05/soap-envelope';

export function soapAnswer(body: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="${soap}" xmlns:tt="http://www.onvif.org/ver10/schema" ` +
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" ' +
    'xmlns:tse="http://www.onvif.org/ver10/search/wsdl" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" ' +
    'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:wsa5="http://www.w3.org/2005/08/addressing">' +
    `<env:Body>${body}</env:Body></env:Envelope>`
  );
}

export function soapFault(subcode: string, reason: string): string {
  return soapAnswer(
    '<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode>' +
      `<env:Value xmlns:ter="http://www.onvif.org/ver10/error">ter:${subcode}</env:Value></env:Subcode></env:Code>` +
      `<env:Reason><env:Text xml:lang="en">${reason}</env:Text></env:Reason></env:Fault>`,
  );
}

/** The body that answers a request; undefined for what the camera does not do. */
export function onvifBody(request: string, camera: CameraState): string | undefined {
  const asked = Object.keys(answers).find((name) => new RegExp(`<${name}[ />]`).test(request));
  return asked === undefined ? undefined : answers[asked]?.(camera);
}

const isoOf = (timeMs: number) => new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');

function systemTime({ nowMs }: CameraState): string {
  const now = new Date(nowMs);
  return (
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>' +
    '<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>' +
    `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>` +
    '</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>'
  );
}

function services({ base }: CameraState): string {
  const service = (path: string, namespace: string) =>
    `<tds:Service><tds:Namespace>http://www.onvif.org/${namespace}/wsdl</tds:Namespace>` +
    `<tds:XAddr>${base}/onvif/${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`;
  return (
    `<tds:GetServicesResponse>${service('device_service', 'ver10/device')}${service('media', 'ver10/media')}` +
    `${service('search', 'ver10/search')}${service('events', 'ver10/events')}</tds:GetServicesResponse>`
  );
}

function profile(token: string, [width, height]: readonly [number, number]): string {
  return (
    `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token}</tt:Name>` +
    `<tt:VideoEncoderConfiguration token="encoder-${token}"><tt:Encoding>H264</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>` +
    '<tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>' +
    '<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>'
  );
}

function recording({ id, fault, earliestMs, nowMs }: CameraState): string {
  const status = fault === 'not-recording' ? 'Stopped' : 'Recording';
  return (
    `<tt:RecordingInformation><tt:RecordingToken>${id}</tt:RecordingToken>` +
    `<tt:Source><tt:SourceId>urn:parkwatch:${id}</tt:SourceId><tt:Name>${id}</tt:Name></tt:Source>` +
    `<tt:EarliestRecording>${isoOf(earliestMs)}</tt:EarliestRecording><tt:LatestRecording>${isoOf(nowMs)}</tt:LatestRecording>` +
    `<tt:RecordingStatus>${status}</tt:RecordingStatus></tt:RecordingInformation>`
  );
}

function trackEvents({ id, fault, nowMs }: CameraState): string {
  const hourMs = 3_600_000;
  const event = (timeMs: number, present: boolean) =>
    `<tt:Result><tt:RecordingToken>${id}</tt:RecordingToken><tt:TrackToken>VIDEO001</tt:TrackToken>` +
    `<tt:Time>${isoOf(timeMs)}</tt:Time><tt:Event><wsnt:Topic>tns1:RecordingHistory/Track/State</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${isoOf(timeMs)}"><tt:Data>` +
    `<tt:SimpleItem Name="IsDataPresent" Value="${present}"/></tt:Data></tt:Message></wsnt:Message></tt:Event>` +
    '<tt:StartStateEvent>false</tt:StartStateEvent></tt:Result>';
  const events =
    event(nowMs - 48 * hourMs, true) + (fault === 'not-recording' ? event(nowMs - hourMs, false) : '');
  return (
    '<tse:GetEventSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>' +
    `${events}</tse:ResultList></tse:GetEventSearchResultsResponse>`
  );
}

function imageEvents({ fault, nowMs }: CameraState): string {
  const event = (topic: string, state: boolean) =>
    `<wsnt:NotificationMessage><wsnt:Topic>tns1:${topic}</wsnt:Topic><wsnt:Message>` +
    `<tt:Message UtcTime="${isoOf(nowMs)}" PropertyOperation="Initialized"><tt:Data>` +
    `<tt:SimpleItem Name="State" Value="${state}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
  return (
    `<tev:PullMessagesResponse><tev:CurrentTime>${isoOf(nowMs)}</tev:CurrentTime>` +
    event('VideoSource/ImageTooDark/ImagingService', false) +
    event('VideoSource/ImageTooBlurry/ImagingService', false) +
    `${event('RuleEngine/TamperDetector/Tamper', fault === 'covered')}</tev:PullMessagesResponse>`
  );
}

const answers: Readonly<Record<string, (camera: CameraState) => string>> = {
  GetSystemDateAndTime: systemTime,
  GetServices: services,
  GetDeviceInformation: () =>
    '<tds:GetDeviceInformationResponse><tds:Manufacturer>Parkwatch</tds:Manufacturer><tds:Model>Simulated</tds:Model>' +
    '<tds:FirmwareVersion>1.0</tds:FirmwareVersion></tds:GetDeviceInformationResponse>',
  GetProfiles: ({ widthPx, heightPx }) =>
    `<trt:GetProfilesResponse>${profile('sub', [704, 576])}${profile('main', [widthPx, heightPx])}</trt:GetProfilesResponse>`,
  FindRecordings: () =>
    '<tse:FindRecordingsResponse><tse:SearchToken>r1</tse:SearchToken></tse:FindRecordingsResponse>',
  GetRecordingSearchResults: (camera) =>
    '<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>' +
    `${recording(camera)}</tse:ResultList></tse:GetRecordingSearchResultsResponse>`,
  GetRecordingInformation: (camera) =>
    `<tse:GetRecordingInformationResponse>${recording(camera)}</tse:GetRecordingInformationResponse>`,
  FindEvents: () => '<tse:FindEventsResponse><tse:SearchToken>e1</tse:SearchToken></tse:FindEventsResponse>',
  GetEventSearchResults: trackEvents,
  CreatePullPointSubscription: ({ base }) =>
    '<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>' +
    `<wsa5:Address>${base}/onvif/pull</wsa5:Address></tev:SubscriptionReference></tev:CreatePullPointSubscriptionResponse>`,
  PullMessages: imageEvents,
  Unsubscribe: () => '<wsnt:UnsubscribeResponse/>',
};

/** A session description of one video stream. */
export function sdp({ id, widthPx, heightPx }: CameraState): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    `s=${id}`,
    't=0 0',
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    'a=framerate:25.0',
    `a=x-dimensions:${widthPx},${heightPx}`,
    'a=control:track1',
    '',
  ].join('\r\n');
}
