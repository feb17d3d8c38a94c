// Named apart from guard.ts: of two files with one name, Node-RED loads the .js.
module.exports = (RED) => require('./guard.js').registerGuard(RED)
