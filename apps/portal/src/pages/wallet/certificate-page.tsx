/** One certificate: what it says, how it stands, and what can be done with it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { agent, type HeldCertificate, walletQuery } from '../../api/agent.ts'
import { CityLink, useCityPath } from '../../city/city-link.tsx'
import { saveText } from '../../offline/save-text.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { Day } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { CertificateCard } from './certificate-card.tsx'
import { PrintForm } from './print-form.tsx'
import { useStandingWord } from './standing-tag.tsx'
import { useCardWords } from './words.ts'

export function CertificatePage(): ReactElement {
  const { t } = useTranslation('wallet')
  const { certificateId } = useParams()
  const query = useQuery(walletQuery)
  const words = useCardWords()
  const held = query.data?.certificates.find((certificate) => certificate.certificateId === certificateId)
  return (
    <Page title={held === undefined ? t('certificate.title') : words(held).name}>
      <p className="back">
        <CityLink to="/wallet">{t('back')}</CityLink>
      </p>
      <Loaded query={query}>
        {() =>
          held === undefined ? (
            <Empty icon="wallet" title={t('certificate.none')} next={t('certificate.noneNext')} />
          ) : (
            <Held certificate={held} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Held({ certificate }: { readonly certificate: HeldCertificate }): ReactElement {
  const { t } = useTranslation('wallet')
  const words = useCardWords()
  const standingWord = useStandingWord()
  const [isPrinting, setPrinting] = useState(false)
  const { issuer, receivedAtMs, iatMs, expMs, copies, copiesUnseen, standing, fields } = certificate
  const facts = [
    { name: t('certificate.standing'), value: standingWord(standing) },
    { name: t('certificate.issuer'), value: issuer.name ?? issuer.host },
    ...(iatMs === undefined ? [] : [{ name: t('certificate.issued'), value: <Day timeMs={iatMs} /> }]),
    ...(expMs === undefined ? [] : [{ name: t('certificate.expires'), value: <Day timeMs={expMs} /> }]),
    { name: t('certificate.received'), value: <Day timeMs={receivedAtMs} /> },
    { name: t('certificate.copies'), value: t('certificate.copiesOf', { unseen: copiesUnseen, all: copies }) },
  ]
  return (
    <div className="held">
      <div className="held-card">
        <CertificateCard certificate={certificate} />
      </div>
      <Panel title={t('certificate.says')}>
        <FactList facts={words(certificate, fields).fields.map(({ label, value }) => ({ name: label, value }))} />
      </Panel>
      <Panel title={t('certificate.about')}>
        <FactList facts={facts} />
      </Panel>
      {isPrinting ? (
        <PrintForm certificate={certificate} close={() => setPrinting(false)} />
      ) : (
        <Actions certificate={certificate} print={() => setPrinting(true)} />
      )}
    </div>
  )
}

function Actions({
  certificate,
  print,
}: {
  readonly certificate: HeldCertificate
  readonly print: () => void
}): ReactElement {
  const { t } = useTranslation('wallet')
  const act = useAct()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const queryClient = useQueryClient()
  const { certificateId, standing } = certificate
  const save = () =>
    act.run(async () => {
      const { copies } = await agent.certificateFile(certificateId)
      saveText('certificate.sd-jwt', copies[0] ?? '')
    })
  const remove = () =>
    act.run(async () => {
      await agent.remove(certificateId)
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
      await navigate(cityPath('/wallet'))
    })
  return (
    <div className="held-actions">
      <button
        type="button"
        className="plain-button"
        onClick={print}
        disabled={standing.verdict === 'not_valid'}
        data-testid="print"
      >
        <Icon name="print" size={18} /> {t('certificate.print')}
      </button>
      <button type="button" className="plain-button" onClick={save} disabled={act.isBusy}>
        <Icon name="download" size={18} /> {t('certificate.file')}
      </button>
      <SureButton
        className="plain-button"
        disabled={act.isBusy}
        testId="remove"
        question={t('certificate.sure')}
        yes={t('certificate.removeNow')}
        no={t('certificate.keep')}
        onSure={remove}
      >
        <Icon name="cross" size={18} /> {t('certificate.remove')}
      </SureButton>
      <Fault sentence={act.fault} />
    </div>
  )
}
