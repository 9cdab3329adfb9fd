/** Officers invite officers: one proposes, another agrees and hands the link over. */
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Invitation, invitationsQuery, signIn } from '../../api/sign-in.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'

const offered = {
  bureau: ['bureau_clerk', 'bureau_officer'],
  issuer: ['issuer_clerk', 'issuer_officer'],
  department: ['department_officer'],
  verifier: ['verifier_officer'],
} as const

const tones: { readonly [status: string]: TagTone } = {
  proposed: 'warn',
  open: 'good',
  used: 'quiet',
  withdrawn: 'quiet',
}

export function Invitations({ own }: { readonly own: readonly string[] }): ReactElement {
  const { t } = useTranslation('session')
  const query = useQuery(invitationsQuery)
  const act = useAct()
  const [link, setLink] = useState<string>()
  const kinds = (Object.keys(offered) as (keyof typeof offered)[]).filter((kind) =>
    own.some((role) => role.startsWith(`${kind}_`)),
  )
  const propose = (role: string) => () =>
    act.run(async () => {
      await signIn.proposeInvitation([role])
      await query.refetch()
    })
  const approve = (invitationId: string) => () =>
    act.run(async () => {
      const { secret } = await signIn.approveInvitation(invitationId)
      setLink(`${location.origin}/sign-in#invitation=${secret}`)
      await query.refetch()
    })
  const actOf = ({ invitationId, status, mine }: Invitation) => {
    if (status !== 'proposed') return null
    if (mine) return t('invitations.waits')
    return (
      <button
        type="button"
        className="link-button"
        onClick={approve(invitationId)}
        disabled={act.isBusy}
        data-testid="approve-invitation"
      >
        {t('invitations.approve')}
      </button>
    )
  }
  return (
    <Panel title={t('invitations.title')} note={t('invitations.note')}>
      <Loaded query={query} lines={2}>
        {(invitations) =>
          invitations.length > 0 && (
            <RecordList
              caption={t('invitations.title')}
              rows={invitations}
              rowKey={({ invitationId }) => invitationId}
              columns={[
                {
                  key: 'roles',
                  header: t('account.roles'),
                  lead: true,
                  cell: ({ roles }) => roles.map((role) => t(`role.${role}` as never)).join(', '),
                },
                {
                  key: 'made',
                  header: t('invitations.made'),
                  cell: ({ createdAtMs }) => <When timeMs={createdAtMs} />,
                },
                {
                  key: 'status',
                  header: t('invitations.status'),
                  cell: ({ status }) => <Tag tone={tones[status] ?? 'quiet'}>{t(`invitations.is.${status}`)}</Tag>,
                },
                { key: 'act', header: t('act'), cell: actOf },
              ]}
            />
          )
        }
      </Loaded>
      {link !== undefined && (
        <div className="invitation-link">
          <p>{t('invitations.link')}</p>
          <div className="invitation-text">
            <code data-testid="invitation-link">{link}</code>
            <CopyButton text={link} />
          </div>
        </div>
      )}
      <div className="button-row">
        {kinds
          .flatMap((kind) => offered[kind])
          .map((role) => (
            <button
              key={role}
              type="button"
              className="plain-button"
              onClick={propose(role)}
              disabled={act.isBusy}
              data-testid={`invite-${role}`}
            >
              {t('invitations.propose', { role: t(`role.${role}`) })}
            </button>
          ))}
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
