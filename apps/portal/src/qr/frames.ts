/**
 * A text that is too long for one QR code as a series of them, shown one after the other and read in any order: each names
 * the text by its hash, its own place and how many there are. What is put together counts only if the hash agrees.
 */
import { toBase64url, toUtf8 } from '@chengxin/kernel'

/** Read by a phone's camera from another phone's screen without patience; a denser code holds more and is missed more. */
const frameCharacters = 800
const mostFrames = 64
const form = /^CXQ1:([A-Za-z0-9_-]{11}):([0-9]{1,2}):([0-9]{1,2}):(.*)$/s

/** One code where the text fits into it as it is. */
export async function framesOf(text: string): Promise<readonly string[]> {
  if (text.length <= frameCharacters) return [text]
  const count = Math.ceil(text.length / frameCharacters)
  if (count > mostFrames) throw new Error('The text is longer than any series of QR codes.')
  const name = await nameOf(text)
  return Array.from({ length: count }, (_, index) => {
    const part = text.slice(index * frameCharacters, (index + 1) * frameCharacters)
    return `CXQ1:${name}:${index}:${count}:${part}`
  })
}

async function nameOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', toUtf8(text) as BufferSource)
  return toBase64url(new Uint8Array(digest)).slice(0, 11)
}

export interface Assembly {
  /** How many parts are there, of how many. */
  readonly have: number
  readonly of: number
  /** The whole, once it is there and its hash agrees. */
  readonly text?: string
}

/** Puts together what is read. A code that is no part of a series is a whole text; a part of another series starts anew. */
export function createAssembler(): (read: string) => Promise<Assembly> {
  let series = ''
  let parts: (string | undefined)[] = []
  return async (read) => {
    const [, name = '', index = '', count = '', part = ''] = form.exec(read) ?? []
    if (name === '') return { have: 1, of: 1, text: read }
    const of = Number(count)
    if (of === 0 || of > mostFrames || Number(index) >= of) return { have: 0, of: 0 }
    if (series !== `${name}:${count}`) {
      series = `${name}:${count}`
      parts = Array.from({ length: of })
    }
    parts[Number(index)] = part
    const have = parts.filter((known) => known !== undefined).length
    if (have < of) return { have, of }
    const text = parts.join('')
    if ((await nameOf(text)) === name) return { have, of, text }
    // Parts of two texts, or misread ones: everything is read again.
    series = ''
    return { have: 0, of }
  }
}
