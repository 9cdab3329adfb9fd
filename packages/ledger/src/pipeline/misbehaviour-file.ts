/** Validators that were caught signing two things at once, a line each in `misbehaviour.jsonl`: evidence outlasts the process that saw it. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Misbehaved } from '../face.ts'

export interface CaughtValidator extends Misbehaved {
  readonly address: string
}

export function readMisbehaviour(directory: string): readonly CaughtValidator[] {
  const path = pathOf(directory)
  if (!fs.existsSync(path)) return []
  const lines = fs.readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.flatMap((line) => parsed(line) ?? [])
}

/** Keeps what is new, and answers it: a block that is executed again brings its evidence again. */
export function keepMisbehaviour(directory: string, found: readonly CaughtValidator[]): readonly CaughtValidator[] {
  const known = new Set(readMisbehaviour(directory).map(nameOf))
  const fresh = found.filter((caught) => !known.has(nameOf(caught)))
  if (fresh.length === 0) return fresh
  // Behind a line that was cut short, so that what is whole stays so.
  const lines = fresh.map((caught) => `${JSON.stringify(caught)}\n`).join('')
  fs.appendFileSync(pathOf(directory), endsWhole(pathOf(directory)) ? lines : `\n${lines}`, { flush: true })
  return fresh
}

function endsWhole(path: string): boolean {
  const text = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : ''
  return text === '' || text.endsWith('\n')
}

function nameOf({ type, address, height }: CaughtValidator): string {
  return `${type} ${address} ${height}`
}

/** A line that a full disk has cut short says nothing. */
function parsed(line: string): CaughtValidator | undefined {
  try {
    return JSON.parse(line) as CaughtValidator
  } catch {
    return undefined
  }
}

function pathOf(directory: string): string {
  return join(directory, 'misbehaviour.jsonl')
}
