import { module } from '#kernel/module'
import { sendMail } from './jobs.ts'

export const mail = module({ name: 'mail', jobs: [sendMail] })
