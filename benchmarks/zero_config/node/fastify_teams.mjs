// Fastify with @fastify/swagger: teams, and members below them; Ajv errors; document at /documentation/json.
import Fastify from 'fastify'
import swagger from '@fastify/swagger'

const app = Fastify()
await app.register(swagger, { openapi: { info: { title: 'Teams', version: '1' } } })
const teams = new Map(); let last = 0
const team = { type: 'object', required: ['name'], additionalProperties: false, properties: { name: { type: 'string', minLength: 2 }, size: { type: 'integer', minimum: 0 } } }
const member = { type: 'object', required: ['email'], properties: { email: { type: 'string', format: 'email' }, role: { enum: ['lead', 'dev'] } } }
const made = (schema) => ({ type: 'object', properties: { id: { type: 'integer' }, ...schema.properties } })
const list = (schema) => ({ type: 'object', properties: { data: { type: 'array', items: made(schema) }, total: { type: 'integer' } } })
function crud(path, schema, store) {
  const one = path.match(/[a-z]+$/)[0]
  const get = (req) => store(req)?.get(Number(req.params[`${one}Id`]))
  const none = (reply) => reply.code(404).send({ message: 'not found' })
  app.get(path, { schema: { response: { 200: list(schema) } } }, (req, reply) => store(req) ? { data: [...store(req).values()], total: store(req).size } : none(reply))
  app.post(path, { schema: { body: schema, response: { 201: made(schema) } } }, (req, reply) => {
    if (!store(req)) return none(reply)
    const item = { id: ++last, ...req.body }
    Object.defineProperty(item, 'members', { value: new Map() })
    store(req).set(item.id, item)
    return reply.code(201).header('location', `${req.url}/${item.id}`).send(item)
  })
  app.get(`${path}/:${one}Id`, { schema: { response: { 200: made(schema) } } }, (req, reply) => get(req) ?? none(reply))
  app.put(`${path}/:${one}Id`, { schema: { body: schema, response: { 200: made(schema) } } }, (req, reply) => get(req) ? Object.assign(get(req), req.body) : none(reply))
  app.delete(`${path}/:${one}Id`, { schema: { response: { 204: { type: 'null' } } } }, (req, reply) => get(req) ? (store(req).delete(get(req).id), reply.code(204).send()) : none(reply))
}
crud('/teams', team, () => teams)
crud('/teams/:teamsId/members', member, (req) => teams.get(Number(req.params.teamsId))?.members)
app.get('/documentation/json', { schema: { hide: true } }, () => app.swagger())
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
