/** What lists of certificates have in common, of one's own office and of one that was taken over. */
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Certificate, OfficeType, StatusWord } from '../../api/issuer.ts'
import { Tag, type TagTone } from '../../parts/tag.tsx'

const words = ['valid', 'suspended', 'revoked', 'superseded'] as const
const tones: { readonly [word in StatusWord]: TagTone } = {
  valid: 'good',
  suspended: 'warn',
  revoked: 'bad',
  superseded: 'quiet',
}

/** Nothing changes any more. */
export function isFinal(word: StatusWord): boolean {
  return word === 'revoked' || word === 'superseded'
}

/** The names that it says, or the office's own reference where it says none. */
export function nameOf({ claims = {}, reference }: Certificate, fields: OfficeType['fields']): string {
  const names = fields.flatMap(({ name, meaning }) => (meaning === 'name' && claims[name] ? [claims[name]] : []))
  return names.join(' · ') || reference
}

export function StatusFilter(props: {
  readonly word: StatusWord
  readonly choose: (word: StatusWord) => void
}): ReactElement {
  const { t } = useTranslation('issuer')
  const id = useId()
  return (
    <div className="issuer-line">
      <label htmlFor={id}>{t('certificates.status')}</label>
      <select
        id={id}
        value={props.word}
        onChange={({ target }) => props.choose(words.find((each) => each === target.value) ?? 'valid')}
        data-testid="certificates-status"
      >
        {words.map((each) => (
          <option key={each} value={each}>
            {t(`status.${each}`)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** The name beside a box to tick it by. */
export function TickedName(props: {
  readonly name: string
  readonly ticked: boolean
  readonly toggle: () => void
  readonly testId: string
}): ReactElement {
  return (
    <label className="issuer-tick">
      <input type="checkbox" checked={props.ticked} onChange={props.toggle} data-testid={props.testId} />
      {props.name}
    </label>
  )
}

export function Standing({ certificate }: { readonly certificate: Certificate }): ReactElement {
  const { t } = useTranslation('issuer')
  const { status, reasonCode } = certificate
  return (
    <>
      <Tag tone={tones[status]}>{t(`status.${status}`)}</Tag>
      {reasonCode !== undefined && <span>{t(`reasons.${reasonCode}` as never)}</span>}
    </>
  )
}
