import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DirectoryInUse, lockDirectory } from './directory-lock.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chengxin-lock-'))
  file = join(folder, 'data', 'node.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('one holder at a time, and the next after its release', () => {
  const lock = lockDirectory(file)
  expect(() => lockDirectory(file)).toThrow(DirectoryInUse)
  lock.release()
  expect(existsSync(file)).toBe(false)
  lockDirectory(file).release()
  expect(readdirSync(join(folder, 'data'))).toEqual([])
})

test('a lock whose holder was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  lockDirectory(file).release()
  writeFileSync(file, JSON.stringify({ pid: child.pid }))
  expect(() => lockDirectory(file)).toThrow(`process ${child.pid}`)
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGKILL')
  await ended
  lockDirectory(file).release()
})

test.each([
  ['another process with the same id', JSON.stringify({ pid: process.pid, began: '1' })],
  ['half a file', '{"pid":'],
  ['an empty file', ''],
])('%s is no holder', (_case, text) => {
  lockDirectory(file).release()
  writeFileSync(file, text)
  // Where the system tells no beginnings, an id alone decides, and the first case cannot be told apart.
  if (text.includes('began') && !existsSync('/proc/self/stat')) return
  lockDirectory(file).release()
})

test('releasing does not take a lock away that somebody else holds by now', () => {
  const lock = lockDirectory(file)
  writeFileSync(file, JSON.stringify({ pid: process.pid, began: 'other' }))
  lock.release()
  expect(existsSync(file)).toBe(true)
})
