/** One's own account: passkeys, sessions, and for officers the invitations of their office. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ownSessionsQuery, type SignedInPerson, signIn } from '../../api/sign-in.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Did } from '../../parts/did.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Moment, When } from '../../parts/when.tsx'
import { homeOf, useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { Invitations } from './invitations.tsx'

export function AccountView({ person }: { readonly person: SignedInPerson }): ReactElement {
  const { t } = useTranslation('session')
  const { signOut } = useSession()
  const act = useAct()
  const facts = [
    { name: t('account.kind'), value: t(`account.kinds.${person.kind}`) },
    ...(person.office === undefined
      ? []
      : [{ name: t('account.office'), value: <OfficeName office={person.office} /> }]),
    ...(person.roles.length === 0
      ? []
      : [{ name: t('account.roles'), value: person.roles.map((role) => t(`role.${role}` as never)).join(', ') }]),
    ...(person.ownDid === undefined ? [] : [{ name: t('account.did'), value: <Did did={person.ownDid} /> }]),
    { name: t('account.since'), value: <When timeMs={person.signedInAtMs} /> },
  ]
  return (
    <Page
      title={t('account.title')}
      actions={
        <button
          type="button"
          className="plain-button"
          onClick={() => act.run(signOut)}
          disabled={act.isBusy}
          data-testid="sign-out"
        >
          {t('account.signOut')}
        </button>
      }
    >
      <Panel
        title={t('account.you')}
        action={<CityLink to={homeOf(person)}>{t('account.home')}</CityLink>}
        {...(person.kind === 'resident' && person.did === undefined ? { note: t('account.notOnLedger') } : {})}
      >
        <FactList facts={facts} />
      </Panel>
      {person.persona === undefined && <Passkeys person={person} />}
      <Sessions />
      {person.kind === 'officer' && <Invitations own={person.roles} />}
    </Page>
  )
}

function OfficeName({ office }: { readonly office: string }): ReactElement {
  const { t, i18n } = useTranslation('session')
  return <>{i18n.exists(`session:office.${office}`) ? t(`office.${office}` as never) : office}</>
}

function Passkeys({ person }: { readonly person: SignedInPerson }): ReactElement {
  const { t } = useTranslation('session')
  const { register, signIn: show, refresh } = useSession()
  const act = useAct()
  const remove = (credentialId: string) => () =>
    act.run(async () => {
      await signIn.removePasskey(credentialId)
      await refresh()
    })
  return (
    <Panel title={t('passkeys.title')} note={t('passkeys.note')}>
      <RecordList
        caption={t('passkeys.title')}
        rows={person.passkeys}
        rowKey={({ credentialId }) => credentialId}
        columns={[
          { key: 'key', header: t('passkeys.key'), lead: true, cell: ({ keyId }) => t('passkeys.name', { keyId }) },
          { key: 'made', header: t('passkeys.made'), cell: ({ createdAtMs }) => <When timeMs={createdAtMs} /> },
          {
            key: 'remove',
            header: t('act'),
            cell: ({ credentialId }) =>
              person.passkeys.length > 1 && (
                <button type="button" className="link-button" onClick={remove(credentialId)} disabled={act.isBusy}>
                  {t('passkeys.remove')}
                </button>
              ),
          },
        ]}
      />
      <div className="button-row">
        <button
          type="button"
          className="plain-button"
          disabled={act.isBusy}
          onClick={() => act.run(() => register({ userName: t('signIn.userName') }))}
          data-testid="add-passkey"
        >
          <Icon name="key" size={18} />
          {t('passkeys.add')}
        </button>
        <button type="button" className="link-button" disabled={act.isBusy} onClick={() => act.run(show)}>
          {t('passkeys.again')}
        </button>
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function Sessions(): ReactElement {
  const { t } = useTranslation('session')
  const query = useQuery(ownSessionsQuery)
  const act = useAct()
  const end = (sessionId: string) => () =>
    act.run(async () => {
      await signIn.endSession(sessionId)
      await query.refetch()
    })
  return (
    <Panel title={t('sessions.title')} note={t('sessions.note')}>
      <Loaded query={query} lines={2}>
        {(sessions) => (
          <RecordList
            caption={t('sessions.title')}
            rows={sessions}
            rowKey={({ sessionId }) => sessionId}
            columns={[
              { key: 'device', header: t('sessions.device'), lead: true, cell: ({ device }) => device },
              { key: 'since', header: t('sessions.since'), cell: ({ signedInAtMs }) => <When timeMs={signedInAtMs} /> },
              { key: 'until', header: t('sessions.until'), cell: ({ untilMs }) => <Moment timeMs={untilMs} /> },
              {
                key: 'end',
                header: t('act'),
                cell: ({ sessionId, current }) =>
                  current ? (
                    <Tag tone="good">{t('sessions.current')}</Tag>
                  ) : (
                    <button type="button" className="link-button" onClick={end(sessionId)} disabled={act.isBusy}>
                      {t('sessions.end')}
                    </button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
