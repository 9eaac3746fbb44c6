import { useQuery } from '@tanstack/react-query'
import { modulePages } from '#web/modules.ts'
import { useTenant } from '#web/session.ts'

export const recordKinds = modulePages.flatMap(({ records = [] }) => records)

/** What a record is called; undefined while it is being loaded, its id when it cannot be. */
export function useRecordName(resource: string | undefined, id: string | undefined): string | undefined {
  const { slug } = useTenant()
  const kind = recordKinds.find((each) => each.resource === resource)
  const { data, isError } = useQuery({
    queryKey: ['record names', slug, resource, id],
    queryFn: () => kind?.nameOf(id ?? '') ?? '',
    enabled: kind !== undefined && id !== undefined,
  })
  return kind === undefined || isError ? id : data
}

/** Records of one kind with this in their name, as choices. */
export function useFoundRecords(
  resource: string | undefined,
  text: string,
): readonly (readonly [id: string, name: string])[] {
  const { slug } = useTenant()
  const kind = recordKinds.find((each) => each.resource === resource)
  const { data = [] } = useQuery({
    queryKey: ['found records', slug, resource, text],
    queryFn: () => kind?.find(text) ?? [],
    enabled: kind !== undefined,
  })
  return data.map(({ id, name }) => [id, name])
}
