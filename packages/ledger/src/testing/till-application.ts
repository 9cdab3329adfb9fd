/** The application of a till ledger over a store of its own, which can be left as a killed process leaves it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVerifier } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import { openEnvelope } from '../admission/envelope.ts'
import { refuseEnvelopeSignature } from '../admission/signature.ts'
import { Executor } from '../execution/executor.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { LedgerApplication } from '../ordering/application.ts'
import type { Store } from '../storage/face.ts'
import { openStore } from '../storage/store.ts'
import { startMs, testHost, tillGenesis, tillIndex } from './till-group.ts'

export interface TillApplication {
  readonly application: LedgerApplication
  readonly executor: Executor
  readonly store: Store
}

export interface TillDisk {
  /** The node's clock. */
  nowMs: number
  /** Opens what is on the disk, as a new process would. */
  open(): TillApplication
  /** Drops everything that is only in memory. */
  kill(): void
  remove(): void
}

export interface TillDiskOptions {
  readonly genesis?: GenesisDocument
  readonly rulesOf?: (hash: string) => RulesIndex
}

const { verify } = createVerifier()

export function makeTillDisk({ genesis = tillGenesis, rulesOf = () => tillIndex }: TillDiskOptions = {}): TillDisk {
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-application-'))
  let store: Store | undefined
  const disk: TillDisk = {
    nowMs: startMs + 1_000,
    open() {
      disk.kill()
      const opened = openStore(directory, { createFresh: true })
      store = opened
      const executor: Executor = new Executor({
        genesis,
        store: opened,
        host: testHost,
        rulesOf,
        cachedRows: 1_000,
        refuseSignature: ({ jws }, key) => {
          const envelope = openEnvelope(jws, executor.group)
          return isRefusal(envelope) ? envelope : refuseEnvelopeSignature(envelope, key, verify)
        },
      })
      const application = new LedgerApplication({ store: opened, executor, clock: () => disk.nowMs, verify })
      return { application, executor, store: opened }
    },
    kill() {
      store?.close()
      store = undefined
    },
    remove() {
      disk.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return disk
}
