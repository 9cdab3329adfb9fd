/** The application side of the ordering port over a given store, under the till's rules: for tests of what drives it. */
import { createVerifier } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import { openEnvelope } from '../../../admission/envelope.ts'
import { refuseEnvelopeSignature } from '../../../admission/signature.ts'
import { Executor } from '../../../execution/executor.ts'
import type { Store } from '../../../storage/face.ts'
import { testHost, tillGenesis, tillIndex } from '../../../testing/till-group.ts'
import { LedgerApplication } from '../../application.ts'

export function openDrivenTill(store: Store, clock: () => number): LedgerApplication {
  const { verify } = createVerifier()
  const executor: Executor = new Executor({
    genesis: tillGenesis,
    store,
    host: testHost,
    rulesOf: () => tillIndex,
    cachedRows: 1_000,
    refuseSignature: ({ jws }, key) => {
      const envelope = openEnvelope(jws, executor.group)
      return isRefusal(envelope) ? envelope : refuseEnvelopeSignature(envelope, key, verify)
    },
  })
  return new LedgerApplication({ store, executor, clock, verify })
}
