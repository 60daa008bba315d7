// Moleculer: REST aliases of a gateway below /api, whose aliases are listed at /api/list-aliases; errors with type VALIDATION_ERROR.
import { ServiceBroker, Errors } from 'moleculer'
import ApiGateway from 'moleculer-web'

const posts = new Map(); let last = 0
const rules = { title: 'string|min:3', votes: 'number|integer|optional', $$strict: 'remove' }
const found = (id) => { const one = posts.get(Number(id)); if (!one) throw new Errors.MoleculerClientError('Post not found', 404, 'POST_NOT_FOUND'); return one }
const broker = new ServiceBroker({ logger: false })
broker.createService({
  name: 'posts',
  actions: {
    list: { handler: () => [...posts.values()] },
    create: { params: rules, handler (ctx) { const one = { id: ++last, ...ctx.params }; posts.set(one.id, one); ctx.meta.$statusCode = 201; ctx.meta.$location = `/api/posts/${one.id}`; return one } },
    get: { handler: (ctx) => found(ctx.params.id) },
    update: { params: { id: 'string', ...rules }, handler (ctx) { const one = { ...ctx.params, id: found(ctx.params.id).id }; posts.set(one.id, one); return one } },
    remove: { handler (ctx) { posts.delete(found(ctx.params.id).id); ctx.meta.$statusCode = 204 } },
  },
})
broker.createService({
  name: 'api', mixins: [ApiGateway],
  settings: { port: Number(process.argv[2]), ip: '127.0.0.1', path: '/api', routes: [{ path: '/', bodyParsers: { json: true }, mappingPolicy: 'restrict', mergeParams: true, aliases: {
    'GET /': (req, res) => { res.setHeader('Content-Type', 'application/json'); res.end('{"posts":"/api/posts"}') },
    'GET posts': 'posts.list', 'POST posts': 'posts.create', 'GET posts/:id': 'posts.get', 'PUT posts/:id': 'posts.update', 'DELETE posts/:id': 'posts.remove' } }] },
})
await broker.start()
