import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { Menu } from '#ui/menu.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { problemOf } from './api.ts'

export type ExportFormat = 'csv' | 'jsonl'

const types: Readonly<Record<ExportFormat, string>> = { csv: 'text/csv', jsonl: 'application/x-ndjson' }

/** Takes all parts of an export away, as one file. `load` gets the cursor of the part before. */
export function ExportMenu({
  fileName,
  load,
}: {
  /** Without its ending. */
  fileName: string
  load: (format: ExportFormat, cursor?: string) => Promise<{ content: string; nextCursor: string | null }>
}) {
  const t = useText()
  const say = useToast()
  const { mutate, isPending } = useMutation({
    mutationFn: async (format: ExportFormat) => {
      const parts: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const part = await load(format, cursor)
        parts.push(part.content)
        cursor = part.nextCursor
      }
      save(parts, `${fileName}.${format}`, types[format])
    },
    onError: (error) => say(problemOf(error).detail),
  })
  return (
    <Menu
      label={t('shell.export')}
      button={(attributes) => (
        <Button {...attributes} busy={isPending} icon={<Download size={16} aria-hidden />}>
          {t('shell.export')}
        </Button>
      )}
    >
      <button type="button" onClick={() => mutate('csv')}>
        {t('shell.asCsv')}
      </button>
      <button type="button" onClick={() => mutate('jsonl')}>
        {t('shell.asJson')}
      </button>
    </Menu>
  )
}

function save(parts: readonly string[], name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([...parts], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
