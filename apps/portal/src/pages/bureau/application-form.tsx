/** What the identity document says, and two photographs: filled in by a resident, or by an officer at the counter. */
import { type FormEvent, type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bureau, type DocumentType, documentTypes, type IdentityFacts } from '../../api/bureau.ts'
import { Fault } from '../../parts/fault.tsx'
import { useAct } from '../../session/use-act.ts'
import { factNames } from './fact-words.tsx'
import { photoOf } from './photo.ts'
import { PhotoField } from './photo-field.tsx'

interface Applied {
  readonly facts: IdentityFacts
  readonly documentPhoto?: string
  readonly facePhoto?: string
}

export interface ApplicationFormProps {
  readonly word: string
  readonly needsPhotos?: boolean
  readonly withPhotos?: boolean
  readonly initial?: IdentityFacts
  readonly send: (applied: Applied) => Promise<void>
}

const inputs = {
  family_name: { type: 'text', autoComplete: 'family-name', maxLength: 80 },
  given_name: { type: 'text', autoComplete: 'given-name', maxLength: 80 },
  birth_date: { type: 'date', autoComplete: 'bday' },
  document_number: { type: 'text', autoComplete: 'off', maxLength: 24, minLength: 4 },
  document_expires: { type: 'date', autoComplete: 'off' },
} as const

export function ApplicationForm(props: ApplicationFormProps): ReactElement {
  const { word, needsPhotos = false, withPhotos = true, initial, send } = props
  const { t } = useTranslation('bureau')
  const id = useId()
  const act = useAct()
  const [documentFile, setDocumentFile] = useState<Blob>()
  const [faceFile, setFaceFile] = useState<Blob>()
  const isReady = !needsPhotos || (documentFile !== undefined && faceFile !== undefined)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const read = (name: string) => form.get(name) as string
    const facts: IdentityFacts = {
      family_name: read('family_name'),
      given_name: read('given_name'),
      birth_date: read('birth_date'),
      document_type: read('document_type') as DocumentType,
      document_number: read('document_number'),
      document_expires: read('document_expires'),
    }
    act.run(async () => {
      const documentPhoto = await bring(documentFile)
      const facePhoto = await bring(faceFile)
      await send({
        facts,
        ...(documentPhoto === undefined ? {} : { documentPhoto }),
        ...(facePhoto === undefined ? {} : { facePhoto }),
      })
    })
  }

  return (
    <form className="bureau-form" onSubmit={submit}>
      <div className="bureau-fields">
        {factNames.map((name) => (
          <label key={name} className="bureau-field" htmlFor={`${id}-${name}`}>
            <span>{t(`fact.${name}`)}</span>
            {name === 'document_type' ? (
              <select id={`${id}-${name}`} name={name} defaultValue={initial?.document_type ?? 'resident_card'}>
                {documentTypes.map((type) => (
                  <option key={type} value={type}>
                    {t(`document.${type}`)}
                  </option>
                ))}
              </select>
            ) : (
              <input id={`${id}-${name}`} name={name} required defaultValue={initial?.[name]} {...inputs[name]} />
            )}
          </label>
        ))}
      </div>
      {withPhotos && (
        <div className="photo-fields">
          <PhotoField name="documentPhoto" file={documentFile} choose={setDocumentFile} />
          <PhotoField name="facePhoto" file={faceFile} choose={setFaceFile} />
        </div>
      )}
      <button type="submit" className="main-button" disabled={act.isBusy || !isReady} data-testid="send-application">
        {word}
      </button>
      <Fault sentence={act.fault} />
    </form>
  )
}

/** The photograph's id, once it lies with the bureau. */
async function bring(file: Blob | undefined): Promise<string | undefined> {
  return file && (await bureau.bringPhoto(await photoOf(file))).photoId
}
