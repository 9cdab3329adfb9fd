import { isRefusal, toUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { addSignatures, signCheckpoint } from './checkpoint.ts'
import { sha256 } from './hash.ts'
import { type Ed25519PublicJwk, publicPart } from './jwk.ts'
import { createNoteKey, noteSignatureTypes, parseNote, signNoteText } from './note.ts'
import { privateJwkFrom, signPortably } from './private-key.ts'
import { openStateCheckpoint, signStateCheckpoint, stateCheckpointBody, stateKey } from './state-checkpoint.ts'
import { verifySignaturePortably } from './verify.ts'

const origin = 'city.example/groups/a'
const head = { size: 64, root: sha256(toUtf8('root')), timeMs: 1_750_000_000_000 }

function member(name: string) {
  const privateJwk = privateJwkFrom('EdDSA', sha256(toUtf8(name)))
  const jwk = publicPart(privateJwk) as Ed25519PublicJwk
  return { jwk, key: stateKey(sha256, origin, jwk), sign: (bytes: Uint8Array) => signPortably(privateJwk, bytes) }
}
const [ann, bo, eve] = [member('ann'), member('bo'), member('eve')]

function signedBy(...members: readonly ReturnType<typeof member>[]): string {
  const text = stateCheckpointBody(origin, head)
  const [first = ann, ...others] = members
  const note = addSignatures(
    signStateCheckpoint(origin, head, first),
    others.map((other) => signNoteText(text, other)),
  )
  if (isRefusal(note)) throw new Error(note.refused)
  return note
}

const policy = { origin, keys: [ann.key, bo.key], threshold: 2 }
const open = (text: string, change: Partial<typeof policy> = {}) =>
  openStateCheckpoint(text, { ...policy, ...change }, verifySignaturePortably)

test('a state checkpoint says size, root, time and who signed', () => {
  expect(open(signedBy(ann, bo, eve))).toEqual({ ...head, signedBy: [ann.key, bo.key] })
})

test.each<[string, string, string]>([
  ['one member of two', signedBy(ann), 'log_signatures_too_few'],
  ['one member twice', signedBy(ann, ann), 'log_signatures_too_few'],
  ['a stranger beside one member', signedBy(ann, eve), 'log_signatures_too_few'],
  ['another time', signedBy(ann, bo).replace('time 1750000000000', 'time 1750000000001'), 'note_signature_invalid'],
  ['no note', 'nothing', 'note_malformed'],
])('%s is refused', (_case, text, refused) => {
  expect(open(text)).toEqual({ refused })
})

test('a checkpoint of the log is no state, and a state without time is none', () => {
  const logKey = (who: typeof ann) => ({
    key: createNoteKey(sha256, origin, noteSignatureTypes.ed25519, who.jwk),
    sign: who.sign,
  })
  const logNote = signCheckpoint({ origin, size: 64, root: head.root, extensions: [] }, [logKey(ann), logKey(bo)])
  expect(open(logNote)).toEqual({ refused: 'checkpoint_of_other_log' })
  const timeless = signCheckpoint({ origin: `${origin}#state`, size: 64, root: head.root, extensions: [] }, [ann, bo])
  expect(open(timeless)).toEqual({ refused: 'checkpoint_malformed' })
  expect(parseNote(timeless)).not.toHaveProperty('refused')
})
