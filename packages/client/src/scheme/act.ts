/** One act of a scheme: somebody in a role does something at a desk, and what comes of it is there for the next. */
import type { Stage } from './stage.ts'

/** What earlier acts have left behind. It is JSON, so that a play can be left and taken up again. */
export type Props = { readonly [name: string]: string }

export interface Act {
  /** Names the words for it. */
  readonly key: string
  readonly persona: string
  /** Where a reader sees what came of it, as a page of the portal. */
  readonly page: string
  /** New things for the acts that follow. Throws where the scheme does not hold what it promises. */
  play(stage: Stage, props: Props): Promise<Props>
}

/** The scheme did something else than it should. */
export class SchemeBroken extends Error {
  override readonly name = 'SchemeBroken'
}

export function need(props: Props, name: string): string {
  const value = props[name]
  if (value === undefined) throw new SchemeBroken(`The act before this one left no ${name}.`)
  return value
}

/** Asks again until there is an answer: what offices do in the background takes a moment. */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>, patienceMs = 60_000): Promise<T> {
  const untilMs = Date.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > untilMs) throw new SchemeBroken(`${what} did not come within a minute.`)
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
}
