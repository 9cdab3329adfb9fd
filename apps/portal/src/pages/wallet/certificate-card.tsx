/** A certificate as the card that it is on paper and in a wallet: its kind, whose it is, who stands behind it. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { HeldCertificate } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Seal } from '../../parts/seal.tsx'
import { StandingTag } from './standing-tag.tsx'
import { useCardWords } from './words.ts'

/** Dark enough for white letters, told apart by those who see no red and green. */
const colours = ['jade', 'indigo', 'plum', 'bronze', 'teal', 'slate'] as const

/** The same for all of an issuer's, on every device. */
export function colourOf(issuer: string): string {
  let sum = 0
  for (const letter of issuer) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return colours[sum % colours.length] ?? 'jade'
}

export function CertificateCard({ certificate }: { readonly certificate: HeldCertificate }): ReactElement {
  const cityPath = useCityPath()
  const { issuer, certificateId, standing } = certificate
  const isBad = standing.verdict === 'not_valid'
  return (
    <Link
      to={cityPath(`/wallet/certificates/${certificateId}`)}
      className={`card card-${colourOf(issuer.url)}${isBad ? ' card-bad' : ''}`}
      data-testid="certificate-card"
      data-standing={standing.word}
    >
      <CardWords certificate={certificate} />
    </Link>
  )
}

/** The same card where it leads nowhere of its own. */
export function CardFace({ certificate }: { readonly certificate: HeldCertificate }): ReactElement {
  const { issuer, standing } = certificate
  const isBad = standing.verdict === 'not_valid'
  return (
    <span className={`card card-${colourOf(issuer.url)}${isBad ? ' card-bad' : ''}`}>
      <CardWords certificate={certificate} />
    </span>
  )
}

function CardWords({ certificate }: { readonly certificate: HeldCertificate }): ReactElement {
  const { t } = useTranslation('wallet')
  const { name, fields } = useCardWords()(certificate, certificate.fields)
  const person = fields.find(({ field }) => /^(name|full_name|given_name|family_name)/.test(field))
  const format = useFormat()
  const { issuer, standing, expMs } = certificate
  return (
    <>
      <span className="card-seal">
        <Seal size={128} />
      </span>
      <span className="card-head">
        <strong className="card-name">{name}</strong>
        <StandingTag standing={standing} />
      </span>
      <span className="card-foot">
        <span className="card-person">{person?.value ?? ' '}</span>
        <span className="card-issuer">{t('card.issuer', { issuer: issuer.name ?? issuer.host })}</span>
        {expMs !== undefined && <span className="card-issuer">{t('card.until', { day: format.date(expMs) })}</span>}
      </span>
    </>
  )
}
