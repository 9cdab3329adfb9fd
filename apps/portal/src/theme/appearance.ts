/** Light or dark: as the system says, unless the reader chose; the choice is remembered on this device. */
import { useSyncExternalStore } from 'react'
import { recall, remember } from '../device-memory.ts'

export const appearanceChoices = ['system', 'light', 'dark'] as const
export type AppearanceChoice = (typeof appearanceChoices)[number]
export type Appearance = 'light' | 'dark'

const listeners = new Set<() => void>()
const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

export function appearanceChoice(): AppearanceChoice {
  const remembered = recall('appearance')
  return remembered === 'light' || remembered === 'dark' ? remembered : 'system'
}

function appearance(): Appearance {
  const choice = appearanceChoice()
  if (choice !== 'system') return choice
  return systemIsDark.matches ? 'dark' : 'light'
}

function show(): void {
  document.documentElement.dataset['appearance'] = appearance()
  for (const listener of listeners) listener()
}

export function chooseAppearance(choice: AppearanceChoice): void {
  remember('appearance', choice)
  show()
}

/** Called once before the first paint, so that a dark page never flashes white. */
export function startAppearance(): void {
  systemIsDark.addEventListener('change', show)
  show()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, appearance)
}

export function useAppearanceChoice(): AppearanceChoice {
  return useSyncExternalStore(subscribe, appearanceChoice)
}
