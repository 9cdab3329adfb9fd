/** `chengxin status`: whether the node is well, and what it keeps. */
import { NodeAnswered } from '@chengxin/client'
import type { Command } from 'commander'
import { example } from '../example.ts'
import type { Facts } from '../output.ts'
import { type Surroundings, surroundingsOf } from '../surroundings.ts'

export function addStatus(program: Command): void {
  const status = program
    .command('status')
    .description('show whether the node is well, and the groups it keeps')
    .action(async () => {
      const { output, node } = surroundingsOf(status)
      const health = await healthOf(node)
      if (!health.isWell) process.exitCode = 1
      const groups = await node.groups()
      if (output.isJson) {
        output.facts({
          url: node.url,
          ok: health.isWell,
          health: health.text,
          groups: groups.map((group) => ({ ...group })),
        })
        return
      }
      const word = health.isWell ? output.paint('good', 'well') : output.paint('bad', health.text)
      output.line(`${node.url}  ${word}\n`)
      output.table(
        groups.map(
          ({ id, name, height, size, members, timeMs }): Facts => ({
            name,
            height,
            entries: size,
            members,
            newest: new Date(timeMs).toISOString(),
            id,
          }),
        ),
        ['name', 'height', 'entries', 'members', 'newest', 'id'],
        'The node keeps no group.',
      )
    })
  example(status, 'chengxin status')
}

async function healthOf(node: Surroundings['node']): Promise<{ readonly isWell: boolean; readonly text: string }> {
  try {
    return { isWell: true, text: await node.getText('/health') }
  } catch (error) {
    if (error instanceof NodeAnswered) return { isWell: false, text: error.message }
    throw error
  }
}
