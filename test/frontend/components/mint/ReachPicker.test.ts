import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'

import ReachPicker from '../../../../frontend/components/mint/ReachPicker.vue'
import { listTargets } from '../../../../frontend/domain/reach.ts'
import { TARGETS } from '../../support/samples.ts'
import { descriptionOf, field, find, has, pageText } from '../../support/screen.ts'

let wrapper: VueWrapper
const chosen = ref<ReadonlySet<string>>(new Set())

beforeEach(() => {
  chosen.value = new Set()
  const props = { id: 'reach', targets: listTargets(TARGETS) }
  wrapper = mount(
    {
      components: { ReachPicker },
      setup: () => ({ chosen, props }),
      template: '<ReachPicker v-bind="props" v-model="chosen" />',
    },
    { attachTo: document.body },
  )
})
afterEach(() => wrapper.unmount())

const box = (name: RegExp) => find('checkbox', name) as HTMLInputElement
const toggle = async (name: RegExp) => {
  box(name).click()
  await nextTick()
}

it('names an instance with where it lies, and describes it by its address', () => {
  expect(descriptionOf(box(/^packer in Line 4, Packaging$/))).toBe('Instance · https://packer.example.com')
})

it('says the role that the person has in a team or application', () => {
  expect(descriptionOf(box(/^All of Metering/))).toBe('Application · you are Dashboard')
})

it('counts what is chosen', async () => {
  await toggle(/^packer/)
  await toggle(/^meter/)
  expect(find('status', '2 chosen')).toBeDefined()
})

it('shows what a chosen application includes as included, not as chosen', async () => {
  await toggle(/^packer/)
  await toggle(/^All of Packaging/)

  expect(box(/^packer/).checked).toBe(true)
  expect(box(/^packer/).disabled).toBe(true)
  expect(descriptionOf(box(/^packer/))).toBe('Included with all of Packaging')
  expect([...chosen.value]).toEqual(['application:a1'])
})

it('takes a choice back by its chip', async () => {
  await toggle(/^All of Research/)
  find('button', 'Remove Research').click()
  await nextTick()
  expect(chosen.value.size).toBe(0)
})

it('narrows the list while searching and says when nothing is left', async () => {
  const search = field('Search teams, applications and instances')
  search.value = 'label'
  search.dispatchEvent(new Event('input'))
  await nextTick()
  expect(has('checkbox', /^labeller/)).toBe(true)
  expect(has('checkbox', /^packer/)).toBe(false)

  search.value = 'furnace'
  search.dispatchEvent(new Event('input'))
  await nextTick()
  expect(pageText()).toContain('Nothing is called “furnace”.')
})

it('does not send the form when Enter is pressed in the search', () => {
  const event = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true })
  field('Search teams, applications and instances').dispatchEvent(event)
  expect(event.defaultPrevented).toBe(true)
})
