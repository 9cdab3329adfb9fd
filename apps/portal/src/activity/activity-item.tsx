import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../city/city-link.tsx'
import { useDidName } from '../city/member-name.ts'
import { shortenId } from '../format/shorten.ts'
import { Icon } from '../parts/icon.tsx'
import { Tag } from '../parts/tag.tsx'
import { When } from '../parts/when.tsx'
import { iconOf } from './domain-icon.ts'
import { useActivitySentence, useCodeSentence } from './sentence.ts'
import './activity.css'

export interface ActivityEntry {
  readonly id: string
  readonly code: string
  readonly signer: string
  readonly types: readonly string[]
  readonly timeMs: number
}

/** One transaction as a line that a resident understands; its page has the rest. */
export function ActivityItem({ entry }: { readonly entry: ActivityEntry }): ReactElement {
  const { t } = useTranslation('activity')
  const sentence = useActivitySentence()
  const codeSentence = useCodeSentence()
  const didName = useDidName()
  const refused = entry.code !== 'ok'
  return (
    <li className="activity">
      <CityLink to={`/explorer/transactions/${entry.id}`} className="activity-link">
        <span className={refused ? 'activity-icon activity-icon-refused' : 'activity-icon'}>
          <Icon name={iconOf(entry.types)} />
        </span>
        <span className="activity-words">
          <span className="activity-sentence">
            {sentence(entry.types)} {refused && <Tag tone="bad">{t('refused')}</Tag>}
          </span>
          <span className="activity-by">
            <span className="activity-who" title={entry.signer}>
              {didName(entry.signer) ?? shortenId(entry.signer)}
            </span>
            {refused && <span className="activity-why">{codeSentence(entry.code)}</span>}
          </span>
        </span>
        <span className="activity-when">
          <When timeMs={entry.timeMs} />
        </span>
      </CityLink>
    </li>
  )
}
