import { formatNumber } from '../locale.ts'
import { plural } from '../plural.ts'

export const ui = {
  confirmDialog: {
    cancel: 'Cancel',
  },
  copyField: {
    copiedToTheClipboard: 'Copied to the clipboard.',
    theBrowserDidNot: 'The browser did not allow copying. The text is selected: press Ctrl+C, or ⌘C on a Mac.',
    copy: 'Copy',
  },
  errorState: {
    thisCouldNotBe: 'This could not be loaded',
    trying: 'Trying…',
    tryAgain: 'Try again',
  },
  formDialog: {
    cancel: 'Cancel',
    oneMoment: 'One moment…',
  },
  pageHeader: {
    forge: 'Forge',
  },
  searchBox: {
    chosen: (chosen: number) => plural(chosen, { one: '# chosen', other: '# chosen' }),
    shownAndChosen: (shown: number, chosen: number) => `${formatNumber(shown)} shown, ${formatNumber(chosen)} chosen`,
  },
  textField: {
    optional: 'optional',
  },
}
