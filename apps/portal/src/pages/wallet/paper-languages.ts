/** The languages of a printed form: one, or the two that Macau's offices write in, side by side. */
import { recall, remember } from '../../device-memory.ts'
import { type Language, languages } from '../../i18n/languages.ts'

export type PaperLanguages = readonly [Language, ...Language[]]

/** The first is for who chooses nothing (article 9 of Macau's Basic Law: Chinese and Portuguese). */
export const paperChoices: readonly PaperLanguages[] = [
  ['zh-Hant', 'pt'],
  ...languages.map(({ code }): PaperLanguages => [code]),
]

export function nameOfChoice(choice: PaperLanguages): string {
  return choice.map((code) => languages.find((language) => language.code === code)?.label).join(' · ')
}

export function rememberedChoice(): PaperLanguages {
  const remembered = recall('paper')
  return paperChoices.find((choice) => choice.join('+') === remembered) ?? (paperChoices[0] as PaperLanguages)
}

export function rememberChoice(choice: PaperLanguages): void {
  remember('paper', choice.join('+'))
}
