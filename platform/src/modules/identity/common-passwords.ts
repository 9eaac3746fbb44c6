import { passwordCharacters } from './model.ts'

export type Weakness = 'too_short' | 'too_long' | 'common'

/**
 * Why a password must not be chosen, or undefined. Beyond its length (in code points) it is held against what every
 * attacker tries first: a word of the list below, of `about` (the person's own address), or a row of the keyboard, the
 * alphabet or the digits; alone, twice or as a pair; in any case, with the usual digits for letters, and with anything
 * but letters around or between. So `P@ssw0rd-2026!!` and `qwerty123456` are refused, four unrelated words are not.
 */
export function weaknessOf(password: string, about: readonly string[] = []): Weakness | undefined {
  const length = Array.from(password).length
  if (length < passwordCharacters.min) return 'too_short'
  if (length > passwordCharacters.max) return 'too_long'
  const text = password.normalize('NFKC').toLowerCase()
  const personal = new Set(about.flatMap(wordsAbout))
  const isGuessable = (part: string) => commonWords.has(part) || personal.has(part) || isRow(part)
  if (isRepetition(text) || isOneOrTwo(text, isRow)) return 'common'
  const inner = withoutEnds(text)
  return [lettersOf(inner), lettersOf(readAsLetters(inner))].some((word) => isOneOrTwo(word, isGuessable))
    ? 'common'
    : undefined
}

function isOneOrTwo(text: string, isGuessable: (part: string) => boolean): boolean {
  if (isGuessable(text)) return true
  for (let end = 1; end < text.length; end += 1) {
    if (isGuessable(text.slice(0, end)) && isGuessable(text.slice(end))) return true
  }
  return false
}

/** `aaaaaaaaaaaa`, `123412341234`, `maple42maple42`: no better than the piece that comes again. */
function isRepetition(text: string): boolean {
  return /^(.+?)\1+$/su.test(text)
}

const rowLettersMin = 4

function isRow(text: string): boolean {
  return text.length >= rowLettersMin && rows.some((row) => row.includes(text))
}

/** Without the digits and signs that people put before and after a word; `@` and `$` may begin one. */
function withoutEnds(text: string): string {
  return text.replace(/^[^\p{L}@$]+|[^\p{L}]+$/gu, '')
}

function readAsLetters(text: string): string {
  return text.replace(/[013457@$!]/g, (sign) => lookAlikes[sign] ?? sign)
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}]/gu, '')
}

const lookAlikes: Record<string, string> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

const personalLettersMin = 4

function wordsAbout(text: string): string[] {
  const words = [text, ...text.split(/[^\p{L}]+/u)].map((word) => lettersOf(word.toLowerCase()))
  return words.filter((word) => word.length >= personalLettersMin)
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789012345678901234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'zaq12wsxcde34rfvbgt56yhnmju7',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
].flatMap((row) => [row, Array.from(row).toReversed().join('')])

/** Words at the top of every published list of leaked passwords; names, teams, endearments, defaults. */
const commonWords = new Set(
  `
  aaron abc abcd abcdef abcdefg abigail access account adidas admin administrator adrian adriana afrodita alejandra
  alejandro alex alexander alexandra alexis alice alicia aloha amanda amber america amigos amor amorcito amore amores
  amy anderson andrea andreas andres andrew angel angela angelica angelina angelito angels anna anthony antonio apple
  apples april arsenal asdf asdfgh ashley asshole august austin babe babies baby babyboy babygirl babygurl bailey
  banana banane barbara barcelona barney baseball basketball batman beach bear beautiful beauty beer benjamin berlin
  bestfriend bigdaddy bigdick bigdog bitch biteme blabla black blahblah blessed blink blonde blue bonita bonjour booboo
  boomer boston bowling brandon brandy brian britney brittany brooklyn brother bubba bubbles buddy buster butter
  butterfly camaro cameron candy canela canada captain cards carlos carmen carolina caroline casino cassie casper
  catalina catherine celtic changeme changethis charles charlie charlotte cheese chelsea cherry chester chicago chicken
  chocolate chouchou chris christian christina christine christopher christ claudia coffee college colombia computer
  concordia contrasena contraseña cookie cookies cool cooper corazon corvette cowboy cowboys crazy cream creative
  cristian cristiano cristina crystal dallas daniel daniela danielle darkness david death december default denise
  denver diablo diamond dick digital doctor doggie dolphin dolphins domain donald dragon dreamer dreams eagles
  easter edward einstein elephant elizabeth eminem enter erica estrella evelyn facebook family fatima february fender
  fernanda fernando ferrari fire fishing flower flowers fluffy football forever forget france francesca francis
  francisco frankie freddy freedom freepass friday friend friends friendship fuck fucker fucking fuckme fuckoff
  fuckyou gabriel gabriela gabriella gateway gemini genesis george german germany getmein giants gibson ginger
  girls giuseppe gladiator gloria goaway god godisgood godislove golden golf golfer goodluck google gordon
  government grace grandma green guadalupe guest guitar gustavo gymnast hahaha hammer hannah happiness happy
  hardcore harley harrypotter harry heather heaven hello hellokitty helpme hola hollywood holiday horses hotmail hottie
  hunter iceman iloveme iloveu iloveyou iloveyoubaby iloveyousomuch india inlove instagram internet isabel isabella
  isabelle ihateyou jackass jackie jackson jaguar january jasmin jasmine jasper javier jennifer jeremy jerome jessica
  jessie jesus jesuschrist john johnny johnson jonathan jordan jorge joseph joshua juanita julian juliana july june
  junior justice justin justinbieber karate karina katherine kathleen kayla keepout kenneth kevin killer kimberly
  king kingdom kitten kitty knight lakers lauren leonardo leslie letmein liberty lifehack liverpool logitech london
  looking lorena louise love lovelife lovely loveme lover loverboy lovers loveu loveyou lucky lucky maggie
  magic manager manchester manuel march marcus margarita maria mariana marie marina mariposa marlboro martin marvin
  master matrix matthew maverick maxwell melanie melissa mercedes merlin metallica mexico miamor michael michelle
  mickey midnight miguel minecraft miranda money monica monika monkey monster moonlight morgan mother motorola mountain
  muffin murphy music mustang myspace mylove naruto nascar natalia natalie nathan naughty new newlife
  newpass newyork nicholas nicole nicolas nintendo nirvana nissan nothing november october oliver olivia online
  open opensesame orange orlando pacman panther paris parola pass passion passport passw passwd password passwords
  passwort patricia patrick peaches peanut pepper perfect pharmacy phoenix picture pikachu pirate playboy player please
  pokemon police poohbear pookie porsche power prince princesa princess princesse private public pumpkin purple
  pussy pussycat qazwsx qweasd qweasdzxc qwer qwert qwerty qwertyui qwertz rachel rafael raiders rainbow ranger rangers
  realmadrid rebecca redsox regina ricardo richard robert roberto rocky rockstar rockyou ronaldo root rosebud roxana
  russia sabrina sakura salvador sam samantha samsung samuel sandra santiago santos sarah saturday saturn scarface
  scooby scooter scorpio scorpion scotland sebastian secret secure security september service server sesame sexy sexygirl
  shadow shalom shannon shelby shit silver simple simone sister skippy skyline slayer slipknot smile smokey snickers
  snoopy snowball soccer soleil sophie spanky sparky spencer spider spiderman spirit sponge spongebob spring squirrel
  stanley starwars startrek steelers stella stephanie stephen steven strawberry student success sugar summer
  sunday sunflower sunshine super superman superstar supervisor support susana swimming sweet sweetheart sweetie sweety
  sydney sylvia system taylor teacher teamo tekiero temp temporary tenantry tennis teresa tequiero test tester testing
  thailand theking thebest thomas thunder tiffany tiger tigger tigers tinkerbell tinker titanic tomcat tottenham toyota
  travis trinity trustme trustno trustnoone turtle tweety twilight twitter unicorn unknown user username valentina
  valentine vampire vanessa vegeta veronica victor victoria victory viking vincent virginia volleyball voodoo warcraft
  warrior warriors welcome whatever wildcats william willow wilson windows winner winston winter wizard wolf wolverine
  wonderful wordpass world xavier xbox xxxx yamaha yankee yankees yellow yolanda youtube zaq zaqwsx zombie zxcv zxcvbn
  `
    .trim()
    .split(/\s+/),
)
