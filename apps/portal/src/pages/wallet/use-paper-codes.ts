/**
 * The codes of a printed form: one with the whole certificate in short form, or several where even that is too long. Which
 * X.509 certificates need not be in it is told by the city's trust bundle, which every reader of it has.
 */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { cityBundleQuery, loadCore } from '../../check/use-bundle.ts'
import { useCity } from '../../city/city.ts'
import { framesOf } from '../../qr/frames.ts'
import { mostInOneCode } from '../../qr/modules.ts'

export function usePaperCodes(text: string): readonly string[] {
  const { group } = useCity()
  const { data, isPending } = useQuery(cityBundleQuery(group.id))
  const [codes, setCodes] = useState<readonly string[]>([])
  const bundle = data?.found
  useEffect(() => {
    if (isPending) return
    let isCurrent = true
    const make = async () => {
      const short = (await loadCore()).shorten(text, bundle) ?? text
      const made = short.length <= mostInOneCode ? [short] : await framesOf(short)
      if (isCurrent) setCodes(made)
    }
    void make()
    return () => {
      isCurrent = false
    }
  }, [text, bundle, isPending])
  return codes
}
