import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import type { OpcuaCertificate } from '#schemas/api/opcua.ts';
import { useNow } from '../../app/clock.ts';
import { downloadText } from '../../app/download.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { useParkTime } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

type Facts = Omit<OpcuaCertificate, 'trusted'>;

/** What a certificate says of itself, and what is compared. */
export function CertificateFacts({ certificate }: { certificate: Facts }) {
  const t = useWords();
  const parkTime = useParkTime();
  const now = useNow();
  const isExpired = Date.parse(certificate.validTo) < now;
  return (
    <dl className="facts small">
      <dt>{t('opcua.fingerprint')}</dt>
      <dd className="mono">{certificate.fingerprint}</dd>
      <dt>{t('opcua.subject')}</dt>
      <dd className="wrap-words">{certificate.subject}</dd>
      <dt>{t('opcua.validTo')}</dt>
      <dd>
        {parkTime(certificate.validTo, 'day')}{' '}
        {isExpired ? <span className="tag alert">{t('opcua.expired')}</span> : null}
      </dd>
    </dl>
  );
}

/** Asks for the reason and changes whom we trust. */
function Decide({ peer, onClose }: { peer: OpcuaCertificate; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { fingerprint, subject, trusted } = peer;
  return (
    <CommentModal
      title={t(trusted ? 'opcua.distrustTitle' : 'opcua.trustTitle')}
      body={t(trusted ? 'opcua.distrustBody' : 'opcua.trustBody', { fingerprint, subject })}
      label={t('opcua.reason')}
      hint={t('opcua.reasonHint')}
      action={t(trusted ? 'opcua.distrust' : 'opcua.trust')}
      onClose={onClose}
      onSubmit={async (reason) => {
        await opcuaApi.trust(fingerprint, { trusted: !trusted, reason });
        notify.done(t('opcua.trustDone'));
        await client.invalidateQueries({ queryKey: opcuaKeys.certificates });
      }}
    />
  );
}

const renewMs = 10_000;

/** Our own certificate, and what servers have shown. */
export function Certificates() {
  const t = useWords();
  const query = useQuery({
    queryKey: opcuaKeys.certificates,
    queryFn: opcuaApi.certificates,
    refetchInterval: renewMs,
  });
  const [deciding, setDeciding] = useState<OpcuaCertificate | null>(null);
  return (
    <Panel title={t('opcua.certificates')}>
      {deciding === null ? null : <Decide peer={deciding} onClose={() => setDeciding(null)} />}
      <Loaded query={query}>
        {({ own, items }) => (
          <div className="stack">
            <div>
              <div className="row wrap">
                <strong>{t('opcua.own')}</strong>
                <span className="soft small">{t('opcua.ownHint')}</span>
                <span className="grow" />
                <Button
                  size="small"
                  onClick={() => downloadText('parkwatch-opcua.pem', own.pem, 'application/x-pem-file')}
                >
                  {t('opcua.download')}
                </Button>
              </div>
              <CertificateFacts certificate={own} />
            </div>
            <strong>{t('opcua.peers')}</strong>
            {items.length === 0 ? <span className="soft">{t('opcua.noPeers')}</span> : null}
            {items.map((peer) => (
              <div key={peer.fingerprint}>
                <div className="row wrap">
                  <span className={peer.trusted ? 'tag' : 'tag alert'}>
                    {t(peer.trusted ? 'opcua.trusted' : 'opcua.rejected')}
                  </span>
                  <span className="grow" />
                  <Button size="small" danger={peer.trusted} onClick={() => setDeciding(peer)}>
                    {t(peer.trusted ? 'opcua.distrust' : 'opcua.trust')}
                  </Button>
                </div>
                <CertificateFacts certificate={peer} />
              </div>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
