/** `chengxin keys`: keys of one's own, in encrypted files. */
import { describeKey, type KeyFacts, listKeys, makeKey } from '@chengxin/client/node'
import { isRefusal } from '@chengxin/kernel'
import type { Command } from 'commander'
import { example } from '../example.ts'
import { CliFault, faultOf } from '../fault.ts'
import type { Facts } from '../output.ts'
import { surroundingsOf } from '../surroundings.ts'

const algorithms = { ed25519: 'EdDSA', p256: 'ES256' } as const

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('make and list keys of your own')

  const make = keys
    .command('new <name>')
    .description('make a key and the DID that it founds')
    .option('--algorithm <name>', 'ed25519 or p256', 'ed25519')
    .option('--chain <id>', 'the deployment that the DID belongs to', 'sample')
    .action(async (name: string, { algorithm, chain }: { algorithm: string; chain: string }) => {
      const { settings, output, passphrase } = surroundingsOf(make)
      if (!Object.hasOwn(algorithms, algorithm)) throw new CliFault('A key is of ed25519 or p256.', 2)
      if (!/^[a-z0-9]{1,32}$/.test(chain)) throw new CliFault('A chain id is 1 to 32 of a-z and 0-9.', 2)
      const chosen = algorithms[algorithm as keyof typeof algorithms]
      const secret = await passphrase(`New passphrase for ${name}`, true)
      const made = await makeKey(settings.keysDirectory, { name, algorithm: chosen, chainId: chain }, secret)
      if (isRefusal(made)) throw faultOf(made.refused)
      output.facts(factsOf(made))
    })
  example(make, 'chengxin keys new alice')

  const list = keys
    .command('list')
    .description('list the keys that are kept here')
    .action(async () => {
      const { settings, output } = surroundingsOf(list)
      const found = await listKeys(settings.keysDirectory)
      output.table(
        found.map(factsOf),
        ['name', 'algorithm', 'did'],
        'No keys yet: make one with chengxin keys new NAME.',
      )
    })
  example(list, 'chengxin keys list')

  const show = keys
    .command('show <name>')
    .description('show what may be known of a key')
    .action(async (name: string) => {
      const { settings, output } = surroundingsOf(show)
      output.facts(factsOf(await described(settings.keysDirectory, name)))
    })
  example(show, 'chengxin keys show alice')

  const exported = keys
    .command('export <name>')
    .description('print the public key as a JSON Web Key; the private key never leaves its file')
    .action(async (name: string) => {
      const { settings, output } = surroundingsOf(exported)
      const { jwk } = await described(settings.keysDirectory, name)
      output.facts({ ...jwk }, JSON.stringify(jwk))
    })
  example(exported, 'chengxin keys export alice > alice.jwk')
}

async function described(directory: string, name: string): Promise<KeyFacts> {
  const key = await describeKey(directory, name)
  if (isRefusal(key)) throw faultOf(key.refused)
  return key
}

function factsOf({ name, jwk, did, keyId, createdAtMs, encrypted }: KeyFacts): Facts {
  return {
    name,
    did,
    keyId,
    algorithm: jwk.crv === 'Ed25519' ? 'ed25519' : 'p256',
    created: new Date(createdAtMs).toISOString(),
    encrypted,
  }
}
