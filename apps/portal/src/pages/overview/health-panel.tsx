import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCodeSentence } from '../../activity/sentence.ts'
import { groupQuery } from '../../api/groups.ts'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { WholeId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'

const tones = { ok: 'good', read_only: 'warn', stopped: 'bad' } as const satisfies Record<string, TagTone>

export function HealthPanel(): ReactElement {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const codeSentence = useCodeSentence()
  const { group } = useCity()
  const query = useQuery(groupQuery(group.id))
  return (
    <Panel title={t('health.title')}>
      <Loaded query={query} lines={5}>
        {({ health, projection, head, ruleset, stats }) => (
          <>
            {health.code !== undefined && <p className="health-reason">{codeSentence(health.code)}</p>}
            <FactList
              facts={[
                {
                  name: t('health.ledger'),
                  value: <Tag tone={tones[health.status]}>{t(`health.${health.status}`)}</Tag>,
                },
                {
                  name: t('health.lists'),
                  value:
                    projection.state === 'current'
                      ? t('health.current')
                      : t(`health.${projection.state}`, { span: format.span(projection.lagMs) }),
                },
                { name: t('health.queue'), value: <span className="numeric">{format.integer(stats.queued)}</span> },
                { name: t('health.rules'), value: ruleset.version },
                { name: t('health.fingerprint'), value: <WholeId id={head.root} /> },
              ]}
            />
            <p className="health-proof">
              <a href={paths.checkpoint(group.id)}>{t('health.checkpoint')}</a>
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  )
}
