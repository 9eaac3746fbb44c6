import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { Menu } from '#ui/menu.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useTenant } from '#web/session.ts'

type Query = NonNullable<operations['audit.export']['parameters']['query']>
type Format = NonNullable<Query['format']>

const types: Readonly<Record<Format, string>> = { csv: 'text/csv', jsonl: 'application/x-ndjson' }

/** Takes away what the filters show, all pages of it, as a file. */
export function ExportMenu({ query }: { query: Query & { sort?: string; limit?: number } }) {
  const t = useText()
  const say = useToast()
  const { slug } = useTenant()
  const { mutate, isPending } = useMutation({
    mutationFn: async (format: Format) => {
      const { sort: _, limit: __, cursor: ___, ...filter } = query
      save(await partsOf({ ...filter, format }), `${slug}-audit-log.${format}`, types[format])
    },
    onError: (error) => say(problemOf(error).detail),
  })
  return (
    <Menu
      label={t('audit.export')}
      button={(attributes) => (
        <Button {...attributes} busy={isPending} icon={<Download size={16} aria-hidden />}>
          {t('audit.export')}
        </Button>
      )}
    >
      <button type="button" onClick={() => mutate('csv')}>
        {t('audit.asCsv')}
      </button>
      <button type="button" onClick={() => mutate('jsonl')}>
        {t('audit.asJson')}
      </button>
    </Menu>
  )
}

async function partsOf(query: Query): Promise<string[]> {
  const parts: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const asked = { ...query, ...(cursor === undefined ? {} : { cursor }) }
    const part = required(await api.GET('/api/v1/audit-events/export', { params: { query: asked } }))
    parts.push(part.content)
    cursor = part.nextCursor
  }
  return parts
}

function save(parts: readonly string[], name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([...parts], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
