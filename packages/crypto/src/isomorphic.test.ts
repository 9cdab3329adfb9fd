/**
 * The package's entry runs where nothing is: in a context with the language alone (as agreed execution has it), without
 * Node's modules, Buffer, text coders, clock or randomness. It is bundled as for a browser and run there.
 */
import { createContext, runInContext } from 'node:vm'
import { canonicalize } from '@chengxin/kernel'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import * as here from './index.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'

let bundle: string

beforeAll(async () => {
  const entry = new URL('./index.ts', import.meta.url).pathname
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'chengxin',
    logLevel: 'silent',
  })
  bundle = outputFiles[0]?.text as string
})

test('it verifies, hashes and proves the same in a bare context', () => {
  const signer = createSigner(generatePrivateJwk('EdDSA'))
  const did = here.deriveDid(here.sha256, 'city', signer.jwk)
  const payload = new TextEncoder().encode('{"名":"城信"}')
  const signingInput = here.jwsSigningInput(here.transactionHeaderText('EdDSA', did, 'first'), payload)
  const jws = here.joinJws(signingInput, signer.sign(new TextEncoder().encode(signingInput)))

  const context = createContext(Object.create(null))
  runInContext('delete globalThis.Date; delete Math.random; delete globalThis.Intl', context)
  runInContext(bundle, context)
  const script = `(() => {
    const parsed = chengxin.parseTransactionJws(${JSON.stringify(jws)})
    const hasher = chengxin.createTreeHasher(chengxin.sha256)
    const frontier = chengxin.createFrontier(hasher)
    for (let n = 0; n < 5; n++) frontier.append(hasher.leaf(Uint8Array.of(n)))
    return JSON.stringify({
      payload: parsed.payloadText,
      holds: chengxin.verifySignaturePortably(${canonicalize(signer.jwk)}, parsed.signingInput, parsed.signature),
      id: chengxin.transactionId(chengxin.sha256, parsed.signingInput),
      root: Array.from(frontier.root()),
    })
  })()`
  const result = JSON.parse(runInContext(script, context) as string) as Record<string, unknown>

  const hasher = here.createTreeHasher(here.sha256)
  const frontier = here.createFrontier(hasher)
  for (let n = 0; n < 5; n++) frontier.append(hasher.leaf(Uint8Array.of(n)))
  expect(result).toEqual({
    payload: '{"名":"城信"}',
    holds: true,
    id: here.transactionId(here.sha256, new TextEncoder().encode(signingInput)),
    root: Array.from(frontier.root()),
  })
})
