/**
 * Histories of a consortium, played in one process: a fixed seed, so that a change is seen against what always was, and
 * one derived from the commit, so that no two commits try the same. `CHENGXIN_SIMULATION_MINUTES` plays longer.
 */
import { execFileSync } from 'node:child_process'
import { fileMoments, type SimulationSum, simulate } from '@chengxin/testkit/simulation'
import { expect, test } from 'vitest'

const minutes = Number(process.env['CHENGXIN_SIMULATION_MINUTES'] ?? '0.2')

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    // Outside a repository there is no commit to name; the seed that is printed is enough to play it again.
    return `released-${process.version}`
  }
}

function play(seed: string, histories: number, minutesAtMost: number): SimulationSum {
  const startedMs = performance.now()
  const elapsed = () => performance.now() - startedMs
  const untilMs = minutesAtMost * 60_000
  const { sum, failure } = simulate({ seed, histories, now: elapsed, untilMs, realStoreEvery: 50 })
  const perMinute = Math.round(sum.histories / (elapsed() / 60_000))
  console.log(
    `seed ${seed}: ${sum.histories} histories (${perMinute} a minute), ${sum.blocks} blocks, ${sum.leaves} leaves`,
  )
  if (failure !== undefined) {
    const { broken, history, trace } = failure
    const again = `node scripts/simulate.mjs --seed ${seed} --history ${history}`
    expect.fail(
      `${broken.message}\nseed ${seed}, history ${history}, commit ${commit()}\n${trace.join('\n')}\n${again}`,
    )
  }
  return sum
}

test('histories of a fixed seed keep every invariant, and everything that can happen does', () => {
  const { crashes, happened } = play('chengxin', 400, Infinity)
  expect(crashes).toBeGreaterThan(0)
  expect(mustHappen.filter((what) => !happened.has(what))).toEqual([])
})

test('histories of a seed of this commit keep every invariant', { timeout: minutes * 60_000 + 240_000 }, () => {
  expect(play(commit(), Infinity, minutes).histories).toBeGreaterThan(0)
})

/** A run in which these do not happen proves little. */
const mustHappen = [
  'replayed block',
  'dawdled block',
  'parcel',
  'full disk',
  'joined from genesis',
  'earlier proposal: accept',
  'evidence: duplicate_vote',
  'evidence: light_client_attack',
  'garbage proposal: reject',
  'logged proposal: accept',
  'twice proposal: reject',
  'door: known',
  'door: nonce_reused',
  'result: nonce_reused',
  'result: signature_invalid',
  'result: unknown_action',
  'result: validators',
  'joined by a snapshot',
  'joined without the oldest blocks',
  'offer of genuine: accept',
  'offer of made_up: reject',
  'offer of renamed: reject_sender',
  'offer of format: reject_format',
  'truncated chunk: retry',
  'swapped chunk: retry',
  'forged chunk: retry',
  'oversized chunk: retry',
  'chunk of rows: reject_snapshot',
  'chunk of log: reject_snapshot',
  'join: chunk vanished',
  'join: providers vanished',
  'join: full disk',
  ...fileMoments.map((moment) => `join ended: ${moment}`),
  'join ended: after the last chunk',
  'join ended: before it was kept',
]
