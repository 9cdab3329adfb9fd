/** What a demonstration tells while it runs, and how it stops. */
import type { Json } from '@chengxin/kernel'

export interface DemoStep {
  readonly step: string
  readonly ok: boolean
  readonly [fact: string]: Json
}

export function done(step: string, facts: { readonly [fact: string]: Json } = {}): DemoStep {
  return { step, ok: true, ...facts }
}

/** Why a demonstration cannot go on, in one sentence. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed'
  readonly step: string
  /** What else is wrong, a sentence each. */
  readonly further: readonly string[]
  constructor(step: string, sentence: string, further: readonly string[] = []) {
    super(sentence)
    this.step = step
    this.further = further
  }
}
