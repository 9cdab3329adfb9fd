import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listBatches } from '../../api/credentials.ts'
import { useCity } from '../../city/city.ts'
import { useTypeName } from '../../city/type-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { When } from '../../parts/when.tsx'

export function BatchesTab(): ReactElement {
  const { t } = useTranslation('certificates')
  const format = useFormat()
  const { group } = useCity()
  const typeName = useTypeName()
  return (
    <PagedPanel
      title={t('batches.title')}
      note={t('batches.note')}
      queryKey={['batches', group.id]}
      load={(page, signal) => listBatches(group.id, page, signal)}
      empty={<Empty icon="certificates" title={t('batches.empty')} next={t('batches.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('batches.title')}
          rows={rows}
          rowKey={({ batchId }) => batchId}
          columns={[
            {
              key: 'type',
              header: t('batches.type'),
              lead: true,
              cell: ({ typeId, transactionId }) => (
                <ShortId
                  id={typeId}
                  label={typeName(typeId)}
                  copy={false}
                  to={transactionId ? `/explorer/transactions/${transactionId}` : undefined}
                />
              ),
            },
            { key: 'count', header: t('batches.count'), numeric: true, cell: ({ count }) => format.integer(count) },
            { key: 'issuer', header: t('batches.issuer'), cell: ({ issuer }) => <Did did={issuer} copy={false} /> },
            { key: 'root', header: t('batches.root'), cell: ({ root }) => <ShortId id={root} /> },
            {
              key: 'when',
              header: t('batches.when'),
              numeric: true,
              cell: ({ anchoredAtMs }) => <When timeMs={anchoredAtMs} />,
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}
