/** Which wallets there are, and how to get them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type PeerProgram, startPeer } from '../peer-program.ts'

const folder = import.meta.dirname

export const howToInstall = 'npm ci --prefix tests/peers/wallets'

export function areWalletsInstalled(): boolean {
  return existsSync(join(folder, 'node_modules/@credo-ts/core')) && existsSync(join(folder, 'node_modules/@sphereon'))
}

export function startWallet(program: 'credo-wallet.mjs' | 'sphereon-wallet.mjs'): PeerProgram {
  return startPeer(join(folder, program))
}
