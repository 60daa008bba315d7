// Sails: the REST blueprints of a model, which nothing describes; errors as {code, problems: [sentence]}.
import { createRequire } from 'node:module'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
const require = createRequire(import.meta.url)
const sails = require('sails').constructor()
const folder = mkdtempSync(join(tmpdir(), 'sails-'))
sails.lift({
  appPath: folder, environment: 'development', port: Number(process.argv[2]), explicitHost: '127.0.0.1', log: { level: 'silent' },
  hooks: { grunt: false, session: false, views: false, pubsub: false, sockets: false, i18n: false },
  globals: false, blueprints: { rest: true, shortcuts: false, actions: false },
  orm: { moduleDefinitions: { models: { pet: { attributes: { name: { type: 'string', required: true, maxLength: 40 }, legs: { type: 'number', isInteger: true, defaultsTo: 4 } } } } } },
  models: { migrate: 'drop', datastore: 'default', attributes: { id: { type: 'number', autoIncrement: true } }, primaryKey: 'id' },
  datastores: { default: { adapter: require('sails-disk'), inMemoryOnly: true } },
}, (problem) => { if (problem) { console.error(problem); process.exit(1) } })
