/** An office that is dissolved passes its types to a successor: what passes, two officers' agreement, what has passed and come. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Office, officeQuery } from '../../api/issuer.ts'
import { type Proposal, type SuccessionOverview, successionDesk, successionQuery } from '../../api/succession.ts'
import { useFormat } from '../../format/use-format.ts'
import { Fault } from '../../parts/fault.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Moment } from '../../parts/when.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { InheritedPanel } from './inherited-panel.tsx'
import { SuccessionForm } from './succession-form.tsx'
import { useTexts } from './words.ts'

export function SuccessionTab({ office }: { readonly office: Office }): ReactElement {
  const query = useQuery(successionQuery)
  return (
    <Loaded query={query}>
      {(overview) => (
        <div className="issuer-stack">
          {overview.inherited.map((each) => (
            <InheritedPanel
              key={`${each.from} ${each.typeId}`}
              inherited={each}
              offices={overview.offices}
              own={office}
            />
          ))}
          <SuccessionForm overview={overview} />
          {overview.proposals.length > 0 && <Proposals overview={overview} />}
          {overview.passed.length > 0 && <Passed overview={overview} />}
        </div>
      )}
    </Loaded>
  )
}

function useNames({ types, offices }: SuccessionOverview) {
  const text = useTexts()
  return {
    type(typeId: string): string {
      const type = types.find((each) => each.typeId === typeId)
      return type === undefined ? typeId : text(type.names)
    },
    office(word: string): string {
      const office = offices.find((each) => each.office === word)
      return office === undefined ? word : text(office.names)
    },
  }
}

function Proposals({ overview }: { readonly overview: SuccessionOverview }): ReactElement {
  const { t } = useTranslation('issuer')
  return (
    <Panel title={t('succession.proposals.title')} note={t('succession.proposals.note')}>
      {overview.proposals.map((proposal) => (
        <Proposed key={proposal.successionId} proposal={proposal} overview={overview} />
      ))}
    </Panel>
  )
}

function Proposed({ proposal, overview }: { readonly proposal: Proposal; readonly overview: SuccessionOverview }) {
  const { t } = useTranslation('issuer')
  const names = useNames(overview)
  const queryClient = useQueryClient()
  const act = useAct()
  const { signer } = useSession()
  const { successionId, typeId, to, state, proposedAtMs, mine } = proposal
  const decide = (agree: boolean) =>
    act.run(async () => {
      await successionDesk.decide(successionId, agree, await signer())
      await queryClient.invalidateQueries({ queryKey: successionQuery.queryKey.slice(0, 2) })
      await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey })
    })
  const isPassing = act.isBusy || state === 'agreed'
  return (
    <div className="issuer-proposed" data-testid="succession-proposed" data-type={typeId}>
      <p>
        <strong>{t('succession.proposals.one', { type: names.type(typeId), successor: names.office(to) })}</strong>
        <br />
        <Moment timeMs={proposedAtMs} />
      </p>
      <div className="button-row">
        <button
          type="button"
          className="main-button issuer-danger"
          disabled={(mine && state === 'open') || act.isBusy}
          onClick={() => decide(true)}
          data-testid="succession-agree"
        >
          {state === 'agreed' ? t('succession.proposals.goOn') : t('succession.proposals.agree')}
        </button>
        {state === 'open' && (
          <button
            type="button"
            className="plain-button"
            disabled={act.isBusy}
            onClick={() => decide(false)}
            data-testid="succession-decline"
          >
            {mine ? t('acts.takeBack') : t('acts.reject')}
          </button>
        )}
      </div>
      {mine && state === 'open' && <p className="issuer-example">{t('acts.own')}</p>}
      <p role="status">{isPassing ? t('succession.proposals.passing') : ''}</p>
      <Fault sentence={act.fault} />
    </div>
  )
}

function Passed({ overview }: { readonly overview: SuccessionOverview }): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const names = useNames(overview)
  const { passed, types } = overview
  return (
    <Panel
      title={t('succession.passed.title')}
      note={t('succession.passed.progress', { done: format.integer(passed.length), all: format.integer(types.length) })}
    >
      <RecordList
        caption={t('succession.passed.title')}
        rows={passed}
        rowKey={({ typeId }) => typeId}
        columns={[
          {
            key: 'type',
            header: t('succession.type'),
            lead: true,
            cell: ({ typeId }) => <span data-testid="succession-passed">{names.type(typeId)}</span>,
          },
          { key: 'to', header: t('succession.successor'), cell: ({ to }) => names.office(to) },
          {
            key: 'when',
            header: t('succession.passed.since'),
            cell: ({ decidedAtMs }) => <Moment timeMs={decidedAtMs} />,
          },
          {
            key: 'certificates',
            header: t('succession.certificates'),
            numeric: true,
            cell: ({ certificates = 0 }) => format.integer(certificates),
          },
          {
            key: 'entitlements',
            header: t('succession.entitlements'),
            numeric: true,
            cell: ({ entitlements = 0 }) => format.integer(entitlements),
          },
          {
            key: 'lists',
            header: t('succession.lists'),
            cell: ({ listsPassed }) => t(listsPassed ? 'succession.passed.lists' : 'succession.passed.noLists'),
          },
        ]}
      />
    </Panel>
  )
}
