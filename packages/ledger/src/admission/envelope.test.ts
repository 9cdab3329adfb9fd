/** Envelopes under mutation: one opener with two ways in must judge every text as the plain way does. */
import { parseTransactionJws } from '@chengxin/crypto'
import { canonicalize, hasLoneSurrogate, isRefusal, limits, parseCanonical } from '@chengxin/kernel'
import { Fault, payloadSchema } from '@chengxin/module-kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ann, bo, payIn, payloadOf, signActions, signText, startMs, tillGroup } from '../testing/till-group.ts'
import { openEnvelope } from './envelope.ts'

/** What an envelope is, by its parts alone: no short way, nothing remembered. */
function codeByDefinition(jws: string): string {
  const parsed = parseTransactionJws(jws)
  if (isRefusal(parsed)) return parsed.refused
  const value = parseCanonical(parsed.payloadText, { depth: limits.payloadDepth })
  if (isRefusal(value)) return value.refused
  const payload = payloadSchema.decode(value)
  if (payload instanceof Fault) return 'payload_malformed'
  return payload.group === tillGroup ? `${parsed.did} ${payload.nonce}` : 'wrong_group'
}

function codeOf(jws: string): string {
  const opened = openEnvelope(jws, tillGroup)
  return isRefusal(opened) ? opened.refused : `${opened.signer} ${opened.payload.nonce}`
}

const good = [signActions(ann, [payIn(1n)]), signActions(bo, [payIn(7n, 'rent')], { notAfter: startMs + 1 })]
for (const jws of good) openEnvelope(jws, tillGroup)

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 3 }),
    put: fc.constantFrom(
      '',
      '.',
      'A',
      'Q',
      '_',
      '-',
      '=',
      '+',
      '/',
      ' ',
      '\n',
      'é',
      '\u0000',
      '\ud800',
      'ey',
      'AAAA',
      '...',
    ),
  }),
  { minLength: 1, maxLength: 3 },
)

test('a text with some characters changed is judged as its parts are', () => {
  fc.assert(
    fc.property(fc.constantFrom(...good), edits, (jws, changes) => {
      let changed = jws
      for (const { at, cut, put } of changes) {
        const place = at % (changed.length + 1)
        changed = changed.slice(0, place) + put + changed.slice(place + cut)
      }
      expect(codeOf(changed)).toBe(codeByDefinition(changed))
    }),
    { numRuns: 4000 },
  )
})

test('a character whose low byte is another letter is not that letter, and a last letter has one spelling', () => {
  for (const jws of good) {
    for (let at = 0; at < jws.length; at++) {
      const wide = jws.slice(0, at) + String.fromCharCode(jws.charCodeAt(at) + 0x100) + jws.slice(at + 1)
      expect(codeOf(wide)).toBe(codeByDefinition(wide))
    }
    for (const end of [jws.length, jws.lastIndexOf('.')]) {
      for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        const changed = jws.slice(0, end - 1) + letter + jws.slice(end)
        expect(codeOf(changed)).toBe(codeByDefinition(changed))
      }
    }
  }
})

test('a payload grown from the grammar of JSON is judged as its parts are', () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      '1',
      '-0',
      '1.0',
      '1e3',
      '9007199254740992',
      'true',
      'null',
      '"a"',
      '"\\u0061"',
      '"\\ud800"',
      '"é"',
      '"\u007f"',
      '""',
    ),
    fc.string({ maxLength: 6 }),
    fc.maxSafeInteger().map(String),
  )
  const value = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(
          fc.tuple(
            fc.constantFrom('"v"', '"actions"', '"group"', '"nonce"', '"args"', '"type"', '"__proto__"', '"a'),
            tie('value'),
          ),
          { maxLength: 4 },
        )
        .map((members) => `{${members.map(([name, member]) => `${name}:${member}`).join(',')}}`),
    ),
  })).value
  const base = canonicalize(payloadOf([payIn(1n)]))
  const places = [...base.matchAll(/"[a-zA-Z0-9_-]*"|\d+|\{|\}|\[|\]/g)]
  fc.assert(
    fc.property(fc.nat(), value, fc.boolean(), (place, text, whole) => {
      const { index, 0: token } = places[place % places.length] as RegExpExecArray
      const payload = whole ? text : base.slice(0, index) + text + base.slice(index + token.length)
      // What has no UTF-8 form cannot be sent.
      if (hasLoneSurrogate(payload)) return
      const jws = signText(ann, payload)
      expect(codeOf(jws)).toBe(codeByDefinition(jws))
    }),
    { numRuns: 1500 },
  )
})

test('any text at all gets an answer and never an exception', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.base64String({ maxLength: 40 })).map((list) => list.join('.')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(codeOf(text)).toBe(codeByDefinition(text))
    }),
    { numRuns: 3000 },
  )
})
