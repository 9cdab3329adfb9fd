/** Takes one photograph: the phone's camera opens, at a desk a file is chosen. */
import { type ReactElement, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/icon.tsx'

export interface PhotoFieldProps {
  readonly name: 'documentPhoto' | 'facePhoto'
  readonly file: Blob | undefined
  readonly choose: (file: Blob) => void
}

export function PhotoField({ name, file, choose }: PhotoFieldProps): ReactElement {
  const { t } = useTranslation('bureau')
  const id = useId()
  const preview = usePreview(file)
  return (
    <div className="photo-field">
      <input
        id={id}
        type="file"
        accept="image/*"
        capture={name === 'facePhoto' ? 'user' : 'environment'}
        className="visually-hidden"
        onChange={(event) => {
          const [chosen] = event.target.files ?? []
          if (chosen !== undefined) choose(chosen)
        }}
        data-testid={name}
      />
      <label htmlFor={id} className={file === undefined ? 'photo-frame' : 'photo-frame photo-taken'}>
        {preview === undefined ? (
          <>
            <Icon name={name === 'facePhoto' ? 'person' : 'bureau'} size={30} />
            <span>{t(`photo.${name}`)}</span>
          </>
        ) : (
          <img src={preview} alt={t(`photo.${name}`)} />
        )}
      </label>
      <p className="photo-note">{t(`photo.${name}Note`)}</p>
    </div>
  )
}

/** As a data address: the page's own rules let no other kind of picture in. */
function usePreview(file: Blob | undefined): string | undefined {
  const [preview, setPreview] = useState<string>()
  useEffect(() => {
    if (file === undefined) return undefined
    const reader = new FileReader()
    reader.onload = () => setPreview(reader.result as string)
    reader.readAsDataURL(file)
    return () => reader.abort()
  }, [file])
  return preview
}
