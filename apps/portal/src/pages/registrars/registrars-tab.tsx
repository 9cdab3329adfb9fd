/** Who brings people in besides the bureau: proposed by one officer, agreed to by another, given by the committee. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Registrars, registrars, registrarsQuery } from '../../api/registrars.ts'
import { useMemberName } from '../../city/member-name.ts'
import { Did } from '../../parts/did.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Day, When } from '../../parts/when.tsx'
import { useSession } from '../../session/session.ts'
import { type Act, useAct } from '../../session/use-act.ts'

export function RegistrarsTab(): ReactElement {
  const { t } = useTranslation('registrars')
  const queryClient = useQueryClient()
  const query = useQuery(registrarsQuery)
  const act = useAct()
  const [told, setTold] = useState<'done' | 'with_committee' | 'declined'>()
  const run = (work: () => Promise<unknown>) =>
    act.run(async () => {
      setTold(undefined)
      await work()
      await queryClient.invalidateQueries({ queryKey: registrarsQuery.queryKey })
    })
  const propose = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    run(async () => {
      await registrars.propose((new FormData(form).get('did') as string).trim(), 'grant')
      form.reset()
    })
  }
  return (
    <>
      <Panel title={t('title')} note={t('note')}>
        <form className="bureau-search registrar-form" onSubmit={propose}>
          <label className="bureau-field">
            <span>{t('did')}</span>
            <input name="did" required pattern="\s*did:weid:[a-z0-9]+:0x[0-9a-f]{40}\s*" autoComplete="off" />
          </label>
          <button type="submit" className="main-button" disabled={act.isBusy} data-testid="propose-registrar">
            {t('propose')}
          </button>
        </form>
        <Fault sentence={act.fault} />
        {told !== undefined && <p role="status">{t(`state.${told}`)}</p>}
        <Loaded query={query}>
          {({ registrars: held }) => (
            <Holders rows={held} act={act} revoke={(did) => run(() => registrars.propose(did, 'revoke'))} />
          )}
        </Loaded>
      </Panel>
      <Panel title={t('openTitle')}>
        <Loaded query={query}>
          {({ open }) => (
            <Open
              rows={open}
              act={act}
              decide={(id, agree) => run(async () => setTold((await registrars.decide(id, agree)).state))}
            />
          )}
        </Loaded>
      </Panel>
    </>
  )
}

interface HoldersProps {
  readonly rows: Registrars['registrars']
  readonly act: Act
  readonly revoke: (did: string) => void
}

function Holders({ rows, act, revoke }: HoldersProps): ReactElement {
  const { t } = useTranslation('registrars')
  const memberName = useMemberName()
  if (rows.length === 0) return <Empty icon="bureau" title={t('none')} next={t('noneNext')} />
  return (
    <RecordList
      caption={t('title')}
      rows={rows}
      rowKey={({ did }) => did}
      columns={[
        { key: 'did', header: t('did'), lead: true, cell: ({ did }) => <Did did={did} /> },
        { key: 'member', header: t('member'), cell: ({ member }) => memberName(member) },
        { key: 'since', header: t('since'), cell: ({ sinceMs }) => <Day timeMs={sinceMs} /> },
        {
          key: 'revoke',
          header: t('decision'),
          cell: ({ did }) => (
            <button type="button" className="plain-button" disabled={act.isBusy} onClick={() => revoke(did)}>
              {t('revoke')}
            </button>
          ),
        },
      ]}
    />
  )
}

interface OpenProps {
  readonly rows: Registrars['open']
  readonly act: Act
  readonly decide: (authorisationId: string, agree: boolean) => void
}

function Open({ rows, act, decide }: OpenProps): ReactElement {
  const { t } = useTranslation(['registrars', 'bureau'])
  const isOfficer = useSession().person?.roles.includes('bureau_officer') === true
  if (rows.length === 0) return <Empty icon="bureau" title={t('openNone')} next={t('openNoneNext')} />
  return (
    <RecordList
      caption={t('openTitle')}
      rows={rows}
      rowKey={({ authorisationId }) => authorisationId}
      columns={[
        { key: 'did', header: t('did'), lead: true, cell: ({ did }) => <Did did={did} /> },
        { key: 'what', header: t('what'), cell: ({ kind }) => t(`kind.${kind}`) },
        { key: 'when', header: t('when'), cell: ({ proposedAtMs }) => <When timeMs={proposedAtMs} /> },
        {
          key: 'decide',
          header: t('decision'),
          cell: ({ authorisationId, mine }) => (
            <span className="bureau-row-acts">
              {mine && <span>{t('ownAct')}</span>}
              {!mine && !isOfficer && <span>{t('bureau:acts.waits')}</span>}
              {isOfficer && !mine && (
                <button
                  type="button"
                  className="main-button"
                  disabled={act.isBusy}
                  onClick={() => decide(authorisationId, true)}
                  data-testid="agree-registrar"
                >
                  {t('agree')}
                </button>
              )}
              {isOfficer && (
                <button
                  type="button"
                  className="plain-button"
                  disabled={act.isBusy}
                  onClick={() => decide(authorisationId, false)}
                >
                  {t('decline')}
                </button>
              )}
            </span>
          ),
        },
      ]}
    />
  )
}
