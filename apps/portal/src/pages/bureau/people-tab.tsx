/** Finds somebody by the identity document, shows what the bureau keeps, and begins acts. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bureau, type DocumentType, documentTypes, type PersonDetail, personQuery } from '../../api/bureau.ts'
import { Did } from '../../parts/did.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Day, Moment } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { ActForm } from './act-form.tsx'
import { nameOf, useFactList } from './fact-words.tsx'

export function PeopleTab(): ReactElement {
  const { t } = useTranslation('bureau')
  const act = useAct()
  const [found, setFound] = useState<readonly string[]>()
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    act.run(async () => {
      const { people } = await bureau.findPerson({
        document_type: form.get('document_type') as DocumentType,
        document_number: form.get('document_number') as string,
      })
      setFound(people.map(({ personId }) => personId))
    })
  }
  return (
    <>
      <Panel title={t('people.title')} note={t('people.note')}>
        <form className="bureau-search" onSubmit={search}>
          <label className="bureau-field">
            <span>{t('fact.document_type')}</span>
            <select name="document_type">
              {documentTypes.map((type) => (
                <option key={type} value={type}>
                  {t(`document.${type}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="bureau-field">
            <span>{t('fact.document_number')}</span>
            <input name="document_number" required minLength={4} maxLength={24} autoComplete="off" />
          </label>
          <button type="submit" className="main-button" disabled={act.isBusy} data-testid="find-person">
            <Icon name="search" />
            {t('people.find')}
          </button>
        </form>
        <Fault sentence={act.fault} />
        {found?.length === 0 && <p className="bureau-soft">{t('people.none')}</p>}
      </Panel>
      {found?.map((personId) => (
        <PersonView key={personId} personId={personId} />
      ))}
    </>
  )
}

function PersonView({ personId }: { readonly personId: string }): ReactElement {
  const query = useQuery(personQuery(personId))
  return <Loaded query={query}>{(person) => <Known person={person} />}</Loaded>
}

function Known({ person }: { readonly person: PersonDetail }): ReactElement {
  const { t } = useTranslation('bureau')
  const queryClient = useQueryClient()
  const factList = useFactList()
  const { status, certificates, history } = person
  return (
    <>
      <Panel title={nameOf(person.facts)}>
        <FactList
          facts={[
            {
              name: t('field.status'),
              value: <Tag tone={status === 'confirmed' ? 'good' : 'bad'}>{t(`personStatus.${status}`)}</Tag>,
            },
            { name: t('field.did'), value: <Did did={person.did} /> },
            { name: t('field.account'), value: <code>{person.accountId}</code> },
            ...factList(person.facts),
            {
              name: t('people.certificates'),
              value:
                certificates.length === 0
                  ? t('people.noCertificates')
                  : certificates.map(({ reference, status: word, issuedOnMs }) => (
                      <span key={reference} className="bureau-certificate">
                        <Day timeMs={issuedOnMs} />{' '}
                        <Tag tone={word === 'valid' ? 'good' : 'bad'}>{t(`certificate.${word}` as never)}</Tag>
                      </span>
                    )),
            },
          ]}
        />
        <ActForm person={person} done={() => queryClient.invalidateQueries({ queryKey: ['desk', 'bureau'] })} />
      </Panel>
      <Panel title={t('people.history')}>
        <RecordList
          caption={t('people.history')}
          rows={history.toReversed()}
          rowKey={({ atMs, kind }) => `${atMs} ${kind}`}
          columns={[
            {
              key: 'what',
              header: t('acts.what'),
              lead: true,
              cell: ({ kind }) => (kind === 'confirm' ? t('people.confirmed') : t(`act.${kind}`)),
            },
            {
              key: 'why',
              header: t('acts.why'),
              cell: ({ reason }) => (reason === undefined ? '—' : t(`reason.${reason}` as never)),
            },
            { key: 'when', header: t('acts.when'), cell: ({ atMs }) => <Moment timeMs={atMs} /> },
            {
              key: 'two',
              header: t('acts.officers'),
              cell: ({ two }) => t(two ? 'acts.two' : 'acts.one'),
            },
          ]}
        />
      </Panel>
    </>
  )
}
