/** What an attempt to join has left in a group's directory: it goes before the next attempt, however far it had come. */
import * as fs from 'node:fs'
import { join } from 'node:path'

const storeParts = ['log', 'tiles', 'state']

/** Removes log, tiles and state; everything else in the directory stays. */
export function clearStore(directory: string): void {
  for (const part of storeParts) fs.rmSync(join(directory, part), { recursive: true, force: true })
}
