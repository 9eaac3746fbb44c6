import { TestInstallation } from './installation.ts'
import { tellStory } from './story.ts'

tellStory(() => TestInstallation.start())
