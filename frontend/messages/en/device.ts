export const device = {
  deviceClient: {
    code: 'Code',
    askedFrom: 'Asked from',
    asksTo: 'Asks to',
    readAndChange: 'read and change',
    outOfYourReach: 'Out of your reach',
    theCommandOfThis: 'The command of this forge. Anybody can run it, at any machine.',
    registeredByTheOwners: 'Registered by the owners of a team; it may reach that team alone.',
    itSaysSoItself: (host: string) => `It says so itself, at ${host}.`,
  },
  deviceCodeForm: {
    code: 'Code',
    compareItLetterBy: 'Compare it, letter by letter, with the one that the program shows.',
    eightLettersAsShown: 'Eight letters, as shown there.',
    wdjbMjht: 'WDJB-MJHT',
    looking: 'Looking…',
    itIsTheSame: 'It is the same: go on',
    goOn: 'Go on',
    enterTheCodeThat: 'Enter the code that the program shows.',
  },
  deviceDecision: {
    approving: 'Approving…',
    approve: 'Approve',
    deny: 'Deny',
    enterAnotherCode: 'Enter another code',
  },
}
