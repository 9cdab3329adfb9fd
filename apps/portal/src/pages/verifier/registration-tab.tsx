/** What the office is registered for: the same that holders see before they answer. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { RegistrationAnswer } from '../../api/verifier.ts'
import { Did } from '../../parts/did.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Moment } from '../../parts/when.tsx'
import { useRegistrationWords } from './words.ts'

export function RegistrationTab({ answer }: { readonly answer: RegistrationAnswer }): ReactElement {
  const { t } = useTranslation('verifier')
  const words = useRegistrationWords(answer)
  const { registration, registrationHash, listed } = answer
  const isStanding = listed?.registrationHash === registrationHash && listed.endedAtMs === undefined
  return (
    <>
      <Panel title={words.text(registration.names)} note={t('registration.note')}>
        <FactList
          facts={[
            {
              name: t('registration.state'),
              value: (
                <Tag tone={isStanding ? 'good' : 'bad'}>
                  {t(isStanding ? 'registration.stands' : 'registration.standsNot')}
                </Tag>
              ),
            },
            { name: t('registration.domain'), value: registration.domain },
            { name: t('registration.did'), value: <Did did={registration.verifier} /> },
            ...(listed === null
              ? []
              : [
                  { name: t('registration.from'), value: <Moment timeMs={listed.fromMs} /> },
                  { name: t('registration.version'), value: String(listed.version) },
                ]),
            { name: t('registration.hash'), value: <code>{registrationHash}</code> },
          ]}
        />
      </Panel>
      {registration.purposes.map((purpose) => (
        <Panel key={purpose.purposeId} title={words.text(purpose.texts)}>
          <FactList
            facts={[
              {
                name: t('registration.ground'),
                value: purpose.ground.kind === 'consent' ? t('registration.consent') : purpose.ground.reference,
              },
              { name: t('registration.keep'), value: t('registration.days', { count: purpose.keepDays }) },
              ...purpose.types.map(({ typeId, fields }) => ({
                name: words.type(typeId),
                value: fields.map((field) => words.field(typeId, field)).join(t('ask.joint')),
              })),
            ]}
          />
        </Panel>
      ))}
    </>
  )
}
