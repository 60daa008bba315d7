// Express 5 with swagger-jsdoc and Swagger UI at /api-docs: items with a revision and strong ETags; If-Match required.
import express from 'express'
import swaggerJsdoc from 'swagger-jsdoc'
import { randomUUID } from 'node:crypto'

const app = express()
app.use(express.json())
const items = new Map()
const schema = { type: 'object', required: ['title'], properties: { title: { type: 'string' }, count: { type: 'integer' } } }
const content = { 'application/json': { schema } }
const json = { description: 'ok', content }
const spec = swaggerJsdoc({
  definition: {
    openapi: '3.0.0', info: { title: 'Items', version: '1' },
    paths: {
      '/items': { get: { responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'array', items: schema } } } } } }, post: { requestBody: { required: true, content }, responses: { 201: json } } },
      '/items/{itemId}': { get: { responses: { 200: json } }, put: { requestBody: { required: true, content }, responses: { 200: json } }, delete: { responses: { 204: { description: 'gone' } } } },
    },
  },
  apis: [],
})
app.get('/api-docs', (_, res) => res.type('html').send('<!doctype html><div id="swagger-ui"></div><script src="api-docs/swagger-ui-init.js"></script>'))
app.get('/api-docs/swagger-ui-init.js', (_, res) => res.type('js').send(`window.onload = () => { var options = ${JSON.stringify({ swaggerDoc: spec, customOptions: {} })}; window.ui = SwaggerUIBundle(options) }`))
const bad = (body) => (typeof body?.title !== 'string' ? { errors: [{ path: 'title', msg: 'title must be a string', type: 'field', location: 'body' }] } : null)
const tag = (one) => `"${one.revision}"`
const stale = (req, one) => req.get('If-Match') === undefined ? 428 : req.get('If-Match') !== tag(one) ? 412 : 0
app.get('/items', (_, res) => res.json([...items.values()]))
app.post('/items', (req, res) => {
  const wrong = bad(req.body)
  if (wrong) return res.status(400).json(wrong)
  const one = { ...req.body, itemId: randomUUID(), revision: 1 }
  items.set(one.itemId, one)
  res.status(201).location(`/items/${one.itemId}`).set('ETag', tag(one)).json(one)
})
app.use('/items/:id', (req, res, next) => (req.one = items.get(req.params.id)) ? next() : res.status(404).json({ error: 'not found' }))
app.get('/items/:id', (req, res) => res.set('ETag', tag(req.one)).json(req.one))
app.put('/items/:id', (req, res) => {
  const wrong = bad(req.body), status = stale(req, req.one)
  if (wrong || status) return res.status(status || 400).json(wrong ?? { error: 'changed meanwhile' })
  const one = { ...req.body, itemId: req.params.id, revision: req.one.revision + 1 }
  items.set(one.itemId, one)
  res.set('ETag', tag(one)).json(one)
})
app.delete('/items/:id', (req, res) => {
  const status = stale(req, req.one)
  if (status) return res.status(status).json({ error: 'changed meanwhile' })
  items.delete(req.params.id)
  res.status(204).end()
})
app.listen(Number(process.argv[2]), '127.0.0.1')
