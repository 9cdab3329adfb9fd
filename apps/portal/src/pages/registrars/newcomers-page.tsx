/** Newcomers: an office that is a registrar invites by passport; whoever follows the link comes in with a key of their own. */
import { type GroupId } from '@chengxin/kernel'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { useCodeSentence } from '../../activity/sentence.ts'
import type { IdentityFacts } from '../../api/bureau.ts'
import { ApiProblem } from '../../api/http.ts'
import { newcomersQuery, registrars } from '../../api/registrars.ts'
import { CityLink } from '../../city/city-link.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { QrCode } from '../../qr/qr-code.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { nameOf } from '../bureau/fact-words.tsx'
import { useTexts } from '../issuer/words.ts'
import '../../parts/button.css'
import '../bureau/bureau.css'

export function NewcomersPage(): ReactElement {
  const { t } = useTranslation('registrars')
  const { isKnown, person, sampleCity } = useSession()
  const { hash } = useLocation()
  const secret = new URLSearchParams(hash.slice(1)).get('newcomer') ?? undefined
  const isOfficer = person?.kind === 'officer'
  return (
    <Page title={t('newcomers.title')} {...(isOfficer && { lead: t('newcomers.lead') })}>
      {!isKnown && <Outline />}
      {isKnown && isOfficer && <Console />}
      {isKnown && !isOfficer && secret === undefined && (
        <Empty icon="key" title={t('newcomers.notAsked')} next={t('newcomers.notAskedNext')} />
      )}
      {isKnown && person === undefined && secret !== undefined && (
        <Empty
          icon="key"
          title={t('newcomers.signInFirst')}
          next={<CityLink to={sampleCity ? '/try' : '/sign-in'}>{t('newcomers.signIn')}</CityLink>}
        />
      )}
      {isKnown && person?.kind === 'resident' && secret !== undefined && <ComeIn secret={secret} />}
    </Page>
  )
}

const factFields = [
  ['family_name', 'text'],
  ['given_name', 'text'],
  ['birth_date', 'date'],
  ['document_number', 'text'],
  ['document_expires', 'date'],
] as const

function Console(): ReactElement {
  const { t } = useTranslation(['registrars', 'bureau'])
  const queryClient = useQueryClient()
  const query = useQuery(newcomersQuery)
  const codeSentence = useCodeSentence()
  const act = useAct()
  const [link, setLink] = useState<string>()
  const invite = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const facts = Object.fromEntries(new FormData(form)) as unknown as IdentityFacts
    act.run(async () => {
      const { secret } = await registrars.invite(facts)
      setLink(`${location.origin}/newcomers#newcomer=${secret}`)
      form.reset()
      await queryClient.invalidateQueries({ queryKey: newcomersQuery.queryKey })
    })
  }
  // An office that is no registrar would fill in the form in vain.
  if (query.error instanceof ApiProblem && query.error.status === 403) {
    return <Empty icon="key" title={t('newcomers.notRegistrar')} next={codeSentence(query.error.code)} />
  }
  return (
    <>
      <Panel title={t('newcomers.invite')} note={t('newcomers.inviteNote')}>
        <form className="bureau-form" onSubmit={invite}>
          <div className="bureau-fields">
            <label className="bureau-field">
              <span>{t('bureau:fact.document_type')}</span>
              <select name="document_type">
                {(['passport', 'travel_permit'] as const).map((type) => (
                  <option key={type} value={type}>
                    {t(`bureau:document.${type}`)}
                  </option>
                ))}
              </select>
            </label>
            {factFields.map(([name, type]) => (
              <label key={name} className="bureau-field">
                <span>{t(`bureau:fact.${name}`)}</span>
                <input name={name} type={type} required maxLength={80} autoComplete="off" />
              </label>
            ))}
          </div>
          <button type="submit" className="main-button" disabled={act.isBusy} data-testid="invite-newcomer">
            {t('newcomers.send')}
          </button>
        </form>
        <Fault sentence={act.fault} />
        {link !== undefined && (
          <div className="ticket" data-testid="newcomer-link" data-link={link}>
            <QrCode text={link} label={t('newcomers.link')} />
            <div className="ticket-words">
              <p className="bureau-notice-title">{t('newcomers.link')}</p>
              <p>{t('newcomers.linkNote')}</p>
              <CopyButton text={link} />
            </div>
          </div>
        )}
      </Panel>
      <Panel title={t('newcomers.list')}>
        <Loaded query={query}>
          {({ newcomers }) =>
            newcomers.length === 0 ? (
              <Empty icon="bureau" title={t('newcomers.listNone')} next={t('newcomers.listNoneNext')} />
            ) : (
              <RecordList
                caption={t('newcomers.list')}
                rows={newcomers}
                rowKey={({ newcomerId }) => newcomerId}
                columns={[
                  { key: 'name', header: t('newcomers.name'), lead: true, cell: ({ facts }) => nameOf(facts) },
                  {
                    key: 'document',
                    header: t('newcomers.document'),
                    cell: ({ facts }) => `${t(`bureau:document.${facts.document_type}`)} ${facts.document_number}`,
                  },
                  {
                    key: 'state',
                    header: t('newcomers.stateHead'),
                    cell: ({ state }) => (
                      <Tag tone={state === 'admitted' ? 'good' : 'quiet'}>{t(`newcomers.stateOf.${state}`)}</Tag>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </>
  )
}

function ComeIn({ secret }: { readonly secret: string }): ReactElement {
  const { t } = useTranslation('registrars')
  const text = useTexts()
  const session = useSession()
  const act = useAct()
  const [isIn, setIn] = useState(false)
  const query = useQuery({
    // The secret stays out of what is remembered.
    queryKey: ['desk', 'registrars', 'invitation'],
    queryFn: () => registrars.read(secret),
    gcTime: 0,
  })
  if (isIn) {
    return (
      <Empty
        icon="check"
        title={t('newcomers.done')}
        next={
          <>
            {t('newcomers.doneNext')} <CityLink to="/claims">{t('newcomers.claims')}</CityLink>
          </>
        }
      />
    )
  }
  const comeIn = (groupId: string) =>
    act.run(async () => {
      const { proveIdentityKey } = await import('@chengxin/client')
      await registrars.comeIn(secret, await proveIdentityKey(groupId as GroupId, await session.signer()))
      await session.refresh()
      setIn(true)
    })
  return (
    <Loaded query={query}>
      {({ names, family_name, given_name, groupId }) => (
        <Panel
          title={t('newcomers.welcome')}
          note={t('newcomers.welcomeNote', { office: text(names), name: `${family_name} ${given_name}` })}
        >
          <button
            type="button"
            className="main-button"
            disabled={act.isBusy}
            onClick={() => comeIn(groupId)}
            data-testid="come-in"
          >
            {t('newcomers.comeIn')}
          </button>
          <Fault sentence={act.fault} />
        </Panel>
      )}
    </Loaded>
  )
}
