/** The resident's wallet: what is held, what is new, and the ways in and out. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { agent, type Notice, type WalletAnswer, walletQuery } from '../../api/agent.ts'
import { CityLink, useCityPath } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/when.tsx'
import { QrScanner } from '../../qr/qr-scanner.tsx'
import { AgentSetup } from './agent-setup.tsx'
import { CertificateCard } from './certificate-card.tsx'
import { destinationOf } from './links.ts'
import { Renewals } from './renewals.tsx'
import { useCardWords } from './words.ts'

export function WalletPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const query = useQuery(walletQuery)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Loaded query={query}>{(wallet) => <Wallet wallet={wallet} />}</Loaded>
    </Page>
  )
}

const ways = [
  { key: 'bureau', to: '/bureau', icon: 'person' },
  { key: 'claims', to: '/claims', icon: 'certificates' },
  { key: 'own', to: '/wallet/own', icon: 'key' },
  { key: 'consents', to: '/wallet/consents', icon: 'tick' },
  { key: 'prints', to: '/wallet/prints', icon: 'print' },
  { key: 'keys', to: '/wallet/keys', icon: 'key' },
] as const

function Wallet({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { certificates, notices, shut, waiting } = wallet
  const unread = notices.filter(({ readAtMs }) => readAtMs === undefined)
  const isNew = shut !== undefined || wallet.isProtected === false
  return (
    <div className="wallet">
      {unread.map((notice) => (
        <NoticeBar
          key={notice.noticeId}
          notice={notice}
          issuer={
            certificates.find(({ certificateId }) => certificateId === notice.certificateId)?.issuer.name ??
            notice.issuer
          }
        />
      ))}
      {isNew && <AgentSetup wallet={wallet} />}
      {(!isNew || wallet.hasOwnVault) && <Receive />}
      <Renewals renewals={wallet.renewals} />
      {waiting > 0 && (
        <p className="wallet-waiting" role="status">
          <Icon name="clock" size={18} /> {t('waiting', { count: waiting })}
        </p>
      )}
      {certificates.length > 0 && (
        <ul className="cards" aria-label={t('cards')}>
          {certificates.map((certificate) => (
            <li key={certificate.certificateId}>
              <CertificateCard certificate={certificate} />
            </li>
          ))}
        </ul>
      )}
      {certificates.length === 0 && !isNew && <Empty icon="wallet" title={t('empty.title')} next={t('empty.next')} />}
      <nav className="wallet-ways" aria-label={t('ways.label')}>
        {ways.map(({ key, to, icon }) => (
          <CityLink key={key} to={to} className="wallet-way" testId={`way-${key}`}>
            <Icon name={icon} size={22} />
            <span>
              <strong>{t(`ways.${key}.name`)}</strong>
              <small>{t(`ways.${key}.text`)}</small>
            </span>
            <Icon name="chevron" size={18} />
          </CityLink>
        ))}
      </nav>
    </div>
  )
}

/** Scan or paste: an offer of an issuer, or a request of a verifier. */
function Receive(): ReactElement {
  const { t } = useTranslation('wallet')
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const [isScanning, setScanning] = useState(false)
  const [isUnknown, setUnknown] = useState(false)
  const open = (text: string) => {
    const to = destinationOf(text)
    setUnknown(to === undefined)
    setScanning(false)
    if (to !== undefined) void navigate({ pathname: cityPath(to.path), hash: to.hash })
  }
  const paste = async () => open(await navigator.clipboard.readText().catch(() => ''))
  return (
    <section className="receive" aria-label={t('receive.label')}>
      {isScanning ? (
        <QrScanner onText={open} onClose={() => setScanning(false)} />
      ) : (
        <div className="receive-ways">
          <button type="button" className="main-button" onClick={() => setScanning(true)} data-testid="scan">
            <Icon name="explorer" size={20} />
            {t('receive.scan')}
          </button>
          <button type="button" className="plain-button" onClick={() => void paste()}>
            <Icon name="paste" size={18} />
            {t('receive.paste')}
          </button>
        </div>
      )}
      {isUnknown && (
        <p className="fault" role="alert">
          {t('receive.unknown')}
        </p>
      )}
    </section>
  )
}

function NoticeBar({ notice, issuer }: { readonly notice: Notice; readonly issuer: string }): ReactElement {
  const { t, i18n } = useTranslation('wallet')
  const queryClient = useQueryClient()
  // Which words there are depends on what issuers say.
  const say = t as unknown as (key: string, values: Readonly<Record<string, string>>) => string
  const words = useCardWords()
  const { word, reason, appeal, atMs } = notice
  const kind = i18n.exists(`wallet:notice.${word}`) ? word : 'other'
  const { name } = words({ vct: '', display: notice.display })
  const read = async () => {
    await agent.readNotice(notice.noticeId)
    await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
  }
  const reasonKey = `wallet:reason.${reason ?? ''}`
  const appealKey = `wallet:appeal.${appeal ?? 'appeal_issuer'}`
  return (
    <section className={word === 'valid' ? 'notice notice-good' : 'notice'} role="status" data-testid="notice">
      <p className="notice-title">{say(`notice.${kind}`, { name: name || t('notice.certificate') })}</p>
      <p>
        {reason !== undefined && i18n.exists(reasonKey) && <>{t('notice.reason', { reason: say(reasonKey, {}) })} </>}
        {word !== 'valid' && i18n.exists(appealKey) && say(appealKey, { issuer })}
      </p>
      <p className="notice-foot">
        <When timeMs={atMs} />
        <button type="button" className="link-button" onClick={() => void read()}>
          {t('notice.read')}
        </button>
      </p>
    </section>
  )
}
