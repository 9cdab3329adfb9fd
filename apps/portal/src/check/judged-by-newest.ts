/** What the bundle in hand did not settle is judged again by the newest one: the bundle may be older than what it judges. */
import type { Report } from '@chengxin/audit'
import { newerTrust } from './newer-trust.ts'
import type { Taken } from './take-file.ts'
import { type BundleInUse, loadCore } from './use-bundle.ts'

export interface Answered {
  readonly name: string
  readonly text: string
  readonly report: Report
}

/** With what was taken from the file, to be judged again. */
export interface Judged extends Answered {
  readonly taken: Taken
}

export interface Judgement {
  readonly answers: readonly Judged[]
  readonly checkedAtMs: number
}

/** A committee signs what its offices did a moment after they did it: what is younger than the bundle is worth some patience. */
const pausesMs = [0, 1_000, 2_000]

/** `ask`: gets the newest bundle, or what is at hand where the node does not answer. */
export async function judgedByNewest(
  judgement: Judgement,
  ask: () => Promise<BundleInUse | undefined>,
): Promise<Judgement> {
  let { answers, checkedAtMs } = judgement
  for (const pauseMs of pausesMs) {
    const needs = answers.map(({ report }) => newerTrust(report))
    const isWorthAsking = needs.includes('newer') || (pauseMs === 0 && needs.includes('may_help'))
    if (!isWorthAsking) break
    await new Promise((done) => setTimeout(done, pauseMs))
    const newest = await ask()
    if (newest === undefined || !newest.fresh) break
    const core = await loadCore()
    const nowMs = Date.now()
    const again = answers.map(async (one, index): Promise<Judged> => {
      if (needs[index] === 'useless') return one
      return { ...one, report: await core.check(one.taken, newest.found, nowMs) }
    })
    answers = await Promise.all(again)
    checkedAtMs = nowMs
  }
  return { answers, checkedAtMs }
}
