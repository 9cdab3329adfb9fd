import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepMisbehaviour, readMisbehaviour } from './misbehaviour-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-misbehaviour-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const caught = { member: 'member_bank', type: 'duplicate_vote' as const, address: 'ab', height: 7, timeMs: 1_000 }
const later = { ...caught, height: 9 }

test('evidence is kept once, however often its block is executed', () => {
  expect(readMisbehaviour(directory)).toEqual([])
  expect(keepMisbehaviour(directory, [])).toEqual([])
  expect(keepMisbehaviour(directory, [caught])).toEqual([caught])
  expect(keepMisbehaviour(directory, [caught, later])).toEqual([later])
  expect(readMisbehaviour(directory)).toEqual([caught, later])
})

test('a line that was cut short says nothing, and what was written whole is still there', () => {
  keepMisbehaviour(directory, [caught])
  appendFileSync(join(directory, 'misbehaviour.jsonl'), '{"member":"member_ba')
  expect(readMisbehaviour(directory)).toEqual([caught])
  keepMisbehaviour(directory, [later])
  expect(readMisbehaviour(directory)).toEqual([caught, later])
})
