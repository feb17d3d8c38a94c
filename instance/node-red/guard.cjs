module.exports = (RED) => require('./guard.js').registerGuard(RED)
