import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listTypes } from '../../api/credentials.ts'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { useTypeName } from '../../city/type-name.ts'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Day } from '../../parts/when.tsx'

export function TypesTab(): ReactElement {
  const { t } = useTranslation('certificates')
  const { group } = useCity()
  const typeName = useTypeName()
  return (
    <PagedPanel
      title={t('types.title')}
      note={t('types.note')}
      queryKey={['credential-types', group.id]}
      load={(page, signal) => listTypes(group.id, page, signal)}
      empty={<Empty icon="certificates" title={t('types.empty')} next={t('types.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('types.title')}
          rows={rows}
          rowKey={({ typeId }) => typeId}
          columns={[
            {
              key: 'type',
              header: t('types.type'),
              lead: true,
              cell: ({ typeId }) => <ShortId id={typeId} label={typeName(typeId)} />,
            },
            {
              key: 'schema',
              header: t('types.schema'),
              cell: ({ schemaHash }) => <a href={paths.document(group.id, schemaHash)}>{t('types.open')}</a>,
            },
            {
              key: 'display',
              header: t('types.display'),
              cell: ({ displayHash }) => <a href={paths.document(group.id, displayHash)}>{t('types.open')}</a>,
            },
            {
              key: 'defined',
              header: t('types.defined'),
              numeric: true,
              cell: ({ definedAtMs }) => <Day timeMs={definedAtMs} />,
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}
