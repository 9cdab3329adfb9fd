/** A till ledger in a directory of its own, with a clock that stands still until it is moved. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ed25519PublicJwk, privateJwkFrom } from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import type { Ledger } from '../face.ts'
import type { CheckpointKeys } from '../pipeline/checkpoints.ts'
import { type InlineLedgerOptions, openInlineLedger } from '../pipeline/open-ledger.ts'
import { startMs, testHost, tillGenesis, tillHash } from './till-group.ts'
import { tillRules } from './till-rules.ts'

function logSigner(name: string) {
  const { jwk, sign } = createSigner(privateJwkFrom('EdDSA', sha256(toUtf8(name))))
  return { jwk: jwk as Ed25519PublicJwk, sign }
}

export const tillKeys: CheckpointKeys = {
  log: logSigner('log key'),
  cosigner: { ...logSigner('cosigner key'), memberId: 'member_first' },
}

export interface OpenedTill {
  readonly ledger: Ledger
  readonly directory: string
  /** The time that the ledger is told; set it to move. */
  nowMs: number
  /** Closes the ledger and opens it again from its directory. */
  reopen(change?: Partial<InlineLedgerOptions>): Promise<OpenedTill>
  remove(): Promise<void>
}

export async function openTill(
  change: Partial<InlineLedgerOptions> = {},
  directory = mkdtempSync(join(tmpdir(), 'chengxin-till-')),
  nowMs = startMs + 1_000,
): Promise<OpenedTill> {
  const clock = { nowMs }
  const ledger = await openInlineLedger({
    directory,
    genesis: tillGenesis,
    keys: tillKeys,
    rulesets: [{ ruleset: tillRules, hash: tillHash }],
    host: testHost,
    clock: () => clock.nowMs,
    ...change,
  })
  return Object.assign(clock, {
    ledger,
    directory,
    reopen: async (again: Partial<InlineLedgerOptions> = {}) => {
      await ledger.close()
      return openTill({ ...change, ...again }, directory, clock.nowMs)
    },
    remove: async () => {
      await ledger.close()
      rmSync(directory, { recursive: true, force: true })
    },
  })
}
