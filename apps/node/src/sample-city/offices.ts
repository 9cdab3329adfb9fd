/** The sample city's offices, with the keys that everybody can compute. */
import { type SampleName, sampleActor, sampleCommittee, sampleThreshold } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { drivingLicenceType } from '@chengxin/services/sharing'
import { accountLimits, hashOfToken } from '../offices/accounts.ts'
import type { AskingOffice, Offices } from '../offices/offices.ts'
import { bureauDomain, bureauNames } from './bureau-office.ts'
import { sampleIssuers } from './issuers.ts'
import { officeCertificate } from './office-certificate.ts'
import { sampleRegistration, verifierCertificate, verifierOffices } from './registrations.ts'

/** Two programs whose tokens everybody knows: one that says who issues, one that issues. */
const sampleAccounts = [
  { account: 'authority', tokenHash: hashOfToken('sample-authority'), isAuthority: true, ...accountLimits },
  { account: 'service', tokenHash: hashOfToken('sample-service'), ...accountLimits },
] as const

function signerOf(name: SampleName) {
  const { did, privateJwk } = sampleActor(name)
  return nativeSigner(privateJwk, { did })
}

export function sampleOffices(): Offices {
  const { verifier: did, names } = sampleRegistration('transport')
  return {
    bureau: {
      office: 'bureau',
      names: bureauNames,
      domain: bureauDomain,
      signer: {
        ...signerOf('bureau-issuer'),
        x509: officeCertificate('bureau-issuer', 'Identity Bureau', bureauDomain),
      },
      registrar: signerOf('registrar'),
      bureau: signerOf('identity-bureau'),
    },
    issuers: sampleIssuers.map(({ office, names: called, domain, builtIn }) => ({
      ...{ office, names: called, domain, types: builtIn },
      signer: { ...signerOf(office), x509: officeCertificate(office, called.en, domain) },
    })),
    asking: sampleAskingOffices(),
    sources: [{ office: 'transport', did, names, type: drivingLicenceType }],
    agent: sampleActor('user-agent').did,
    authority: signerOf('issuer-authority'),
    registrar: signerOf('registrar'),
    keeper: signerOf('statement-keeper'),
    identities: [...verifierOffices, 'bureau-issuer', 'statement-keeper'].map((name) => signerOf(name as SampleName)),
    seats: sampleCommittee.slice(0, sampleThreshold).map(signerOf),
    accounts: sampleAccounts,
  }
}

/** Those of one member; keys that any node of the sample city may act by, such as the committee's, stay with all. */
export function sampleOfficesOf(memberId: string): Offices {
  const all = sampleOffices()
  const isTheirs = ({ office }: { readonly office: string }) => sampleActor(office as SampleName).member === memberId
  const { bureau, agent, keeper, issuers, asking, sources, ...shared } = all
  return {
    ...shared,
    issuers: issuers.filter(isTheirs),
    asking: asking.filter(isTheirs),
    sources: sources.filter(isTheirs),
    ...(bureau && sampleActor('identity-bureau').member === memberId && { bureau }),
    ...(agent && sampleActor('user-agent').member === memberId && { agent }),
    ...(keeper && sampleActor('statement-keeper').member === memberId && { keeper }),
  }
}

export function sampleAskingOffices(): readonly AskingOffice[] {
  return verifierOffices.map((office) => ({
    office,
    registration: sampleRegistration(office),
    signer: { ...signerOf(office), x509: verifierCertificate(office) },
  }))
}
