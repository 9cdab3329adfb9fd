/** The graduates as residents: a DID for each, confirmed by the bureau, and a key for the certificate they will get. */
import type { GroupClient, Signer } from '@chengxin/client'
import { sampleActor, sampleChainId } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { deriveDid, type PrivateJwk, publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { checkedPerson, confirmIdentities, createIdentities } from '../identity-bureau/residents.ts'
import type { Graduate } from '../issuer/graduates.ts'

export interface Resident {
  readonly graduate: Graduate
  readonly signer: Signer
  /** Of the certificate alone: another one gets another key, so that two verifiers cannot tell they met the same person. */
  readonly certificateKey: PrivateJwk
}

/** Residents with keys from the system's randomness; nothing is sent yet. */
export function residentsOf(graduates: readonly Graduate[]): readonly Resident[] {
  return graduates.map((graduate) => {
    const privateJwk = generatePrivateJwk('EdDSA')
    const did = deriveDid(sha256, sampleChainId, publicPart(privateJwk))
    return { graduate, signer: nativeSigner(privateJwk, { did }), certificateKey: generatePrivateJwk('ES256') }
  })
}

export async function bringInResidents(group: GroupClient, residents: readonly Resident[]): Promise<number> {
  const newcomers = residents.map(({ signer }) => signer)
  return (await createIdentities(group, sampleActor('registrar').signer, newcomers)).length
}

/** The bureau checks name and date of birth, and commits to what it saw. */
export async function confirmResidents(group: GroupClient, residents: readonly Resident[]): Promise<number> {
  const people = residents.map(({ signer, graduate }) => {
    const { name_zh, name_latin, birth_date } = graduate.values
    return checkedPerson(signer.did, { name_zh, name_latin, birth_date })
  })
  return (await confirmIdentities(group, sampleActor('identity-bureau').signer, people)).length
}
