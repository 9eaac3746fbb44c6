import { rateClasses } from '#kernel/rate/limits'
import { instant, z } from '#kernel/schema'

const count = () => z.number().int().min(0)

export const Usage = z.object({
  windowSeconds: count().describe('Each limit is for any time of this length.'),
  rates: z
    .array(
      z.object({
        rate: z.enum(rateClasses).describe('`heavy`: exports and the like.'),
        used: count(),
        limit: count(),
        warnsAt: count().describe('80 %: from here on answers carry a warning.'),
        freesAt: instant().nullable().describe('When something of what is used is free again; null: nothing is used.'),
      }),
    )
    .max(rateClasses.length)
    .describe('Only the limits that the plan has.'),
  records: z
    .array(
      z.object({
        entitlement: z.string().max(50).describe('What is counted: `projects`.'),
        used: count().describe('Those in the trash do not count.'),
        limit: count(),
        warnsAt: count().describe('80 %.'),
      }),
    )
    .max(100)
    .describe('Only what the plan limits. More than the limit stay when a plan comes to allow less.'),
})
