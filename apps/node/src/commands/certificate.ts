/**
 * `certificate export FILE`: a certificate in another format, by its own issuer. The certificate must be one that the key
 * signed, so that nobody puts a name to what somebody else said.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readCertificate, verifyJwt, webPlatform } from '@chengxin/audit'
import type { Signer } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto'
import { isRefusal } from '@chengxin/kernel'
import { credentialOf, mandatoryPointers, signCredential, type VcdmCode, vcdmRefusals } from '@chengxin/services/vcdm'
import { UsageFault } from '../usage-fault.ts'
import { namedSigner } from './named-signer.ts'

/** What stands in the way, in one sentence. */
class ExportFault extends Error {
  override readonly name = 'ExportFault'
}

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      key: { type: 'string' },
      keys: { type: 'string' },
      out: { type: 'string' },
      'issuer-name': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [verb, file] = positionals
  const { format, key, keys = '' } = values
  if (verb !== 'export' || file === undefined || format !== 'vcdm' || key === undefined) {
    throw new UsageFault('certificate export FILE --format vcdm --key NAME [--keys DIRECTORY] [--out FILE]')
  }
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ExportFault(`${file} cannot be read.`)
  })
  const signer = await namedSigner(key, keys, environment['CHENGXIN_PASSPHRASE_FILE'])
  const exported = await exportVcdm(text, signer, values['issuer-name'])
  const json = `${JSON.stringify(exported, null, 2)}\n`
  if (values.out === undefined) process.stdout.write(json)
  else {
    await writeFile(values.out, json, { mode: 0o600 })
    const sentence = `The credential is in ${values.out}. It is the holder's: presentations are derived from it.`
    console.log(values.json ? JSON.stringify({ file: values.out }) : sentence)
  }
  return 0
}

async function exportVcdm(text: string, signer: Signer, issuerName: string | undefined) {
  const certificate = readCertificate(sha256, text)
  if (isRefusal(certificate)) throw new ExportFault(`The file is no certificate (${certificate.refused}).`)
  const isOwn = certificate.kid === signer.kid
  if (!isOwn || (await verifyJwt(webPlatform, certificate.sdJwt.issuerJwt, signer.jwk)) !== 'holds') {
    throw new ExportFault('This certificate was not signed with this key: only its issuer can export it.')
  }
  if (signer.alg !== 'ES256') throw new ExportFault('The proof of the exported format needs a P-256 key.')
  const credential = credentialOf({ certificate, issuer: signer.did, ...(issuerName !== undefined && { issuerName }) })
  const signed = await signCredential(
    credential,
    { verificationMethod: signer.kid, sign: (bytes) => signer.sign(bytes) },
    { nowMs: Date.now(), mandatory: mandatoryPointers(credential) },
  )
  if (isRefusal(signed)) throw new ExportFault(`${vcdmRefusals[signed.refused as VcdmCode]} (${signed.refused})`)
  return signed
}
