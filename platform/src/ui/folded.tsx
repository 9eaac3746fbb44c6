import { ChevronDown } from 'lucide-react'

/** Longer than this a text takes more than the two lines that it may. */
const shortMax = 100

/** A text that may be long, such as an error of the database: its beginning, and all of it when it is opened. */
export function Folded({ text }: { text: string }) {
  if (text.length <= shortMax) return <p className="folded">{text}</p>
  return (
    <details className="folded">
      <summary>
        <ChevronDown size={14} aria-hidden />
        <span>{text}</span>
      </summary>
    </details>
  )
}
