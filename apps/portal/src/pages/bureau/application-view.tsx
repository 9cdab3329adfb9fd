/** One application: what was stated beside what was photographed, and the decision. */

import { refusalReasons } from '@chengxin/client/bureau-acts'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApplicationRow, applicationQuery, bureau } from '../../api/bureau.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useAct } from '../../session/use-act.ts'
import { nameOf, useFactList } from './fact-words.tsx'

export interface ApplicationViewProps {
  readonly applicationId: string
  readonly close: () => Promise<unknown>
}

export function ApplicationView({ applicationId, close }: ApplicationViewProps): ReactElement {
  const { t } = useTranslation('bureau')
  const query = useQuery(applicationQuery(applicationId))
  const factList = useFactList()
  return (
    <div className="bureau-open" data-testid="application">
      <Loaded query={query}>
        {(application) => (
          <Panel
            title={nameOf(application.facts)}
            action={
              <button type="button" className="link-button" onClick={() => void close()}>
                {t('queue.close')}
              </button>
            }
          >
            <div className="bureau-compare">
              <FactList facts={factList(application.facts)} />
              <Photos application={application} />
            </div>
            {application.documentOf !== undefined && <p className="fault">{t('queue.documentOf')}</p>}
            {application.reason !== undefined && <p>{t(`reason.${application.reason}` as never)}</p>}
            {application.status === 'submitted' && <Decision application={application} close={close} />}
          </Panel>
        )}
      </Loaded>
    </div>
  )
}

function Photos({ application }: { readonly application: ApplicationRow }): ReactElement {
  const { t } = useTranslation('bureau')
  const photos = (['documentPhoto', 'facePhoto'] as const).filter((name) => application[name] !== undefined)
  if (photos.length === 0) return <p className="bureau-soft">{t('queue.noPhotos')}</p>
  return (
    <div className="bureau-photos">
      {photos.map((name) => (
        <Photo key={name} name={name} photoId={application[name] as string} />
      ))}
    </div>
  )
}

function Photo({ name, photoId }: { readonly name: 'documentPhoto' | 'facePhoto'; readonly photoId: string }) {
  const { t } = useTranslation('bureau')
  const [isGone, setGone] = useState(false)
  return (
    <figure>
      {isGone ? (
        <p className="bureau-soft">{t('queue.photoGone')}</p>
      ) : (
        <img src={bureau.photoUrl(photoId)} alt={t(`photo.${name}`)} onError={() => setGone(true)} />
      )}
      <figcaption>{t(`photo.${name}`)}</figcaption>
    </figure>
  )
}

function Decision({
  application,
  close,
}: {
  readonly application: ApplicationRow
  readonly close: () => Promise<unknown>
}) {
  const { t } = useTranslation('bureau')
  const act = useAct()
  const [reason, setReason] = useState<string>(refusalReasons[0])
  const decide = (confirm: boolean) =>
    act.run(async () => {
      await bureau.decide(application.applicationId, confirm ? { confirm } : { confirm, reason })
      await close()
    })
  if (application.mine) return <p className="bureau-soft">{t('queue.own')}</p>
  return (
    <>
      <div className="bureau-decision">
        <button
          type="button"
          className="main-button"
          disabled={act.isBusy}
          onClick={() => decide(true)}
          data-testid="confirm-application"
        >
          <Icon name="tick" />
          {t('queue.confirm')}
        </button>
        <span className="bureau-or">
          <label className="bureau-field">
            <span>{t('queue.reason')}</span>
            <select value={reason} onChange={(event) => setReason(event.target.value)}>
              {refusalReasons.map((one) => (
                <option key={one} value={one}>
                  {t(`reason.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className="plain-button"
            disabled={act.isBusy}
            onClick={() => decide(false)}
            data-testid="refuse-application"
          >
            {t('queue.refuse')}
          </button>
        </span>
      </div>
      <Fault sentence={act.fault} />
    </>
  )
}
