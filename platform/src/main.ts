import { start } from './command-line/start.ts'

await start()
