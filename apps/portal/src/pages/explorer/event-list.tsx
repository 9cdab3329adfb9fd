/** What a transaction changed, one sentence an event, with every member of it below for those who compare. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { iconOf } from '../../activity/domain-icon.ts'
import { closeHanGaps, eventWord } from '../../activity/event-values.ts'
import type { StoredEvent } from '../../api/transactions.ts'
import { useDidName, useKnownName, useMemberName } from '../../city/member-name.ts'
import { useTypeName } from '../../city/type-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Icon } from '../../parts/icon.tsx'
import { RawValue } from './raw-value.tsx'

const shownAtOnce = 30

export function EventList({ events }: { readonly events: readonly StoredEvent[] }): ReactElement {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const [shown, setShown] = useState(shownAtOnce)
  return (
    <>
      <ol className="events">
        {events.slice(0, shown).map((event, index) => (
          // An event has no id of its own; its place in the transaction is what names it.
          <EventItem key={index} event={event} />
        ))}
      </ol>
      {events.length > shown && (
        <button type="button" className="plain-button" onClick={() => setShown(shown + shownAtOnce * 4)}>
          {t('events.more', { count: format.integer(events.length - shown) })}
        </button>
      )}
    </>
  )
}

function EventItem({ event }: { readonly event: StoredEvent }): ReactElement {
  const { t, i18n } = useTranslation(['explorer', 'activity'])
  const format = useFormat()
  const { type, ...members } = event
  const didName = useDidName()
  // Names of DIDs come from roles; where roles are given and taken they would say the same thing twice.
  const did = type.startsWith('governance.role') ? () => undefined : didName
  const names = { did, known: useKnownName(), type: useTypeName(), member: useMemberName() }
  const words = Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, eventWord(name, value, format, names)]),
  )
  const key = `activity:events.${type}`
  return (
    <li className="event">
      <details>
        <summary>
          <span className="event-icon">
            <Icon name={iconOf([type])} size={18} />
          </span>
          <span className="event-sentence">{i18n.exists(key) ? closeHanGaps(t(key as never, words)) : type}</span>
          <Icon name="down" size={18} />
        </summary>
        <FactList
          facts={[
            { name: t('events.type'), value: <code>{type}</code> },
            ...Object.entries(members).map(([name, value]) => ({
              name,
              value: <RawValue name={name} value={value} />,
            })),
          ]}
        />
      </details>
    </li>
  )
}
