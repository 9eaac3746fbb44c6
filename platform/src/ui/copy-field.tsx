import { Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

/** A text to take along, such as a secret that is shown once. */
export function CopyField({ value }: { value: string }) {
  const [copied, setCopied] = useState(false)
  const t = useText()
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
  }
  return (
    <div className={value.includes('\n') ? 'secret is-long' : 'secret'}>
      <span className="mono">{value}</span>
      <Button size="small" icon={<Copy size={14} aria-hidden />} onClick={() => void copy()}>
        {t(copied ? 'ui.copied' : 'ui.copy')}
      </Button>
    </div>
  )
}
