/** The types of the office: how much of each was issued, and drafts on their way to the ledger. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { issuerDesk, type Office, type OfficeType, officeQuery } from '../../api/issuer.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/panel.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag } from '../../parts/tag.tsx'
import { useAct } from '../../session/use-act.ts'
import { TypeEditor } from './type-editor.tsx'
import { useTexts } from './words.ts'

export function TypesTab({ office }: { readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const [edited, setEdited] = useState<OfficeType | 'new'>()
  if (edited !== undefined) {
    return <TypeEditor {...(edited === 'new' ? {} : { type: edited })} done={() => setEdited(undefined)} />
  }
  return (
    <div className="issuer-stack">
      <div className="button-row issuer-first-row">
        <button type="button" className="main-button" onClick={() => setEdited('new')} data-testid="type-new">
          <Icon name="issuer" />
          {t('types.new')}
        </button>
      </div>
      {office.types.map((type) => (
        <TypeCard key={type.typeId} type={type} office={office} edit={() => setEdited(type)} />
      ))}
    </div>
  )
}

interface TypeCardProps {
  readonly type: OfficeType
  readonly office: Office
  readonly edit: () => void
}

const tones = { draft: 'quiet', awaiting: 'warn', published: 'good' } as const

function TypeCard({ type, office, edit }: TypeCardProps): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const format = useFormat()
  const { certificates, entitlements, fields, linkage, state, validForDays, waiting } = type
  const facts = [
    { name: t('types.entitlements'), value: format.integer(entitlements.open) },
    { name: t('types.claimed'), value: format.integer(entitlements.claimed) },
    { name: t('types.valid'), value: format.integer(certificates.valid) },
    { name: t('types.stopped'), value: format.integer(certificates.suspended + certificates.revoked) },
    ...(waiting > 0 ? [{ name: t('types.waiting'), value: format.integer(waiting) }] : []),
    ...(validForDays === undefined
      ? []
      : [{ name: t('types.validFor'), value: t('types.validForDays', { days: format.integer(validForDays) }) }]),
    { name: t('types.fields'), value: fields.map(({ labels }) => text(labels)).join(t('joint')) },
    { name: t('types.schema'), value: <ShortId id={type.schemaHash} /> },
    { name: t('types.display'), value: <ShortId id={type.displayHash} /> },
  ]
  return (
    <Panel
      title={text(type.names)}
      note={linkage === 'identified' ? t('types.identified') : t('types.unlinkable', { k: office.smallestRoot })}
      action={<Tag tone={tones[state]}>{t(`types.state.${state}`)}</Tag>}
    >
      <FactList facts={facts} />
      {state !== 'published' && <DraftActs type={type} edit={edit} />}
    </Panel>
  )
}

function DraftActs({ type, edit }: Omit<TypeCardProps, 'office'>): ReactElement {
  const { t } = useTranslation('issuer')
  const queryClient = useQueryClient()
  const act = useAct()
  const then = (work: () => Promise<unknown>) =>
    act.run(async () => {
      try {
        await work()
      } finally {
        await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey })
      }
    })
  return (
    <>
      <div className="button-row">
        <button
          type="button"
          className="main-button"
          disabled={act.isBusy}
          onClick={() => then(() => issuerDesk.publish(type.typeId))}
          data-testid="type-publish"
        >
          {t('types.publish')}
        </button>
        {type.state === 'draft' && (
          <>
            <button type="button" className="plain-button" onClick={edit}>
              {t('types.edit')}
            </button>
            <button
              type="button"
              className="plain-button"
              disabled={act.isBusy}
              onClick={() => then(() => issuerDesk.discard(type.typeId))}
            >
              {t('types.discard')}
            </button>
          </>
        )}
      </div>
      <Fault sentence={act.fault} />
    </>
  )
}
