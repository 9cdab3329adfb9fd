/** `chengxin did`: identities of a group. */
import { action, buildTransaction, expectCommitted, identity, presentOnly, proveIdentityKey } from '@chengxin/client'
import { describeKey } from '@chengxin/client/node'
import { type GroupId, isDid, isRefusal } from '@chengxin/kernel'
import type { Command } from 'commander'
import { example } from '../example.ts'
import { CliFault, faultOf } from '../fault.ts'
import type { Facts, Value } from '../output.ts'
import { type Surroundings, surroundingsOf } from '../surroundings.ts'

export function addDid(program: Command): void {
  const did = program.command('did').description('identities: yours, and those of others')

  const show = did
    .command('show <key>')
    .description('show the DID of one of your keys, and whether the group knows it')
    .action(async (name: string) => {
      const { settings, output, node } = surroundingsOf(show)
      const key = await describeKey(settings.keysDirectory, name)
      if (isRefusal(key)) throw faultOf(key.refused)
      if (key.did === undefined) throw faultOf('key_without_did')
      const found = await node.find(`/1.0/identifiers/${key.did}`)
      output.facts({ did: key.did, keyId: key.keyId, known: found !== undefined })
    })
  example(show, 'chengxin did show alice')

  const create = did
    .command('create <key>')
    .description('bring the DID of one of your keys into the group; a registrar sends it')
    .requiredOption('--registrar <key>', 'who sends it: a key with the role registrar')
    .action(async (name: string, options: { registrar: string }) => {
      const surroundings = surroundingsOf(create)
      surroundings.output.facts(await createIdentity(surroundings, name, options.registrar))
    })
  example(create, 'chengxin did create alice --registrar sample:registrar')

  const resolve = did
    .command('resolve <did>')
    .description('show the DID document that the group holds')
    .action(async (text: string) => {
      const { output, node } = surroundingsOf(resolve)
      if (!isDid(text)) throw new CliFault('A DID here looks like did:weid:sample:0x and 40 hexadecimal digits.', 2)
      const result = (await presentOnly(node.resolve(text))) as { [name: string]: Value } | undefined
      if (result === undefined) throw new CliFault('No group of this node knows the DID.')
      output.facts(result, JSON.stringify(result, undefined, 2))
    })
  example(resolve, 'chengxin did resolve did:weid:sample:0x83b218833f4e09041ccb863bf55f0fb5ed352b67')
}

async function createIdentity(surroundings: Surroundings, name: string, registrar: string): Promise<Facts> {
  const [{ client, summary }, owner] = [await surroundings.group(), await surroundings.signer(name)]
  if (!owner.did.startsWith(`did:weid:${summary.chainId}:`)) {
    throw new CliFault(`The DID is of another deployment; make a key with --chain ${summary.chainId}.`)
  }
  const proven = await proveIdentityKey(client.groupId as GroupId, owner)
  const actions = [action(identity.create, { did: owner.did, ...proven })]
  const request = { group: client.groupId as GroupId, actions }
  const { jws, id } = await buildTransaction(request, await surroundings.signer(registrar))
  const [outcome] = await client.submit([jws])
  expectCommitted(outcome)
  return { did: owner.did, transaction: id, height: outcome?.height }
}
