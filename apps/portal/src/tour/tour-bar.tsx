/**
 * The guided tour: every act of the scheme, one touch each, played at the real desks in the role it belongs to; after each,
 * the page where its outcome can be seen. Only the sample city has it, because only there anybody can be everybody.
 */

import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import { verifierDesk } from '../api/verifier.ts'
import { useCityPath } from '../city/city-link.tsx'
import { saveText } from '../offline/save-text.ts'
import { Icon } from '../parts/icon.tsx'
import { useSession } from '../session/session.ts'
import { useAct } from '../session/use-act.ts'
import { tourActs } from './tour-acts.ts'
import { type TourState, useTour } from './tour-state.ts'
import './tour.css'
import { Fault } from '../parts/fault.tsx'

const certificateName = 'certificate.txt'

export function TourBar(): ReactElement | null {
  const { state } = useTour()
  const { sampleCity } = useSession()
  if (state === undefined || !sampleCity) return null
  return <Bar state={state} />
}

function Bar({ state }: { readonly state: TourState }): ReactElement {
  const { t } = useTranslation('tour')
  const { fold, leave } = useTour()
  const goingTo = useRef<string>(undefined)
  const button = useRef<HTMLButtonElement>(null)
  const { pathname } = useLocation()
  // A new page takes the focus for itself when it is shown, which may be after the act is over: whoever goes through the tour by
  // keyboard gets it back. Where somebody goes on their own is none of the tour's business.
  useEffect(() => {
    if (goingTo.current !== pathname) return
    goingTo.current = undefined
    button.current?.focus({ preventScroll: true })
  }, [pathname])
  const leadTo = (page: string) => {
    goingTo.current = page.split('?')[0]
  }
  const { done, isFolded = false } = state
  const isOver = done >= tourActs.length
  if (isFolded) {
    return (
      <button type="button" className="tour-flag no-print" onClick={() => fold(false)} data-testid="tour-unfold">
        <Icon name="chevron" size={18} />
        {t('goOn', { done, of: tourActs.length })}
      </button>
    )
  }
  return (
    <aside className="tour no-print" aria-label={t('label')} data-testid="tour" data-done={done}>
      <div className="tour-head">
        <ol className="tour-dots" aria-label={t('progress', { done, of: tourActs.length })}>
          {tourActs.map(({ key }, index) => (
            <li
              key={key}
              className={
                index < done ? 'tour-dot tour-dot-done' : index === done ? 'tour-dot tour-dot-now' : 'tour-dot'
              }
            />
          ))}
        </ol>
        <button
          type="button"
          className="tour-quiet"
          onClick={() => fold(true)}
          aria-label={t('fold')}
          title={t('fold')}
        >
          <Icon name="down" size={18} />
        </button>
        <button type="button" className="tour-quiet" onClick={leave} aria-label={t('leave')} title={t('leave')}>
          <Icon name="cross" size={18} />
        </button>
      </div>
      {isOver ? (
        <Over file={state.props['file'] ?? ''} />
      ) : (
        <Next key={done} state={state} button={button} leadTo={leadTo} />
      )}
    </aside>
  )
}

interface NextProps {
  readonly state: TourState
  readonly button: RefObject<HTMLButtonElement | null>
  /** Told of the page before it is shown. */
  readonly leadTo: (page: string) => void
}

function Next({ state, button, leadTo }: NextProps): ReactElement {
  const { t } = useTranslation(['tour', 'session'])
  const { advance } = useTour()
  const { bePersona } = useSession()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const act = useAct()
  const next = tourActs[state.done] as (typeof tourActs)[number]
  // Whoever goes through it by keyboard goes on with the same key.
  useEffect(() => button.current?.focus({ preventScroll: true }), [button])

  const play = () =>
    act.run(async () => {
      const { macauScheme, openStage } = await import('@chengxin/client')
      const scheme = macauScheme.find(({ key }) => key === next.key)
      if (scheme === undefined) throw new Error(`The scheme has no act ${next.key}.`)
      const stage = await openStage({ url: location.origin })
      // What the page of the role before still asks for is nothing that the next one may see.
      await queryClient.cancelQueries()
      await bePersona(scheme.persona)
      const left = await scheme.play({ ...stage, become: bePersona }, state.props)
      // An act may have gone through several roles; the page it ends on is its own role's.
      await bePersona(scheme.persona)
      await queryClient.invalidateQueries({ queryKey: ['desk'] })
      // What came of a revocation is looked at with what the city says now.
      await queryClient.invalidateQueries({ queryKey: ['trust-bundle'] })
      const handed = scheme.page === '/check' && { name: certificateName, text: state.props['file'] ?? '' }
      leadTo(scheme.page)
      await navigate(cityPath(scheme.page), handed ? { state: { handed } } : {})
      advance(left)
    })
  return (
    <>
      {state.done > 0 && (
        <p className="tour-done" role="status">
          <Icon name="tick" size={16} /> {t(`tour:acts.${tourActs[state.done - 1]?.key ?? 'authorise'}.done` as never)}
        </p>
      )}
      <p className="tour-role">{t(`session:persona.${next.persona}.name` as never)}</p>
      <p className="tour-title">{t(`tour:acts.${next.key}.title` as never)}</p>
      <p className="tour-text">{t(`tour:acts.${next.key}.text` as never)}</p>
      <button
        type="button"
        className="main-button"
        ref={button}
        onClick={play}
        disabled={act.isBusy}
        data-testid="tour-play"
      >
        {act.isBusy ? t('tour:working') : t(`tour:acts.${next.key}.go` as never)}
      </button>
      <Fault sentence={act.fault} />
    </>
  )
}

function Over({ file }: { readonly file: string }): ReactElement {
  const { t } = useTranslation('tour')
  const { begin, leave } = useTour()
  const { bePersona } = useSession()
  const act = useAct()
  // Signed by the verifier's desk, as for a case file; whoever tried another role meanwhile becomes the verifier again.
  const saveReport = () =>
    act.run(async () => {
      await bePersona('verifier')
      saveText('chengxin-report.jws', await verifierDesk.reportFiles([{ name: certificateName, text: file }]))
    })
  const last = tourActs.at(-1)
  return (
    <>
      <p className="tour-done">
        <Icon name="tick" size={16} /> {t(`acts.${last?.key ?? 'verifyAgain'}.done`)}
      </p>
      <p className="tour-title" role="status" data-testid="tour-over">
        {t('over.title')}
      </p>
      <p className="tour-text">{t('over.text')}</p>
      <div className="tour-ends">
        <button
          type="button"
          className="plain-button"
          onClick={() => saveText(certificateName, file)}
          data-testid="tour-certificate"
        >
          <Icon name="download" size={18} /> {t('over.certificate')}
        </button>
        <button
          type="button"
          className="plain-button"
          onClick={saveReport}
          disabled={act.isBusy}
          data-testid="tour-report"
        >
          <Icon name="download" size={18} /> {t('over.report')}
        </button>
      </div>
      <Fault sentence={act.fault} />
      <div className="tour-ends">
        <button type="button" className="main-button" onClick={leave}>
          {t('over.leave')}
        </button>
        <button type="button" className="plain-button" onClick={begin}>
          {t('over.again')}
        </button>
      </div>
    </>
  )
}
