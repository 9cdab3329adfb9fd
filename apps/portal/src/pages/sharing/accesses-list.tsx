/** Every look at a licence: who, for what, on which ground, which fields, and the receipt that all three keep. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Access, accessesQuery } from '../../api/sharing.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Moment } from '../../parts/when.tsx'
import { ReceiptButton } from './receipt-button.tsx'
import { useSharingWords } from './words.ts'

export function AccessesList({ who }: { readonly who: 'office' | 'resident' }): ReactElement {
  const { t } = useTranslation('sharing')
  const words = useSharingWords()
  const query = useQuery(accessesQuery(who))
  const ground = ({ law }: Access) => (law === undefined ? t('ground.consent') : law)
  return (
    <Loaded query={query}>
      {(accesses) =>
        accesses.length === 0 ? (
          <Empty icon="clock" title={t(`looks.none.${who}`)} next={t('looks.next')} />
        ) : (
          <RecordList
            caption={t('looks.title')}
            rows={accesses}
            rowKey={({ accessId }) => accessId}
            columns={[
              {
                key: 'who',
                header: t('looks.who'),
                lead: true,
                cell: ({ consumer }) => words.text(consumer.names, consumer.office),
              },
              {
                key: 'purpose',
                header: t('purpose'),
                cell: ({ purpose, purposeId }) => words.text(purpose, purposeId),
              },
              { key: 'ground', header: t('ground.title'), cell: ground },
              {
                key: 'fields',
                header: t('fields'),
                cell: (access) => `${words.type(access.display, access.typeId)}: ${words.fields(access)}`,
              },
              { key: 'at', header: t('looks.at'), cell: ({ atMs }) => <Moment timeMs={atMs} /> },
              {
                key: 'receipt',
                header: t('looks.receipt'),
                cell: ({ statementId }) => <ReceiptButton statementId={statementId} />,
              },
            ]}
          />
        )
      }
    </Loaded>
  )
}
