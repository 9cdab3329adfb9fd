/** A key by its name on the command line: of a keystore, or `sample:NAME` of the sample city's public cast. */
import { type Signer, sampleActor, sampleNames } from '@chengxin/client'
import { openSigner, readPassphrase } from '@chengxin/client/node'
import { isRefusal, type Refusal } from '@chengxin/kernel'

class KeyFault extends Error {
  override readonly name = 'KeyFault'
}

/** Asks for a passphrase where the key has one. Throws what stands in the way, in one sentence. */
export async function namedSigner(
  name: string,
  directory: string,
  passphraseFile: string | undefined,
): Promise<Signer> {
  const sample = sampleNames.find((known) => name === `sample:${known}`)
  if (sample !== undefined) return sampleActor(sample).signer
  const plain = await openSigner(directory, name, undefined)
  if (!isRefusal(plain)) return plain
  if (plain.refused !== 'passphrase_needed') throw faultOf(plain)
  const passphrase = await readPassphrase({ file: passphraseFile, prompt: `Passphrase of ${name}` })
  if (isRefusal(passphrase)) throw faultOf(passphrase)
  const signer = await openSigner(directory, name, passphrase)
  if (isRefusal(signer)) throw faultOf(signer)
  return signer
}

function faultOf({ refused }: Refusal): KeyFault {
  return new KeyFault(`The key cannot be used (${refused}).`)
}
