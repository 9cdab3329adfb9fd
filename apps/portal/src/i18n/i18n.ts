/** Words come from src/locales/<language>/<namespace>.json, fetched when a page first needs them. */
import i18next, { type BackendModule, type ReadCallback, type ResourceKey } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { recall, remember } from '../device-memory.ts'
import { isLanguage, type Language, languageFor, languages } from './languages.ts'

const files = import.meta.glob<ResourceKey>('../locales/*/*.json', { import: 'default' })

const localeFiles: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, namespace, done) => void deliver(language, namespace, done),
}

async function deliver(language: string, namespace: string, done: ReadCallback): Promise<void> {
  const load = files[`../locales/${language}/${namespace}.json`]
  try {
    if (load === undefined) throw new Error(`There is no file of words ${language}/${namespace}.`)
    done(null, await load())
  } catch (problem) {
    done(problem as Error, false)
  }
}

function startLanguage(): Language {
  const remembered = recall('language')
  return isLanguage(remembered) ? remembered : languageFor(navigator.languages)
}

export async function startI18n(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  await i18next
    .use(localeFiles)
    .use(initReactI18next)
    .init({
      lng: startLanguage(),
      // Every key stands in every language (a test holds that), so no second language is ever fetched.
      fallbackLng: false,
      supportedLngs: languages.map((language) => language.code),
      load: 'currentOnly',
      ns: ['shell'],
      defaultNS: 'shell',
      interpolation: { escapeValue: false },
      returnEmptyString: false,
    })
}

export function chooseLanguage(language: Language): void {
  remember('language', language)
  void i18next.changeLanguage(language)
}
