import { expect, it } from 'vitest'

import type { Terminal } from '../../../forge/cli/command.ts'
import { doctor } from '../../../command/doctor/doctor.ts'

function createTerminal(): Terminal & { printed: string[] } {
  const printed: string[] = []
  const print = (line: string) => void printed.push(line)
  return { env: {}, folder: '/', colours: false, print, complain: () => undefined, ask: null, printed }
}

it('names every option in its help', () => {
  for (const option of Object.keys(doctor.options)) expect(doctor.help).toContain(`--${option} `)
})

it('takes no option of FlowFuse for nothing: beside what forge-pat stands has to be said', async () => {
  const withoutHost = doctor.run({ 'flowfuse-url': 'http://127.0.0.1:3000' }, createTerminal(), [])

  await expect(withoutHost).rejects.toThrow('--host must be flowfuse.')
  await expect(doctor.run({ host: 'gitlab' }, createTerminal(), [])).rejects.toThrow('--host must be flowfuse.')
})

it('exits with 1 and says what to do where something is wrong, to people and to programs', async () => {
  const people = createTerminal()
  const programs = createTerminal()

  expect(await doctor.run({ host: 'flowfuse' }, people, [])).toBe(1)
  expect(await doctor.run({ host: 'flowfuse', json: true }, programs, [])).toBe(1)
  expect(people.printed.at(-1)).toMatch(/^wrong {2}BASE_URL must be .+\n {7}Correct it/)
  expect(JSON.parse(programs.printed.join(''))).toMatchObject({
    findings: [{ state: 'ok' }, { state: 'wrong', todo: expect.stringContaining('Correct it') as string }],
  })
})
