/** One field for everything that has an id: what was meant is found out from the text, then from the node. */
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useCityPath } from '../city/city-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { directPath } from './search-target.ts'

export function SearchBox({ id, large = false }: { readonly id: string; readonly large?: boolean }): ReactElement {
  const { t } = useTranslation('shell')
  const navigate = useNavigate()
  const path = useCityPath()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')

  useEffect(() => {
    if (large) return undefined
    // The slash key leads to the search field, as on most sites with one.
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.key !== '/' || target.matches('input, textarea, select, [contenteditable]')) return
      if (field.current === null || field.current.offsetParent === null) return
      event.preventDefault()
      field.current.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [large])

  const find = (event: FormEvent) => {
    event.preventDefault()
    const asked = text.trim()
    if (asked === '') return
    void navigate(path(directPath(asked) ?? `/explorer/search?q=${encodeURIComponent(asked)}`))
    setText('')
    field.current?.blur()
  }
  return (
    <form role="search" className={large ? 'search search-large' : 'search'} onSubmit={find}>
      <label className="visually-hidden" htmlFor={id}>
        {t('search.label')}
      </label>
      <Icon name="search" size={18} />
      <input
        ref={field}
        id={id}
        type="search"
        value={text}
        onChange={({ target }) => setText(target.value)}
        placeholder={t('search.hint')}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        data-testid={large ? 'search-input-large' : 'search-input'}
      />
    </form>
  )
}
