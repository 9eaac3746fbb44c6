export { type Letter, type Mail, type Mailer, mailer, type Sender, sender, sendMail } from './jobs.ts'
