/**
 * A state that is gone while its log is there — a restored backup, a deleted folder — is computed anew before the node
 * starts. That happens in a program of its own, because rules run in a thread whose intrinsics are frozen.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DataPaths, groupNames } from './data-directory.ts'

export class StateLost extends Error {
  override readonly name = 'StateLost'
}

export async function rebuildLostStates(paths: DataPaths): Promise<void> {
  for (const name of await groupNames(paths)) {
    const { directory } = paths.group(name)
    if (!isLost(directory)) continue
    console.log(`The state of ${name} is gone: it is computed anew from the log.`)
    const program = fileURLToPath(new URL('main.js', import.meta.url))
    const args = [program, 'replay', '--rebuild', '--group', name, '--data', paths.root]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) throw new StateLost(`The state of ${name} could not be computed from its log.`)
  }
}

function isLost(directory: string): boolean {
  const holds = (part: string) => existsSync(join(directory, part)) && readdirSync(join(directory, part)).length > 0
  return holds('log') && !holds('state')
}
