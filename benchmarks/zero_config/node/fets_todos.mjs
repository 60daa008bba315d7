// feTS: OpenAPI at /openapi.json and Swagger UI at /docs; UUIDs; PATCH only; refusals as errors[{path, message}].
import { createServer } from 'node:http'
import { createRouter, Response } from 'fets'

const todos = new Map()
const fields = { content: { type: 'string', minLength: 1 }, priority: { type: 'integer', minimum: 1, maximum: 5 } }
const Todo = { type: 'object', properties: { id: { type: 'string', format: 'uuid' }, ...fields }, required: ['id', 'content', 'priority'] }
const gone = { type: 'object', properties: { message: { type: 'string' } } }
const id = { params: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } }
const none = () => Response.json({ message: 'not found' }, { status: 404 })
const router = createRouter({ openAPI: { info: { title: 'Todos', version: '1.0.0' } } })
  .route({ method: 'GET', path: '/todos', schemas: { responses: { 200: { type: 'array', items: Todo } } }, handler: () => Response.json([...todos.values()]) })
  .route({ method: 'POST', path: '/todos', schemas: { request: { json: { type: 'object', properties: fields, required: ['content', 'priority'], additionalProperties: false } }, responses: { 201: Todo } }, async handler (request) { const one = { id: crypto.randomUUID(), ...await request.json() }; todos.set(one.id, one); return Response.json(one, { status: 201, headers: { Location: `/todos/${one.id}` } }) } })
  .route({ method: 'GET', path: '/todos/:id', schemas: { request: id, responses: { 200: Todo, 404: gone } }, handler: ({ params }) => todos.has(params.id) ? Response.json(todos.get(params.id)) : none() })
  .route({ method: 'PATCH', path: '/todos/:id', schemas: { request: { ...id, json: { type: 'object', properties: fields, additionalProperties: false } }, responses: { 200: Todo, 404: gone } }, async handler (request) { const one = todos.get(request.params.id); return one ? Response.json(Object.assign(one, await request.json())) : none() } })
  .route({ method: 'DELETE', path: '/todos/:id', schemas: { request: id, responses: { 204: {}, 404: gone } }, handler: ({ params }) => todos.delete(params.id) ? new Response(null, { status: 204 }) : none() })
createServer(router).listen(Number(process.argv[2]), '127.0.0.1')
