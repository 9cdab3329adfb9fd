import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listStatusLists } from '../../api/credentials.ts'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Day, When } from '../../parts/when.tsx'

export function StatusListsTab(): ReactElement {
  const { t } = useTranslation('certificates')
  const format = useFormat()
  const { group } = useCity()
  return (
    <PagedPanel
      title={t('statusLists.title')}
      note={t('statusLists.note')}
      queryKey={['status-lists', group.id]}
      load={(page, signal) => listStatusLists(group.id, page, signal)}
      empty={<Empty icon="certificates" title={t('statusLists.empty')} next={t('statusLists.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('statusLists.title')}
          rows={rows}
          rowKey={({ listId }) => listId}
          columns={[
            { key: 'list', header: t('statusLists.list'), lead: true, cell: ({ listId }) => <ShortId id={listId} /> },
            { key: 'issuer', header: t('statusLists.issuer'), cell: ({ issuer }) => <Did did={issuer} copy={false} /> },
            {
              key: 'version',
              header: t('statusLists.version'),
              numeric: true,
              cell: ({ version }) => format.integer(version),
            },
            {
              key: 'valid',
              header: t('statusLists.valid'),
              cell: ({ validUntilMs }) =>
                validUntilMs === undefined ? t('statusLists.unlimited') : <Day timeMs={validUntilMs} />,
            },
            {
              key: 'hash',
              header: t('statusLists.document'),
              cell: ({ hash }) => <a href={paths.document(group.id, hash)}>{t('types.open')}</a>,
            },
            {
              key: 'when',
              header: t('statusLists.when'),
              numeric: true,
              cell: ({ anchoredAtMs }) => <When timeMs={anchoredAtMs} />,
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}
