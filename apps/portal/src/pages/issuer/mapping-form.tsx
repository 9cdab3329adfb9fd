/** Which column of a file is which field; columns that are called like a field are found without being asked. */
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Mapping, OfficeType, TakenRegister } from '../../api/issuer.ts'
import { useTexts } from './words.ts'

/** As the bureau's certificate of identity names them. */
const documentTypes = ['resident_card', 'non_resident_card', 'passport', 'travel_permit'] as const

export function startMapping({ columns }: TakenRegister, { fields }: OfficeType): Mapping {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  const found = fields.flatMap(({ name, labels }): [string, string][] => {
    const names = [name, ...Object.values(labels)].map(plain)
    const column = columns.find((candidate) => names.includes(plain(candidate)))
    return column === undefined ? [] : [[name, column]]
  })
  const taken = new Set(found.map(([, column]) => column))
  const documentNumber = columns.find(
    (column) => !taken.has(column) && /document|bir|passport|證件|证件|護照|护照/i.test(column),
  )
  return {
    columns: Object.fromEntries(found),
    ...(documentNumber === undefined ? {} : { documentNumber }),
    documentType: { always: documentTypes[0] },
  }
}

export interface MappingFormProps {
  readonly taken: TakenRegister
  readonly type: OfficeType
  readonly mapping: Mapping
  readonly change: (mapping: Mapping) => void
}

export function MappingForm({ taken, type, mapping, change }: MappingFormProps): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const { documentType } = mapping
  const always = documentType !== undefined && 'always' in documentType ? documentType.always : documentTypes[0]
  const example = (column: string | undefined) => {
    const at = column === undefined ? -1 : taken.columns.indexOf(column)
    return taken.firstRows[0]?.cells[at] ?? ''
  }
  return (
    <div className="issuer-mapping">
      <ColumnChoice
        label={t('mapping.document')}
        columns={taken.columns}
        chosen={mapping.documentNumber}
        example={example(mapping.documentNumber)}
        isNeeded
        choose={(column) => {
          const { documentNumber: _, ...rest } = mapping
          change(column === undefined ? rest : { ...rest, documentNumber: column })
        }}
        testId="map-document"
      />
      <DocumentType chosen={always} choose={(kind) => change({ ...mapping, documentType: { always: kind } })} />
      {type.fields.map(({ name, labels, isRequired }) => (
        <ColumnChoice
          key={name}
          label={text(labels)}
          columns={taken.columns}
          chosen={mapping.columns[name]}
          example={example(mapping.columns[name])}
          isNeeded={isRequired}
          choose={(column) => {
            const { [name]: _, ...rest } = mapping.columns
            change({ ...mapping, columns: column === undefined ? rest : { ...rest, [name]: column } })
          }}
          testId={`map-${name}`}
        />
      ))}
    </div>
  )
}

function DocumentType({
  chosen,
  choose,
}: {
  readonly chosen: string
  readonly choose: (kind: string) => void
}): ReactElement {
  const { t } = useTranslation(['issuer', 'values'])
  const id = useId()
  return (
    <div className="issuer-line">
      <label htmlFor={id}>{t('mapping.documentType')}</label>
      <select id={id} value={chosen} onChange={(event) => choose(event.target.value)}>
        {documentTypes.map((kind) => (
          <option key={kind} value={kind}>
            {t(`values:document_type.${kind}`)}
          </option>
        ))}
      </select>
    </div>
  )
}

interface ColumnChoiceProps {
  readonly label: string
  readonly columns: readonly string[]
  readonly chosen: string | undefined
  readonly example: string
  readonly isNeeded: boolean
  readonly choose: (column: string | undefined) => void
  readonly testId: string
}

function ColumnChoice({ label, columns, chosen, example, isNeeded, choose, testId }: ColumnChoiceProps): ReactElement {
  const { t } = useTranslation('issuer')
  const id = useId()
  const isMissing = isNeeded && chosen === undefined
  return (
    <div className="issuer-line">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={chosen ?? ''}
        aria-invalid={isMissing}
        onChange={(event) => choose(event.target.value === '' ? undefined : event.target.value)}
        data-testid={testId}
      >
        <option value="">{isNeeded ? t('mapping.choose') : t('mapping.none')}</option>
        {columns.map((column) => (
          <option key={column} value={column}>
            {column}
          </option>
        ))}
      </select>
      <span className="issuer-example">{isMissing ? t('mapping.missing') : example}</span>
    </div>
  )
}
