/** A certificate is dropped, chosen or pasted. */
import { Button } from 'antd'
import { type DragEvent, type ReactElement, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/icon.tsx'

/** No certificate is larger; what lies beyond is not even read, and the check refuses what is left. */
const readBytes = 2 * 1024 * 1024

export interface CheckInputProps {
  readonly busy: boolean
  readonly check: (read: () => Promise<string>, name: string) => Promise<void>
}

export function CheckInput({ busy, check }: CheckInputProps): ReactElement {
  const { t } = useTranslation('check')
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [pasting, setPasting] = useState(false)
  const [pasted, setPasted] = useState('')

  const take = (file: File | undefined) => {
    if (file !== undefined && !busy) void check(() => file.slice(0, readBytes).text(), file.name)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    const text = event.dataTransfer.getData('text/plain')
    if (file !== undefined) take(file)
    else if (text !== '' && !busy) void check(() => Promise.resolve(text), t('input.pastedName'))
  }
  return (
    <section className="check-input" aria-label={t('input.label')}>
      <div
        className={over ? 'drop drop-over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <span className="drop-icon">
          <Icon name="certificates" size={34} />
        </span>
        <p className="drop-title drop-title-mouse">{t('input.drop')}</p>
        <p className="drop-title drop-title-touch">{t('input.open')}</p>
        <p className="drop-note">{t('input.stays')}</p>
        <div className="drop-actions">
          <Button
            type="primary"
            size="large"
            icon={<Icon name="upload" size={18} />}
            loading={busy}
            onClick={() => chooser.current?.click()}
          >
            {t('input.choose')}
          </Button>
          <Button
            size="large"
            icon={<Icon name="paste" size={18} />}
            aria-expanded={pasting}
            onClick={() => setPasting(!pasting)}
            data-testid="check-paste-open"
          >
            {t('input.paste')}
          </Button>
        </div>
        <input
          ref={chooser}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={t('input.choose')}
          data-testid="check-file"
          onChange={({ target }) => {
            take(target.files?.[0])
            // The same file may be chosen again after it was changed.
            target.value = ''
          }}
        />
      </div>
      {pasting && (
        <div className="paste">
          <label htmlFor="pasted-certificate">{t('input.pasteLabel')}</label>
          <textarea
            id="pasted-certificate"
            value={pasted}
            onChange={({ target }) => setPasted(target.value)}
            rows={6}
            spellCheck={false}
            data-testid="check-paste"
          />
          <Button
            type="primary"
            disabled={pasted.trim() === '' || busy}
            onClick={() => void check(() => Promise.resolve(pasted), t('input.pastedName'))}
            data-testid="check-pasted"
          >
            {t('input.check')}
          </Button>
        </div>
      )}
    </section>
  )
}
