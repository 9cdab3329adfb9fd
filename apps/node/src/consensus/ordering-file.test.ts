import { expect, test } from 'vitest'
import { OrderingFault, parseOrdering, readOrdering } from './ordering-file.ts'

const listen = { host: '0.0.0.0', port: 26_656 }
const peer = { id: 'ab'.repeat(20), host: 'node.example', port: 26_656 }
const whole = { driver: 'cometbft', listen, peers: [peer] }

test('a whole file is taken as it is, and none means that one process orders alone', async () => {
  const full = {
    ...whole,
    engine: '/usr/bin/cometbft',
    timing: { commitMs: 50 },
    isOneHost: true,
    metricsPort: 9,
    validator: 'validator-2',
  }
  expect(parseOrdering(JSON.stringify(full), 'ordering.json')).toEqual(full)
  expect(await readOrdering('/nonexistent/ordering.json')).toBeUndefined()
})

test.each([
  ['not JSON', '{', /this is not JSON/],
  ['a list', '[]', /it should be an object/],
  ['another driver', { ...whole, driver: 'raft' }, /driver should be "cometbft"/],
  ['no peers', { driver: 'cometbft', listen }, /peers should be a list/],
  ['a peer without an id', { ...whole, peers: [{ host: 'a', port: 1 }] }, /peers should be a list/],
  ['an id that is not one', { ...whole, peers: [{ ...peer, id: 'AB' }] }, /peers should be a list/],
  ['a port beyond the last', { ...whole, listen: { ...listen, port: 65_536 } }, /listen should be/],
  ['a host that would break a configuration', { ...whole, listen: { ...listen, host: 'a"\nb' } }, /listen should be/],
  ['a pause of nothing', { ...whole, timing: { commitMs: 0 } }, /timing should have/],
  ['a pause nobody knows', { ...whole, timing: { longMs: 1 } }, /timing should have/],
  ['a voting key by another name', { ...whole, validator: 'validator' }, /validator should be the name/],
  ['a voting key outside the keystore', { ...whole, validator: '../validator-2' }, /validator should be/],
  ['a word nobody knows', { ...whole, ports: 1 }, /ports is not known here/],
])('%s is refused, and the sentence says what would do', (_case, value, sentence) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const parse = () => parseOrdering(text, 'groups/city/ordering.json')
  expect(parse).toThrow(OrderingFault)
  expect(parse).toThrow(sentence)
  expect(parse).toThrow(/^groups\/city\/ordering\.json: /)
})
