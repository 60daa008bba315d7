// Hono with @hono/zod-openapi: users with unique e-mail addresses, Zod's refusals, document at /doc.
import { OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { serve } from '@hono/node-server'

const app = new OpenAPIHono(), users = new Map()
const In = z.object({ name: z.string().min(1), email: z.email(), age: z.number().int().min(18).optional() }).openapi('NewUser')
const Out = In.extend({ id: z.string() }).openapi('User')
const Params = z.object({ id: z.string() })
const json = (schema) => ({ content: { 'application/json': { schema } }, description: 'ok' })
const none = { description: 'none' }
app.openapi(createRoute({ method: 'get', path: '/users', responses: { 200: json(z.array(Out)) } }), (c) => c.json([...users.values()]))
app.openapi(createRoute({ method: 'post', path: '/users', request: { body: { ...json(In), required: true } }, responses: { 201: json(Out), 409: none } }), (c) => {
  const body = c.req.valid('json')
  if ([...users.values()].some((one) => one.email === body.email)) return c.json({ error: 'email is taken' }, 409)
  const user = { id: crypto.randomUUID(), ...body }
  users.set(user.id, user)
  return c.json(user, 201)
})
app.openapi(createRoute({ method: 'get', path: '/users/{id}', request: { params: Params }, responses: { 200: json(Out), 404: none } }), (c) => users.has(c.req.param('id')) ? c.json(users.get(c.req.param('id'))) : c.json({ error: 'not found' }, 404))
app.openapi(createRoute({ method: 'patch', path: '/users/{id}', request: { params: Params, body: { ...json(In.partial()), required: true } }, responses: { 200: json(Out), 404: none } }), (c) => {
  const user = users.get(c.req.param('id'))
  return user ? c.json(Object.assign(user, c.req.valid('json'))) : c.json({ error: 'not found' }, 404)
})
app.openapi(createRoute({ method: 'delete', path: '/users/{id}', request: { params: Params }, responses: { 204: none, 404: none } }), (c) => users.delete(c.req.param('id')) ? c.body(null, 204) : c.json({ error: 'not found' }, 404))
app.doc('/doc', { openapi: '3.0.0', info: { title: 'Users', version: '1' } })
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' })
