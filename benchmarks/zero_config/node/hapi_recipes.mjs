// hapi with hapi-swagger: recipes, Joi's refusals (Boom), Swagger 2.0 at /swagger.json; DELETE answers 200 with content.
import Hapi from '@hapi/hapi'
import Inert from '@hapi/inert'
import Vision from '@hapi/vision'
import HapiSwagger from 'hapi-swagger'
import Joi from 'joi'

const server = Hapi.server({ port: Number(process.argv[2]), host: '127.0.0.1', routes: { validate: { failAction: (_, h, error) => { throw error } } } })
await server.register([Inert, Vision, HapiSwagger])
const recipes = new Map(); let last = 0
const payload = Joi.object({ title: Joi.string().min(3).required(), minutes: Joi.number().integer().min(1).required(), vegan: Joi.boolean() }).label('Recipe')
const tags = ['api'], params = Joi.object({ id: Joi.number().integer().required() })
const none = (h) => h.response({ statusCode: 404, error: 'Not Found', message: 'no such recipe' }).code(404)
server.route([
  { method: 'GET', path: '/recipes', options: { tags, validate: { query: Joi.object({ page: Joi.number().integer().min(1).default(1), limit: Joi.number().integer().min(1).max(50).default(10) }) } }, handler: ({ query }) => ({ results: [...recipes.values()].slice((query.page - 1) * query.limit, query.page * query.limit), totalCount: recipes.size }) },
  { method: 'POST', path: '/recipes', options: { tags, validate: { payload } }, handler: (req, h) => { const one = { id: ++last, ...req.payload }; recipes.set(one.id, one); return h.response(one).created(`/recipes/${one.id}`) } },
  { method: 'GET', path: '/recipes/{id}', options: { tags, validate: { params } }, handler: (req, h) => recipes.get(req.params.id) ?? none(h) },
  { method: 'PUT', path: '/recipes/{id}', options: { tags, validate: { params, payload } }, handler: (req, h) => { if (!recipes.has(req.params.id)) return none(h); recipes.set(req.params.id, { id: req.params.id, ...req.payload }); return recipes.get(req.params.id) } },
  { method: 'DELETE', path: '/recipes/{id}', options: { tags, validate: { params } }, handler: (req, h) => { const one = recipes.get(req.params.id); return recipes.delete(req.params.id) ? one : none(h) } },
])
await server.start()
