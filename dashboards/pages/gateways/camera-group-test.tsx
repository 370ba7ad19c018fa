import { useMutation } from '@tanstack/react-query';
import { Form } from 'antd';
import type { CctvTestAnswer, CctvTestDevice } from '#schemas/api/cctv.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { FormTest } from '../../components/form-test.tsx';
import type { GroupFields } from './camera-form.ts';

function Device({ device }: { device: CctvTestDevice }) {
  const t = useWords();
  const { deviceId, answers, maker, troubles, values } = device;
  return (
    <div>
      <div className="row wrap">
        <span className="mono">{deviceId}</span>
        <span className={answers ? 'tag' : 'tag alert'}>
          {t(answers ? 'cameras.answers' : 'cameras.silent')}
        </span>
        {maker === '' ? null : <span className="soft">{maker}</span>}
      </div>
      <div className="mono wrap-words">
        {Object.entries(values)
          .map(([metric, value]) => `${metric} = ${value}`)
          .join('  ')}
      </div>
      {troubles.length === 0 ? null : <div className="wrap-words">{troubles.join('; ')}</div>}
    </div>
  );
}

function Result({ answer }: { answer: CctvTestAnswer }) {
  const t = useWords();
  const { cameras, camerasLeftOut, platform, durationMs } = answer;
  return (
    <div className="stack small" data-testid="tested">
      <span className="soft">{t('cameras.tested', { ms: formatCount(durationMs) })}</span>
      {cameras.map((device) => (
        <Device key={device.deviceId} device={device} />
      ))}
      {camerasLeftOut === 0 ? null : (
        <span className="soft">{t('cameras.leftOut', { count: camerasLeftOut })}</span>
      )}
      {platform === null ? null : (
        <>
          <div className="row wrap">
            <span className={platform.answers ? 'tag strong' : 'tag alert'}>
              {t(platform.answers ? 'cameras.platformAnswers' : 'cameras.platformAway')}
            </span>
            <span>{t('cameras.found', { count: platform.found })}</span>
          </div>
          {platform.troubles.length === 0 ? null : (
            <span className="wrap-words">{platform.troubles.join('; ')}</span>
          )}
          {platform.devices.map((device, index) => (
            <Device key={`${device.deviceId} ${index}`} device={device} />
          ))}
          {platform.recordings === null ? null : (
            <>
              <strong>{t('cameras.fields.recordings')}</strong>
              <Device device={platform.recordings} />
            </>
          )}
        </>
      )}
    </div>
  );
}

/** Asks the group of the form as it stands there, and shows what came back; nothing is saved. */
export function TestGroup({ ask }: { ask: (fields: GroupFields) => Promise<CctvTestAnswer> }) {
  const form = Form.useFormInstance<GroupFields>();
  const test = useMutation({ mutationFn: async () => ask(await form.validateFields()) });
  return <FormTest test={test} show={(answer) => <Result answer={answer} />} />;
}
