import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from '#web/api.ts'
import { ExportMenu } from '#web/export-menu.tsx'
import { useTenant } from '#web/session.ts'

type Query = NonNullable<operations['audit.export']['parameters']['query']>

/** Takes away what the filters show, all pages of it, as a file. */
export function ExportAuditMenu({ query }: { query: Query & { sort?: string; limit?: number } }) {
  const { slug } = useTenant()
  const { sort: _, limit: __, cursor: ___, ...filter } = query
  return (
    <ExportMenu
      fileName={`${slug}-audit-log`}
      load={async (format, cursor) => {
        const asked = { ...filter, format, ...(cursor === undefined ? {} : { cursor }) }
        return required(await api.GET('/api/v1/audit-events/export', { params: { query: asked } }))
      }}
    />
  )
}
