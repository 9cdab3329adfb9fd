/** The offices of this node that ask holders. What they asked outlives the process. */
import { createMemoryVault, type Vault } from '@chengxin/services'
import { openOffice, requestStores, type Trusted, type VerifierOffice } from '@chengxin/services/verifier'
import type { AskingOffice } from '../offices/offices.ts'
import { sampleAskingOffices } from '../sample-city/offices.ts'

export interface AskingOptions {
  readonly publicUrl: string
  readonly trusted: Trusted
  readonly vault: Vault
}

export function openAskingOffices(asking: readonly AskingOffice[], options: AskingOptions): readonly VerifierOffice[] {
  const { publicUrl, trusted, vault } = options
  return asking.map(({ office, registration, signer }) =>
    openOffice({
      ...{ office, registration, signer, publicUrl, trusted, nowMs: Date.now },
      stores: requestStores(vault, office, Date.now),
    }),
  )
}

export function sampleVerifierOffices(publicUrl: string, trusted: Trusted): readonly VerifierOffice[] {
  return openAskingOffices(sampleAskingOffices(), { publicUrl, trusted, vault: createMemoryVault() })
}
