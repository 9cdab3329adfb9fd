/** The identity bureau of this node: its desk, and the office that issues its certificates. */
import { sampleActor } from '@chengxin/client'
import {
  type BureauDesk,
  canIssueAt,
  createBureauDesk,
  createIssuingOffice,
  type IssuingOffice,
  identityType,
  type SignInDesk,
} from '@chengxin/services'
import { bureauDomain } from '../sample-city/bureau-office.ts'
import { officeCertificate } from '../sample-city/office-certificate.ts'
import type { DesksOptions } from './desks.ts'

export interface OpenBureau {
  readonly desk: BureauDesk
  readonly office: IssuingOffice | undefined
}

/** Undefined where nobody has given the node the bureau's keys. `published`: readers need a new trust bundle. */
export async function openBureau(
  options: DesksOptions,
  { accounts, sessions, signInAs }: SignInDesk,
  published: () => void,
): Promise<OpenBureau | undefined> {
  const { group, vault, isSampleCity, publicUrl, log } = options
  if (!isSampleCity) return undefined
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'The identity bureau tries something again.')
  const x509 = officeCertificate('bureau-issuer', 'Identity Bureau', bureauDomain)
  const office = canIssueAt(publicUrl)
    ? await createIssuingOffice({
        office: 'bureau',
        names: {
          en: 'Identity Bureau',
          'zh-Hans': '身份证明局',
          'zh-Hant': '身份證明局',
          pt: 'Serviço de Identificação',
        },
        types: [identityType],
        signer: { ...sampleActor('bureau-issuer').signer, x509 },
        ...{ group, vault, publicUrl, failed, published },
      })
    : undefined
  const desk = createBureauDesk({
    ...{ group, vault, publicUrl, accounts, sessions, signInAs, failed, nowMs: Date.now },
    registrar: sampleActor('registrar').signer,
    bureau: sampleActor('identity-bureau').signer,
    ...(office === undefined ? {} : { office }),
  })
  return { desk, office }
}
