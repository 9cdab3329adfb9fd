import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { closeHanGaps, eventWord } from '../../activity/event-values.ts'
import { committeeQuery, listProposals, type Proposal } from '../../api/governance.ts'
import { useCity } from '../../city/city.ts'
import { useKnownName, useMemberName } from '../../city/member-name.ts'
import { useTypeName } from '../../city/type-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { PagedPanel } from '../../parts/paged.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'

const tones = { open: 'warn', passed: 'good', withdrawn: 'quiet', expired: 'quiet' } as const satisfies Record<
  string,
  TagTone
>

export function ProposalsTab(): ReactElement {
  const { t } = useTranslation('governance')
  const { group } = useCity()
  const committee = useQuery(committeeQuery(group.id)).data
  return (
    <PagedPanel
      title={t('proposals.title')}
      note={t('proposals.note')}
      queryKey={['proposals', group.id]}
      load={(page, signal) => listProposals(group.id, page, signal)}
      empty={<Empty icon="governance" title={t('proposals.empty')} next={t('proposals.emptyNext')} />}
    >
      {(rows) => (
        <ul className="proposals">
          {rows.map((proposal) => (
            <ProposalItem key={proposal.proposalId} proposal={proposal} threshold={committee?.threshold} />
          ))}
        </ul>
      )}
    </PagedPanel>
  )
}

function ProposalItem({
  proposal,
  threshold,
}: {
  readonly proposal: Proposal
  readonly threshold: number | undefined
}): ReactElement {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const nowMs = useNowMs()
  const { proposalId, proposer, change, approvedBy, expiresAtMs } = proposal
  const status = proposal.status === 'open' && expiresAtMs <= nowMs ? 'expired' : proposal.status
  return (
    <li className="proposal">
      <div className="proposal-head">
        <h3 className="proposal-change">
          <ChangeWords change={change} />
        </h3>
        <Tag tone={tones[status]}>{t(`proposals.${status}`)}</Tag>
      </div>
      <p className="proposal-by">
        {t('proposals.by')} <Did did={proposer} copy={false} /> · <ShortId id={proposalId} />
      </p>
      <div className="approvals">
        <meter
          min={0}
          max={Math.max(threshold ?? approvedBy.length, 1)}
          value={Math.min(approvedBy.length, threshold ?? approvedBy.length)}
          aria-label={t('proposals.approvals')}
        />
        <span>
          {threshold === undefined
            ? t('proposals.approved', { count: format.integer(approvedBy.length) })
            : t('proposals.approvedOf', {
                count: format.integer(approvedBy.length),
                threshold: format.integer(threshold),
              })}
        </span>
        {status === 'open' && (
          <span className="proposal-end">
            {t('proposals.until')} <Day timeMs={expiresAtMs} />
          </span>
        )}
      </div>
      <ul className="approvers">
        {approvedBy.map((did) => (
          <li key={did}>
            <Did did={did} copy={false} />
          </li>
        ))}
      </ul>
    </li>
  )
}

function ChangeWords({ change }: { readonly change: Proposal['change'] }): string {
  const { t, i18n } = useTranslation('governance')
  const format = useFormat()
  // DIDs stand as they are: their names come from the very roles that are given and taken here.
  const names = { did: () => undefined, known: useKnownName(), type: useTypeName(), member: useMemberName() }
  const key = `governance:changes.${change.kind}`
  if (!i18n.exists(key)) return change.kind
  const words = Object.entries(change).map(([name, value]) => [name, eventWord(name, value, format, names)])
  return closeHanGaps(t(key as never, Object.fromEntries(words) as Record<string, string>))
}
