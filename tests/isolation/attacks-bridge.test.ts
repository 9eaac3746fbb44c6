import { attackUnder } from './attacks.ts'

attackUnder('bridge')
