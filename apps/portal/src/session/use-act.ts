/** Something that a person does at a desk: runs once at a time, and tells what went wrong in the reader's language. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api/http.ts'

export interface Act {
  readonly isBusy: boolean
  /** In the reader's language; undefined while nothing went wrong. */
  readonly fault: string | undefined
  /** Begins the work; what should follow it is part of it. */
  run(work: () => Promise<unknown>): void
}

export function useAct(): Act {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const wordOf = useFaultWords()
  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setBusy(true)
    setFault(undefined)
    try {
      await work()
    } catch (problem) {
      setFault(wordOf(problem))
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, fault, run: (work) => void attempt(work) }
}

export function useFaultWords(): (problem: unknown) => string {
  const { t, i18n } = useTranslation(['session', 'codes', 'shell'])
  return (problem) => {
    if (problem instanceof DOMException) return t('session:fault.declined')
    if (!(problem instanceof ApiProblem)) return problem instanceof Error ? problem.message : String(problem)
    if (problem.status === 0) return t('shell:state.unreachable')
    const key = `codes:${problem.code}`
    return i18n.exists(key) ? t(key as never) : t('codes:unlisted', { code: problem.code })
  }
}
