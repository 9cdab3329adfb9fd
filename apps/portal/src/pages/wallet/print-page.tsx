/** The printed form itself: what was chosen, for whom and until when, with codes that anybody can check it by. */

import { readSdJwt, webPlatform } from '@chengxin/audit'
import { isRefusal } from '@chengxin/kernel'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { agent, type PrintedForm, printsQuery, walletQuery } from '../../api/agent.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Seal } from '../../parts/seal.tsx'
import { framesOf } from '../../qr/frames.ts'
import { Drawing } from '../../qr/qr-code.tsx'
import { useAct } from '../../session/use-act.ts'
import { StandingTag } from './standing-tag.tsx'
import { useCardWords } from './words.ts'

export function PrintPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const { printId } = useParams()
  const query = useQuery(printsQuery)
  const found = query.data?.find((print) => print.printId === printId)
  return (
    <Page title={t('paper.title')}>
      <p className="back no-print">
        <CityLink to="/wallet/prints">{t('paper.all')}</CityLink>
      </p>
      <Loaded query={query}>
        {() =>
          found === undefined ? (
            <Empty icon="print" title={t('paper.none')} next={t('paper.noneNext')} />
          ) : (
            <Paper form={found} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** The fields that the paper's certificate shows, read out of it: what is printed is what verifies. */
function fieldsIn({ text, fields }: PrintedForm): readonly { readonly name: string; readonly value: unknown }[] {
  const sdJwt = readSdJwt(webPlatform.sha256, text)
  if (isRefusal(sdJwt)) return []
  return fields.map((name) => ({ name, value: sdJwt.claims[name] }))
}

function Paper({ form }: { readonly form: PrintedForm }): ReactElement {
  const { t } = useTranslation('wallet')
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const held = useQuery(walletQuery).data?.certificates.find(
    ({ certificateId }) => certificateId === form.certificateId,
  )
  const words = useCardWords()
  const fields = useMemo(() => fieldsIn(form), [form])
  const [frames, setFrames] = useState<readonly string[]>([])
  useEffect(() => {
    let isCurrent = true
    void framesOf(form.text).then((made) => isCurrent && setFrames(made))
    return () => {
      isCurrent = false
    }
  }, [form.text])
  const described = { vct: form.vct, display: held?.display }
  const shown = words(described, fields)
  const { recipient, untilMs, printedAtMs, cancelledAtMs, standing } = form
  const cancel = () =>
    act.run(async () => {
      await agent.cancelPrint(form.printId)
      await queryClient.invalidateQueries({ queryKey: printsQuery.queryKey })
    })
  const facts = [
    ...shown.fields.map(({ label, value }) => ({ name: label, value })),
    { name: t('paper.recipient'), value: recipient ?? t('paper.anybody') },
    { name: t('paper.printed'), value: format.date(printedAtMs) },
    { name: t('paper.until'), value: format.date(untilMs) },
  ]
  return (
    <>
      <article className="print-sheet" data-testid="paper">
        <header className="print-head">
          <Seal size={56} />
          <div>
            <h2>{shown.name}</h2>
            <p>{t('paper.issuer', { issuer: held?.issuer.name ?? held?.issuer.host ?? '' })}</p>
          </div>
        </header>
        <FactList facts={facts} />
        <p className="print-note">{t('paper.copy')}</p>
        <div
          className="print-codes"
          role="img"
          aria-label={t('paper.codes')}
          data-testid="paper-codes"
          data-frames={frames.length}
        >
          {frames.map((frame) => (
            <Drawing key={frame} text={frame} />
          ))}
        </div>
        <p className="print-note">{t('paper.how', { address: location.host })}</p>
      </article>
      <div className="held-actions no-print">
        {cancelledAtMs !== undefined && <StandingTag standing={{ word: 'status_revoked', verdict: 'not_valid' }} />}
        {cancelledAtMs === undefined && standing !== undefined && <StandingTag standing={standing} />}
        <button type="button" className="main-button" onClick={() => print()} disabled={cancelledAtMs !== undefined}>
          <Icon name="print" size={18} /> {t('paper.print')}
        </button>
        <button
          type="button"
          className="plain-button danger"
          onClick={cancel}
          disabled={act.isBusy || cancelledAtMs !== undefined}
          data-testid="cancel-print"
        >
          {t('paper.cancel')}
        </button>
        {act.fault !== undefined && (
          <p className="fault" role="alert">
            {act.fault}
          </p>
        )}
      </div>
    </>
  )
}
