/**
 * The demonstration of the whole scheme: every act at the desks of a running node, through the addresses that the portal
 * uses, with real keys and signatures. Each step says who acted and what came of it; personal values are left out.
 */
import { type Act, DeskRefused, macauDemonstration, openStage, type Props, SchemeBroken } from '@chengxin/client'
import { DemoFailed, type DemoStep, done } from './demo-step.ts'

export interface MacauDemoOptions {
  readonly url: string
  readonly fetch?: typeof fetch
}

/** Certificates and links say who somebody is, or let somebody be asked; what is told is what happened. */
const untold: ReadonlySet<string> = new Set(['file', 'link'])

/** Plays the scheme; each step is told when it is done. Throws `DemoFailed` with one sentence. */
export async function* macauDemo(options: MacauDemoOptions): AsyncGenerator<DemoStep> {
  const stage = await openStage(options).catch((problem: unknown) => {
    throw new DemoFailed('connect', problem instanceof Error ? problem.message : String(problem))
  })
  yield done('connect', { url: options.url, group: stage.group.groupId })
  let props: Props = {}
  for (const act of macauDemonstration) {
    const left = await played(act, async () => {
      await stage.become(act.persona)
      return act.play(stage, props)
    })
    props = { ...props, ...left }
    const told = Object.entries(left).filter(([name]) => !untold.has(name))
    yield done(act.key, { persona: act.persona, ...Object.fromEntries(told) })
  }
  yield done('summary', {
    acts: macauDemonstration.length,
    verdict: props['verdict'] ?? '',
    verdictAfter: props['verdictAfter'] ?? '',
    codeAfter: props['codeAfter'] ?? '',
    portal: `${options.url}/try`,
    explorer: `${options.url}/explorer`,
  })
}

async function played(act: Act, play: () => Promise<Props>): Promise<Props> {
  try {
    return await play()
  } catch (problem) {
    const isForeseen = problem instanceof DeskRefused || problem instanceof SchemeBroken
    const sentence = problem instanceof Error ? problem.message : String(problem)
    throw new DemoFailed(act.key, isForeseen ? sentence : `The ${act.persona} could not act: ${sentence}`)
  }
}
