/** The members at work: who is heard, how far each is, who stands behind the newest receipts, and what does not fit. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Consortium, type ConsortiumMember, consortiumQuery } from '../../api/consortium.ts'
import { groupQuery } from '../../api/groups.ts'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { useMemberName } from '../../city/member-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId, WholeId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'

const contactTones = { self: 'good', heard: 'good', silent: 'bad', unknown: 'quiet' } as const satisfies Record<
  ConsortiumMember['contact'],
  TagTone
>

export function ConsortiumTab(): ReactElement {
  const { t } = useTranslation('governance')
  const { group } = useCity()
  const query = useQuery(consortiumQuery(group.id))
  return (
    <>
      <Loaded query={query} lines={6}>
        {(consortium) => (
          <>
            <MisbehaviourPanel />
            {consortium.contradictions.length > 0 && <ContradictionsPanel consortium={consortium} />}
            <QuorumPanel consortium={consortium} />
            <Panel title={t('consortium.members')} note={t('consortium.membersNote')}>
              <MemberList consortium={consortium} />
            </Panel>
            {consortium.contradictions.length === 0 && (
              <Panel title={t('consortium.contradictions')}>
                <Empty
                  icon="check"
                  title={t('consortium.noContradictions')}
                  next={t('consortium.noContradictionsNext')}
                />
              </Panel>
            )}
          </>
        )}
      </Loaded>
    </>
  )
}

/** A block or two lie between members at any time. */
const behindBlocks = 5

function QuorumPanel({ consortium }: { readonly consortium: Consortium }): ReactElement {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const memberName = useMemberName()
  const { group } = useCity()
  const { consensus, lacking, head } = useQuery(groupQuery(group.id)).data ?? {}
  const { quorum, size, ruleset, witnesses } = consortium
  const waiting = size - (quorum.size ?? 0)
  const witnessNames = witnesses.map(({ name, fault }) => (fault === undefined ? name : `${name} (${fault})`))
  return (
    <Panel title={t('consortium.quorum')} note={t('consortium.quorumNote')}>
      <FactList
        facts={[
          {
            name: t('consortium.cosigned'),
            value: (
              <Tag tone={quorum.members.length >= quorum.needed ? 'good' : 'warn'}>
                {t('consortium.cosignedBy', {
                  count: format.integer(quorum.members.length),
                  needed: format.integer(quorum.needed),
                })}
              </Tag>
            ),
          },
          { name: t('consortium.entries'), value: <span className="numeric">{format.integer(quorum.size ?? 0)}</span> },
          {
            name: t('consortium.waiting'),
            value: waiting === 0 ? t('consortium.nothingWaits') : format.integer(waiting),
          },
          ...(consensus === undefined
            ? [{ name: t('consortium.ordering'), value: t('consortium.orderedAlone') }]
            : [
                { name: t('consortium.ordering'), value: consensus.engine },
                {
                  name: t('consortium.node'),
                  value: (
                    <Tag tone={consensus.behind < behindBlocks ? 'good' : 'warn'}>
                      {consensus.behind < behindBlocks
                        ? t('consortium.nodeCurrent')
                        : t('consortium.nodeBehind', {
                            count: format.integer(consensus.behind),
                            height: format.integer(head?.height ?? 0),
                          })}
                    </Tag>
                  ),
                },
                {
                  name: t('consortium.proposer'),
                  value: consensus.proposer === undefined ? '—' : memberName(consensus.proposer),
                },
              ]),
          ...(lacking === undefined
            ? []
            : [
                {
                  name: t('consortium.older'),
                  value: (
                    <Tag tone="warn">
                      {t('consortium.olderMissing', { count: format.integer(lacking.toLeaf - lacking.fromLeaf) })}
                    </Tag>
                  ),
                },
              ]),
          ...(witnessNames.length === 0 ? [] : [{ name: t('consortium.witnesses'), value: witnessNames.join(', ') }]),
          { name: t('consortium.rules'), value: ruleset.version },
          { name: t('consortium.fingerprint'), value: <WholeId id={ruleset.hash} /> },
        ]}
      />
      <p className="health-proof">
        <a href={paths.checkpoint(group.id)}>{t('consortium.checkpoint')}</a>
      </p>
    </Panel>
  )
}

function MemberList({ consortium }: { readonly consortium: Consortium }): ReactElement {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const memberName = useMemberName()
  const { ruleset } = consortium
  return (
    <RecordList
      caption={t('consortium.members')}
      rows={consortium.members}
      rowKey={({ memberId }) => memberId}
      columns={[
        {
          key: 'name',
          header: t('members.name'),
          lead: true,
          cell: ({ memberId }) => <ShortId id={memberId} label={memberName(memberId)} />,
        },
        {
          key: 'contact',
          header: t('consortium.contact'),
          cell: ({ contact, heardAtMs }) => (
            <>
              <Tag tone={contactTones[contact]}>{t(`consortium.contacts.${contact}`)}</Tag>{' '}
              {heardAtMs !== undefined && <When timeMs={heardAtMs} />}
            </>
          ),
        },
        {
          key: 'cosigned',
          header: t('consortium.signature'),
          cell: ({ hasCosigned }) => (
            <Tag tone={hasCosigned ? 'good' : 'quiet'}>
              {t(hasCosigned ? 'consortium.signed' : 'consortium.unsigned')}
            </Tag>
          ),
        },
        {
          key: 'entries',
          header: t('consortium.entriesOf'),
          numeric: true,
          cell: ({ size, lagLeaves = 0 }) => (
            <>
              {size === undefined ? '—' : format.integer(size)}{' '}
              {lagLeaves > 0 && <Tag tone="warn">{t('consortium.behind', { count: format.integer(lagLeaves) })}</Tag>}
            </>
          ),
        },
        {
          key: 'program',
          header: t('consortium.program'),
          cell: (member) => (
            <>
              {member.version ?? '—'}{' '}
              {member.ruleset !== undefined && member.ruleset.hash !== ruleset.hash && (
                <Tag tone="bad">{t('consortium.otherRules')}</Tag>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

/** Shown as soon as there is something to show: whoever signed two things at once. */
function MisbehaviourPanel(): ReactElement | null {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const memberName = useMemberName()
  const { group } = useCity()
  const misbehaved = useQuery(groupQuery(group.id)).data?.consensus?.misbehaved ?? []
  if (misbehaved.length === 0) return null
  return (
    <Panel title={t('consortium.misbehaved')} note={t('consortium.misbehavedNote')}>
      <RecordList
        caption={t('consortium.misbehaved')}
        rows={misbehaved}
        rowKey={({ member, type, height }) => `${member} ${type} ${height}`}
        columns={[
          {
            key: 'member',
            header: t('members.name'),
            lead: true,
            cell: ({ member }) => <ShortId id={member} label={memberName(member)} />,
          },
          {
            key: 'what',
            header: t('consortium.what'),
            cell: ({ type }) => <Tag tone="bad">{t(`consortium.misbehaviours.${type}`)}</Tag>,
          },
          { key: 'block', header: t('consortium.block'), numeric: true, cell: ({ height }) => format.integer(height) },
          { key: 'when', header: t('consortium.blockTime'), cell: ({ timeMs }) => <When timeMs={timeMs} /> },
        ]}
      />
    </Panel>
  )
}

function ContradictionsPanel({ consortium }: { readonly consortium: Consortium }): ReactElement {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const memberName = useMemberName()
  const { group } = useCity()
  const names = (memberIds: readonly string[]) => memberIds.map(memberName).join(', ')
  return (
    <Panel title={t('consortium.contradictions')} note={t('consortium.contradictionsNote')}>
      <RecordList
        caption={t('consortium.contradictions')}
        rows={consortium.contradictions}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'kind',
            header: t('consortium.what'),
            lead: true,
            cell: ({ kind }) => <Tag tone="bad">{t(`consortium.kinds.${kind}`)}</Tag>,
          },
          { key: 'signers', header: t('consortium.signers'), cell: ({ signedBy }) => names(signedBy) },
          {
            key: 'both',
            header: t('consortium.both'),
            cell: ({ equivocating }) => (equivocating.length === 0 ? '—' : names(equivocating)),
          },
          { key: 'sizes', header: t('consortium.sizes'), cell: ({ sizes }) => sizes.map(format.integer).join(' · ') },
          { key: 'found', header: t('consortium.found'), cell: ({ foundAtMs }) => <When timeMs={foundAtMs} /> },
          {
            key: 'proof',
            header: t('consortium.proof'),
            cell: ({ id }) => (
              <a href={paths.contradiction(group.id, id)} download={`${id}.json`}>
                {t('consortium.download')}
              </a>
            ),
          },
        ]}
      />
    </Panel>
  )
}
