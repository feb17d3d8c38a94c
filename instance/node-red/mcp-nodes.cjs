module.exports = (RED) => require('./nodes.js').registerNodes(RED)
