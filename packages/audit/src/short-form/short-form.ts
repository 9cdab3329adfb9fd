/**
 * A certificate in so few characters that one QR code holds it, on paper too. It is the same certificate, signed bytes and
 * all: what the form leaves out is said twice in the long one, follows from the rest (digests of fields that are shown, the
 * hash that the paper's own word is over), is the same in all certificates, or stands in the trust bundle (the issuer's X.509
 * certificate, named by its hash). Whoever reads it has the long form again, and checks that.
 *
 * `CX1:` and base 41 over: the length of the layers' bytes, these bytes, and their words with repeats folded.
 */
import type { Sha256 } from '@chengxin/crypto'
import { concatBytes, hasLoneSurrogate, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import { fromBase41, toBase41 } from './base41.ts'
import { type KnownCertificates, noCertificates } from './known-certificates.ts'
import { Flattener, Layers } from './layers.ts'
import { ByteReader, numberBytes } from './numbers.ts'
import { foldRepeats, unfoldRepeats } from './repeats.ts'
import { sharedWords } from './shared-words.ts'

const start = 'CX1:'
/** As `readSdJwt` has it; nothing longer is put into the short form or comes out of it. */
const mostCharacters = 256 * 1024
/** Layers are counted each for itself. */
const mostInLayers = 4 * mostCharacters
const mostWords = 64 * 1024

export function isShortForm(text: string): boolean {
  return text.startsWith(start)
}

/** The short form of a certificate or presentation; `undefined` for what is none, or is too long. */
export function toShortForm(
  sha256: Sha256,
  text: string,
  known: KnownCertificates = noCertificates,
): string | undefined {
  const lastTilde = text.lastIndexOf('~')
  if (lastTilde < 0 || text.length > mostCharacters || hasLoneSurrogate(text)) return undefined
  const [jwt = '', ...disclosures] = text.slice(0, lastTilde).split('~')
  const flat = new Flattener(known)
  for (const disclosure of disclosures) {
    flat.text(disclosure)
    flat.tilde()
    flat.expect(sha256(toUtf8(disclosure)))
  }
  flat.text(jwt)
  flat.tilde()
  flat.expect(sha256(toUtf8(text.slice(0, lastTilde + 1))))
  flat.text(text.slice(lastTilde + 1))
  const { words, raws } = flat.finish()
  if (words.length > mostWords) return undefined
  const bytes = concatBytes(
    numberBytes(disclosures.length),
    numberBytes(raws.length),
    raws,
    foldRepeats(words, sharedWords),
  )
  return start + toBase41(bytes)
}

/**
 * The long form, letter by letter. Refusals, in the order they are checked: `format_short_malformed`,
 * `format_short_certificate_unknown` (it names an X.509 certificate that is not among the known ones).
 */
export function fromShortForm(
  sha256: Sha256,
  text: string,
  known: KnownCertificates = noCertificates,
): string | Refusal {
  const malformed = refuse('format_short_malformed')
  const bytes = text.length > mostCharacters ? undefined : fromBase41(text.slice(start.length))
  if (!isShortForm(text) || !bytes) return malformed
  const reader = new ByteReader(bytes)
  const count = reader.number()
  const raws = reader.bytes(reader.number())
  const words = unfoldRepeats(reader.rest(), sharedWords, mostWords)
  if (reader.isBroken || !words) return malformed
  const layers = new Layers(words, raws, known, mostInLayers)
  const disclosures: string[] = []
  while (disclosures.length < count && !layers.isBroken) {
    const disclosure = layers.text()
    if (!layers.tilde()) return malformed
    layers.expect(sha256(toUtf8(disclosure)))
    disclosures.push(disclosure)
  }
  const presented = `${[layers.text(), ...disclosures].join('~')}~`
  if (!layers.tilde()) return malformed
  layers.expect(sha256(toUtf8(presented)))
  const whole = presented + layers.text()
  if (!layers.isAtEnd || whole.length > mostCharacters) return malformed
  return layers.isUnknown ? refuse('format_short_certificate_unknown') : whole
}
