// Koa without a document: an index of names at /, bodies in an envelope named like the item ({"article": {...}}).
import Koa from 'koa'
import Router from '@koa/router'
import bodyParser from 'koa-bodyparser'

const app = new Koa(), router = new Router(), articles = new Map(); let last = 0
app.use(bodyParser())
const host = `http://127.0.0.1:${process.argv[2]}`
const read = (ctx) => articles.get(Number(ctx.params.id)) ?? ctx.throw(404)
const sent = (ctx) => { const one = ctx.request.body?.article; if (typeof one?.title !== 'string') { ctx.status = 422; ctx.body = { errors: { title: ["can't be blank"] } }; return null } return one }
router.get('/', (ctx) => { ctx.body = { articles_url: `${host}/articles` } })
router.get('/articles', (ctx) => { ctx.body = { articles: [...articles.values()] } })
router.post('/articles', (ctx) => { const one = sent(ctx); if (!one) return; const made = { id: ++last, title: one.title, body: one.body ?? '' }; articles.set(made.id, made); ctx.status = 201; ctx.set('Location', `${host}/articles/${made.id}`); ctx.body = { article: made } })
router.get('/articles/:id', (ctx) => { ctx.body = { article: read(ctx) } })
router.put('/articles/:id', (ctx) => { const old = read(ctx), one = sent(ctx); if (!one) return; Object.assign(old, { title: one.title, body: one.body ?? '' }); ctx.body = { article: old } })
router.delete('/articles/:id', (ctx) => { articles.delete(read(ctx).id); ctx.status = 204 })
app.use(router.routes()).use(router.allowedMethods())
app.listen(Number(process.argv[2]), '127.0.0.1')
