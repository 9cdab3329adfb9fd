/** The city as it stands when some of the scheme has happened, for tests that begin in the middle. */
import { macauScheme, openStage, type Stage } from '@chengxin/client'

/** Plays the scheme's acts at a node, in their order, the named one among them. The stage is still of whoever acted last. */
export async function schemePlayed(url: string, last: string): Promise<Stage> {
  const stage = await openStage({ url })
  let props = {}
  for (const act of macauScheme.slice(0, macauScheme.findIndex(({ key }) => key === last) + 1)) {
    await stage.become(act.persona)
    props = { ...props, ...(await act.play(stage, props)) }
  }
  return stage
}
