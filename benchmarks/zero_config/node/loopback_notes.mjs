// LoopBack 4: @loopback/rest-crud over a database in memory; OpenAPI at /openapi.json; /notes/count beside the items; PATCH answers 204.
import 'reflect-metadata'
import { RestApplication } from '@loopback/rest'
import { defineCrudRepositoryClass, Entity, juggler, model, property } from '@loopback/repository'
import { defineCrudRestController } from '@loopback/rest-crud'
import { inject } from '@loopback/core'

class Note extends Entity {}
const members = { id: { type: 'number', id: true, generated: true }, title: { type: 'string', required: true }, pages: { type: 'number' } }
for (const [name, one] of Object.entries(members)) {
  Reflect.defineMetadata('design:type', one.type === 'string' ? String : Number, Note.prototype, name)
  property(one)(Note.prototype, name)
}
model()(Note)
const source = new juggler.DataSource({ name: 'db', connector: 'memory' })
const Repository = defineCrudRepositoryClass(Note)
inject('datasources.db')(Repository, undefined, 0)
const Controller = defineCrudRestController(Note, { basePath: '/notes' })
inject('repositories.NoteRepository')(Controller, undefined, 0)
const app = new RestApplication({ rest: { port: Number(process.argv[2]), host: '127.0.0.1', gracePeriodForClose: 0 } })
app.bind('datasources.db').to(source)
app.bind('repositories.NoteRepository').toClass(Repository)
app.controller(Controller)
await app.start()
