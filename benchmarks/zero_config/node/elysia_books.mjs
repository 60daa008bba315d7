// Elysia on Node: OpenAPI of its plugin at /openapi/json; 422 of TypeBox in type, on, property, message.
import { Elysia, t } from 'elysia'
import { node } from '@elysiajs/node'
import { openapi } from '@elysiajs/openapi'

const books = new Map(); let last = 0
const Body = t.Object({ title: t.String({ minLength: 1 }), year: t.Integer({ minimum: 1400, maximum: 2100 }) }, { additionalProperties: false })
const Book = t.Object({ id: t.Integer(), title: t.String(), year: t.Integer() })
const id = t.Object({ id: t.Integer() })
const none = (status) => status(404, { error: 'no such book' })
new Elysia({ adapter: node() })
  .use(openapi())
  .get('/books', () => [...books.values()], { response: t.Array(Book) })
  .post('/books', ({ body, set }) => { const one = { id: ++last, ...body }; books.set(one.id, one); set.status = 201; set.headers.location = `/books/${one.id}`; return one }, { body: Body })
  .get('/books/:id', ({ params, status }) => books.get(params.id) ?? none(status), { params: id })
  .put('/books/:id', ({ params, body, status }) => { if (!books.has(params.id)) return none(status); const one = { id: params.id, ...body }; books.set(one.id, one); return one }, { params: id, body: Body })
  .delete('/books/:id', ({ params, status, set }) => { if (!books.delete(params.id)) return none(status); set.status = 204; return '' }, { params: id })
  .listen({ port: Number(process.argv[2]), hostname: '127.0.0.1' })
