/** Whether the officer who is signed in may sign at the counter, and what is missing. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { officerQuery } from '../../api/bureau.ts'
import { Did } from '../../parts/did.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'

export function OwnStandingPanel(): ReactElement {
  const { t } = useTranslation('bureau')
  const { bringIn } = useSession()
  const query = useQuery(officerQuery)
  const queryClient = useQueryClient()
  const act = useAct()
  const enter = () =>
    act.run(async () => {
      await bringIn()
      await queryClient.invalidateQueries({ queryKey: officerQuery.queryKey })
    })
  return (
    <Panel title={t('ownKey.title')} note={t('ownKey.note')}>
      <Loaded query={query}>
        {({ did, onLedger, entitled }) => (
          <div className="bureau-act">
            {did !== undefined && <Did did={did} />}
            <p className="bureau-soft" data-testid="own-standing">
              {t(entitled ? 'ownKey.entitled' : onLedger ? 'ownKey.waits' : 'ownKey.missing')}
            </p>
            {!onLedger && did !== undefined && (
              <button
                type="button"
                className="plain-button"
                onClick={enter}
                disabled={act.isBusy}
                data-testid="bring-officer-in"
              >
                {t('ownKey.bringIn')}
              </button>
            )}
          </div>
        )}
      </Loaded>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
