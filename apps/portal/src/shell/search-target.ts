/** What a text can only mean: a DID or a height leads straight to its page; an id may name several things. */
import { isDid } from '@chengxin/kernel'

export function directPath(text: string): string | undefined {
  if (isDid(text)) return `/explorer/dids/${text}`
  // Heights are pasted as they are shown, with the separators of any of the languages.
  const digits = text.replace(/[\s,.\u202f\u00a0]/gu, '')
  if (/^\d{1,15}$/.test(digits)) return `/explorer/blocks/${Number(digits)}`
  return undefined
}
