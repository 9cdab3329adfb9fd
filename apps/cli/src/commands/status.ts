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
      const alarms = (await Promise.all(groups.map(({ id, name }) => alarmsOf(node, id, name)))).flat()
      if (output.isJson) {
        output.facts({
          url: node.url,
          ok: health.isWell,
          health: health.text,
          alarms: alarms.map(({ facts }) => facts),
          groups: groups.map((group) => ({ ...group })),
        })
        return
      }
      const word = health.isWell ? output.paint('good', 'well') : output.paint('bad', health.text)
      output.line(`${node.url}  ${word}\n`)
      for (const { sentence } of alarms) output.line(output.paint('bad', sentence))
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

interface RaisedAlarm {
  readonly facts: Facts
  readonly sentence: string
}

interface Raised {
  readonly misbehaved: readonly { readonly member: string; readonly type: string; readonly height: number }[]
  readonly contradictions: readonly { readonly id: string; readonly kind: string }[]
}

/** What every member should look into, though the node goes on: who signed two things, and a log that told two stories. */
async function alarmsOf(node: Surroundings['node'], id: string, name: string): Promise<readonly RaisedAlarm[]> {
  const group = node.group(id)
  // A group that is read by members alone tells strangers nothing of this.
  const [facts, kept] = (await Promise.all([
    group.get('').catch(() => undefined),
    group.get('/log/contradictions').catch(() => undefined),
  ])) as [{ readonly consensus?: Pick<Raised, 'misbehaved'> } | undefined, Pick<Raised, 'contradictions'> | undefined]
  return [
    ...(facts?.consensus?.misbehaved ?? []).map(({ member, type, height }) => ({
      facts: { alarm: 'validator_misbehaved', group: id, member, type, height },
      sentence: `${name}: the validator of ${member} signed two things about block ${height} (${type}).`,
    })),
    ...(kept?.contradictions ?? []).map(({ id: contradiction, kind }) => ({
      facts: { alarm: 'log_contradiction', group: id, contradiction, kind },
      sentence: `${name}: the log has told two stories (${kind}); the proof is ${contradiction}.`,
    })),
  ]
}

async function healthOf(node: Surroundings['node']): Promise<{ readonly isWell: boolean; readonly text: string }> {
  try {
    return { isWell: true, text: await node.getText('/health') }
  } catch (error) {
    if (error instanceof NodeAnswered) return { isWell: false, text: error.message }
    throw error
  }
}
