import { attackUnder } from './attacks.ts'

attackUnder('silo')
