/** Choosing one of a few, and choosing fields: as cards, large enough for a thumb. */
import type { ReactElement } from 'react'
import './verifier.css'

export interface ChoiceProps {
  readonly legend: string
  readonly options: readonly { readonly key: string; readonly label: string; readonly note?: string }[]
  readonly chosen: string
  readonly choose: (key: string) => void
}

export function Choice({ legend, options, chosen, choose }: ChoiceProps): ReactElement {
  return (
    <fieldset className="ask-part">
      <legend>{legend}</legend>
      <div className="ask-options">
        {options.map(({ key, label, note }) => (
          <label key={key} className={key === chosen ? 'ask-option ask-option-chosen' : 'ask-option'}>
            <input
              type="radio"
              name={legend}
              checked={key === chosen}
              onChange={() => choose(key)}
              data-testid={`option-${key}`}
            />
            <span>
              <strong>{label}</strong>
              {note !== undefined && <span className="ask-option-note">{note}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

export interface FieldChoiceProps {
  readonly legend: string
  readonly note: string
  readonly fields: readonly { readonly field: string; readonly label: string }[]
  readonly chosen: ReadonlySet<string>
  readonly choose: (chosen: ReadonlySet<string>) => void
}

export function FieldChoice({ legend, note, fields, chosen, choose }: FieldChoiceProps): ReactElement {
  const toggle = (field: string) =>
    choose(chosen.has(field) ? new Set([...chosen].filter((known) => known !== field)) : new Set([...chosen, field]))
  return (
    <fieldset className="ask-part">
      <legend>{legend}</legend>
      <div className="ask-fields">
        {fields.map(({ field, label }) => (
          <label key={field} className="ask-field">
            <input
              type="checkbox"
              checked={chosen.has(field)}
              onChange={() => toggle(field)}
              data-testid={`field-${field}`}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p className="ask-note">{note}</p>
    </fieldset>
  )
}
