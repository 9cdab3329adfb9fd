/** The engine that the tests of a consortium run beside: CometBFT, found along the PATH or where CHENGXIN_COMETBFT says. */
import { findEngine } from '../../packages/ledger/src/ordering/cometbft/engine-program.ts'
import { requirePeer } from '../peers/require-peer.ts'

const found = findEngine()

export const hasEngine = requirePeer('CometBFT', () => 'path' in found, 'missing' in found ? found.missing : '')

/** The program. Asked for only by tests that are skipped without it. */
export function enginePath(): string {
  if ('path' in found) return found.path
  throw new Error(found.missing)
}
