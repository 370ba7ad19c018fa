import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form } from 'antd';
import type { OpcuaServerAnswer, OpcuaTestAnswer } from '#schemas/api/opcua.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { useSaid } from '../../app/said.ts';
import { FormTest } from '../../components/form-test.tsx';
import { CertificateFacts } from './certificates.tsx';
import { toWrite, type ServerFields } from './server-form.ts';

function Result({ answer }: { answer: OpcuaTestAnswer }) {
  const t = useWords();
  const said = useSaid();
  const { reached, loggedIn, trouble, troubleSaid, offers, certificate, product, namespaces, durationMs } =
    answer;
  const outcome = loggedIn
    ? t('opcua.tested.ok', { ms: formatCount(durationMs) })
    : t(reached ? 'opcua.tested.refused' : 'opcua.tested.away');
  return (
    <div className="stack small" data-testid="tested">
      <div className="row wrap">
        <span className={loggedIn ? 'tag strong' : 'tag alert'}>{outcome}</span>
        {product === null ? null : <span>{product}</span>}
      </div>
      {trouble === null ? null : <span className="wrap-words">{said(troubleSaid, trouble)}</span>}
      {offers.length === 0 ? null : (
        <div className="row wrap">
          <span className="soft">{t('opcua.tested.offers')}</span>
          {offers.map(({ securityMode, securityPolicy, logins }, index) => (
            <span key={`${securityMode} ${securityPolicy} ${index}`} className="tag">
              {securityMode} · {securityPolicy} · {[...new Set(logins)].join(', ')}
            </span>
          ))}
        </div>
      )}
      {certificate === null ? null : (
        <div>
          <div className="row">
            <span className="soft">{t('opcua.tested.certificate')}</span>
            <span className={certificate.trusted ? 'tag' : 'tag alert'}>
              {t(certificate.trusted ? 'opcua.trusted' : 'opcua.rejected')}
            </span>
          </div>
          <CertificateFacts certificate={certificate} />
          {certificate.trusted || loggedIn ? null : <span>{t('opcua.tested.trustHint')}</span>}
        </div>
      )}
      {namespaces.length === 0 ? null : (
        <div className="row wrap">
          <span className="soft">{t('opcua.tested.namespaces')}</span>
          <span className="mono">{namespaces.join('  ')}</span>
        </div>
      )}
    </div>
  );
}

/** Tries the server of the form as it stands there; nothing is saved. */
export function TestConnection({ server }: { server: OpcuaServerAnswer | null }) {
  const form = Form.useFormInstance<ServerFields>();
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: async () => {
      const fields = await form.validateFields();
      const { settings, secrets = {} } = toWrite(fields, server);
      const given = Object.entries(secrets).filter(([, value]) => value !== null);
      return opcuaApi.test({ settings, secrets: Object.fromEntries(given) });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: opcuaKeys.certificates }),
  });
  return <FormTest test={test} show={(answer) => <Result answer={answer} />} />;
}
