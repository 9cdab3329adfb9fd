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
  /** Which of the chosen ones may be left out, where that can be said. */
  readonly optional?: {
    readonly label: string
    readonly chosen: ReadonlySet<string>
    readonly choose: (chosen: ReadonlySet<string>) => void
    /** How many there may be. */
    readonly most: number
  }
}

export function FieldChoice({ legend, note, fields, chosen, choose, optional }: FieldChoiceProps): ReactElement {
  return (
    <fieldset className="ask-part">
      <legend>{legend}</legend>
      <div className="ask-fields">
        {fields.map(({ field, label }) => (
          <div key={field} className="ask-field">
            <label>
              <input
                type="checkbox"
                checked={chosen.has(field)}
                onChange={() => choose(turned(chosen, field))}
                data-testid={`field-${field}`}
              />
              <span>{label}</span>
            </label>
            {optional !== undefined && chosen.has(field) && (
              <label className="ask-optional">
                <input
                  type="checkbox"
                  aria-label={`${label}: ${optional.label}`}
                  checked={optional.chosen.has(field)}
                  disabled={!optional.chosen.has(field) && optional.chosen.size >= optional.most}
                  onChange={() => optional.choose(turned(optional.chosen, field))}
                  data-testid={`optional-${field}`}
                />
                <span>{optional.label}</span>
              </label>
            )}
          </div>
        ))}
      </div>
      <p className="ask-note">{note}</p>
    </fieldset>
  )
}

function turned(chosen: ReadonlySet<string>, field: string): ReadonlySet<string> {
  return chosen.has(field) ? new Set([...chosen].filter((known) => known !== field)) : new Set([...chosen, field])
}
