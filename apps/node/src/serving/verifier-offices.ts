/** The sample city's offices that ask holders, with the keys that everybody can compute. */
import { sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { openOffice, type Trusted, type VerifierOffice } from '@chengxin/services/verifier'
import { sampleRegistration, verifierCertificate, verifierOffices } from '../sample-city/registrations.ts'

export function sampleVerifierOffices(publicUrl: string, trusted: Trusted): readonly VerifierOffice[] {
  return verifierOffices.map((office) => {
    const { did, privateJwk } = sampleActor(office)
    const signer = { ...nativeSigner(privateJwk, { did }), x509: verifierCertificate(office) }
    return openOffice({ office, registration: sampleRegistration(office), signer, publicUrl, trusted, nowMs: Date.now })
  })
}
