/** A simulation is worth its seed: the same text leads to the same history, and what broke is told in few steps. */
import { expect, test } from 'vitest'
import { plantedFaults } from './faults.ts'
import { runHistory } from './history.ts'
import { poolOf, simulate } from './simulate.ts'

function traceOf(seed: string): readonly string[] {
  const trace: string[] = []
  runHistory({ seed, pool: poolOf('twice'), trace: (line) => trace.push(line) })
  return trace
}

test('the same seed plays the same history, another seed another', () => {
  const first = traceOf('twice 1')
  expect(first.length).toBeGreaterThan(30)
  expect(traceOf('twice 1')).toEqual(first)
  expect(traceOf('twice 2')).not.toEqual(first)
})

test('a member on the real store plays the same history as one in memory', { timeout: 60_000 }, () => {
  const play = (onRealStore: boolean) => runHistory({ seed: 'twice 3', pool: poolOf('twice'), onRealStore })
  const inMemory = play(false)
  expect(inMemory.broken).toBeUndefined()
  expect(inMemory.leaves).toBeGreaterThan(0)
  expect(play(true)).toEqual(inMemory)
})

test('calls that travel as bytes lead to the same history', { timeout: 60_000 }, () => {
  const play = (onWire: boolean) => runHistory({ seed: 'twice 4', pool: poolOf('twice'), onWire })
  const told = play(false)
  expect(told.leaves).toBeGreaterThan(0)
  expect(play(true)).toEqual(told)
})

test('what broke is told in fewer steps, which break the same', { timeout: 120_000 }, () => {
  const lossy = plantedFaults.find(({ breaks }) => breaks[0] === 'nothing_lost')
  const faults = (member: number) => (member === 1 ? lossy?.make() : undefined)
  const long = simulate({ seed: 'twice', histories: 50, faults, isShortened: false })
  const short = simulate({ seed: 'twice', histories: 50, faults })
  expect(short.failure?.broken.invariant).toBe('nothing_lost')
  expect(short.failure?.history).toBe(long.failure?.history)
  expect(short.failure?.steps).toBeLessThan(long.failure?.steps ?? 0)
  expect(short.failure?.trace.join('\n')).toContain('nothing_lost')
})
