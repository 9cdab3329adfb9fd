/**
 * JSON (RFC 8259) that others wrote, not canonical, but with every name once in its object: parsers disagree on which
 * of two equal names counts, and a signature must not mean two things.
 */
import type { JsonObject } from '@chengxin/kernel'

/** The object that a JSON text spells, or `undefined`: not JSON, not an object, or a name twice in one object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || repeatsName(text)) return undefined
  return value as JsonObject
}

/** Whether an object in a well-formed JSON text has the same name twice, in whatever spelling of its characters. */
function repeatsName(text: string): boolean {
  const openObjects: Set<string>[] = []
  let index = 0
  while (index < text.length) {
    const character = text[index]
    if (character === '{') openObjects.push(new Set())
    else if (character === '}') openObjects.pop()
    else if (character === '"') {
      const end = endOfString(text, index)
      if (isName(text, end)) {
        const spelled = text.slice(index, end)
        const name = spelled.includes('\\') ? (JSON.parse(spelled) as string) : spelled.slice(1, -1)
        const names = openObjects[openObjects.length - 1] as Set<string>
        if (names.has(name)) return true
        names.add(name)
      }
      index = end
      continue
    }
    index++
  }
  return false
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index + 1
}

/** Whether what ends at `end` is a name: in well-formed JSON a colon follows names and nothing else. */
function isName(text: string, end: number): boolean {
  let index = end
  while (text[index] === ' ' || text[index] === '\n' || text[index] === '\r' || text[index] === '\t') index++
  return text[index] === ':'
}
