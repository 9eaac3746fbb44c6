import { ChevronRight, ChevronsLeft } from 'lucide-react'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

/** Steps through a list that is read by cursor. Nothing is shown when it has one page. */
export function Pager({ onFirst, onNext }: { onFirst: (() => void) | undefined; onNext: (() => void) | undefined }) {
  const t = useText()
  if (!onFirst && !onNext) return null
  return (
    <nav className="pager" aria-label={t('ui.pages')}>
      <Button size="small" icon={<ChevronsLeft size={14} aria-hidden />} disabled={!onFirst} onClick={onFirst}>
        {t('ui.first')}
      </Button>
      <Button size="small" disabled={!onNext} onClick={onNext}>
        {t('ui.next')}
        <ChevronRight size={14} aria-hidden />
      </Button>
    </nav>
  )
}
