import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { groupQuery } from '../../api/groups.ts'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { WholeId } from '../../parts/short-id.tsx'

export function RulesTab(): ReactElement {
  const { t } = useTranslation('governance')
  const { group } = useCity()
  const query = useQuery(groupQuery(group.id))
  return (
    <Panel title={t('rules.title')} note={t('rules.note')}>
      <Loaded query={query} lines={5}>
        {({ ruleset, readPolicy, origin, chainId, id }) => (
          <FactList
            facts={[
              { name: t('rules.version'), value: ruleset.version },
              { name: t('rules.hash'), value: <WholeId id={ruleset.hash} /> },
              { name: t('rules.reading'), value: t(`rules.policy.${readPolicy}`) },
              { name: t('rules.group'), value: <WholeId id={id} /> },
              { name: t('rules.origin'), value: <code>{origin}</code> },
              { name: t('rules.chain'), value: <code>{chainId}</code> },
              { name: t('rules.genesis'), value: <a href={paths.genesis(group.id)}>{t('rules.genesisOpen')}</a> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
