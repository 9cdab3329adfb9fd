import { expect, test } from 'vitest'
import { freePort } from '../bench/free-port.ts'
import { openJoiningDoor } from './joining-door.ts'

test('whoever asks a node that joins is told what it waits for, and then the address is free', async () => {
  const port = await freePort()
  const at = { host: '127.0.0.1', port }
  const door = await openJoiningDoor({ ...at, group: 'records' })
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: answer.status, ...((await answer.json()) as { code: string; detail: string }) }
  }
  expect(await ask('/health')).toMatchObject({ status: 503, code: 'catching_up' })
  door.say('No snapshot is signed by 3 of 4 members yet. Waiting.')
  expect((await ask('/v1/groups')).detail).toBe(
    'This node joins records by a snapshot. No snapshot is signed by 3 of 4 members yet. Waiting.',
  )
  await door.close()
  const again = await openJoiningDoor({ ...at, group: 'records' })
  await again.close()
})
