// restify: stock by warehouse and article (two parts of one key), PUT-only; no document at all.
import restify from 'restify'

const server = restify.createServer(), stock = new Map()
server.use(restify.plugins.bodyParser())
const key = (req) => `${req.params.warehouse}/${req.params.article}`
server.put('/stock/:warehouse/:article', (req, res, next) => { const { amount } = req.body ?? {}; if (!Number.isInteger(amount)) { res.send(422, { code: 'InvalidArgument', message: 'amount must be an integer' }); return next() } const there = stock.has(key(req)); stock.set(key(req), { amount }); res.send(there ? 200 : 201, { warehouse: req.params.warehouse, article: req.params.article, amount }); next() })
server.get('/stock/:warehouse/:article', (req, res, next) => { stock.has(key(req)) ? res.send({ warehouse: req.params.warehouse, article: req.params.article, ...stock.get(key(req)) }) : res.send(404, { code: 'ResourceNotFound', message: 'none' }); next() })
server.del('/stock/:warehouse/:article', (req, res, next) => { stock.delete(key(req)) ? res.send(204) : res.send(404, { code: 'ResourceNotFound', message: 'none' }); next() })
server.listen(Number(process.argv[2]), '127.0.0.1')
