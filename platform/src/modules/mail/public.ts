export type { AccountChange } from './account-templates.ts'
export { type Mail, sendMail } from './jobs.ts'
export { type Letter, type Mailer, mailer, type Sender, sender } from './ports.ts'
