import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ConsensusReport } from './consensus.ts'
import { ConsensusView } from './consensus-view.ts'
import { CutOff } from './cut-off.ts'

let peers: () => Promise<readonly string[]>
let view: ConsensusView

beforeEach(() => {
  vi.useFakeTimers()
  peers = () => Promise.resolve(['a', 'b', 'x'])
  view = new ConsensusView('CometBFT 0.38.25', {
    peers: () => peers(),
    ask: () => Promise.resolve({ result: {} }),
    close: () => {},
  })
})
afterEach(() => {
  view.close()
  vi.useRealTimers()
})

/** As told when the block of this height is confirmed: who signed the one before it. */
function report(
  height: number,
  signers: readonly string[],
  state: ConsensusReport['state'] = 'ready',
): ConsensusReport {
  const votes = ['bank', 'bureau'].map((member) => ({ member, power: 1, hasSigned: signers.includes(member) }))
  const engines = { listed: ['a', 'b'], former: ['x', 'y'] }
  return { state, height, waiting: 2, misbehaved: [], engines, newest: { height, proposer: 'bank', votes } }
}

test('before anything has been heard there is no engine', () => {
  expect(view.status(0)).toEqual({
    engine: 'CometBFT 0.38.25',
    state: 'away',
    height: 0,
    confirmedHeight: 0,
    behind: 0,
    peers: 0,
    formerPeers: 0,
    cutOffs: 0,
    waiting: 0,
    validators: [],
    misbehaved: [],
  })
})

test('who has not signed for some blocks is late, and is so no longer when it signs', () => {
  view.take(report(10, ['bank', 'bureau']))
  for (let height = 11; height <= 14; height++) view.take(report(height, ['bank']))
  const late = () => view.status(14).validators.map(({ member, isLate }) => `${member} ${isLate}`)
  expect(late()).toEqual(['bank false', 'bureau false'])
  view.take(report(15, ['bank']))
  expect(late()).toEqual(['bank false', 'bureau true'])
  expect(view.status(14).validators[1]).toMatchObject({ member: 'bureau', signedHeight: 9 })
  view.take(report(16, ['bank', 'bureau']))
  expect(late()).toEqual(['bank false', 'bureau false'])
  expect(view.status(15)).toMatchObject({ height: 16, confirmedHeight: 15, proposer: 'bank', waiting: 2 })
})

test('it is behind by what others have and it has not', () => {
  view.take(report(10, ['bank']))
  expect([
    view.status(9, 31).behind,
    view.status(9, 9).behind,
    view.status(9, 4).behind,
    view.status(9).behind,
  ]).toEqual([22, 0, 0, 0])
})

test('peers are asked for now and then, and an engine that is away or silent has none', async () => {
  view.take(report(1, []))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(view.status(1)).toMatchObject({ peers: 3, formerPeers: 1, cutOffs: 0 })
  view.take(report(1, [], 'away'))
  expect(view.status(1)).toMatchObject({ peers: 0, formerPeers: 0 })
  view.take(report(1, []))
  peers = () => Promise.reject(new Error('It does not answer.'))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(view.status(1).peers).toBe(0)
})

test('an engine of a former member that is connected ends in a restart, which is counted', async () => {
  const cut: string[] = []
  view.cutOffBy(
    new CutOff({ self: 'a', clock: () => 0, isAtHead: () => true, restart: (former) => cut.push(...former) }),
  )
  view.take(report(1, []))
  await vi.advanceTimersByTimeAsync(9_000)
  expect(cut).toEqual(['x'])
  expect(view.status(1).cutOffs).toBe(1)
})
