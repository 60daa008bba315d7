// A Feathers-like service over Express without paging: an array at /messages, named in a list of services at /.
import express from 'express'

const app = express(), messages = new Map(); let last = 0
app.use(express.json(), express.urlencoded({ extended: true }))
const none = (res) => res.status(404).json({ name: 'NotFound', code: 404, message: 'No record found' })
app.get('/', (_, res) => res.json({ services: ['/messages'] }))
app.get('/messages', (_, res) => res.json([...messages.values()]))
app.post('/messages', (req, res) => { if (typeof req.body?.text !== 'string') return res.status(400).json({ name: 'BadRequest', code: 400, data: [{ instancePath: '', keyword: 'required', params: { missingProperty: 'text' }, message: "must have required property 'text'" }] }); const one = { _id: ++last, ...req.body }; messages.set(one._id, one); res.status(201).json(one) })
app.get('/messages/:id', (req, res) => { const one = messages.get(Number(req.params.id)); one ? res.json(one) : none(res) })
app.patch('/messages/:id', (req, res) => { const one = messages.get(Number(req.params.id)); one ? res.json(Object.assign(one, req.body, { _id: one._id })) : none(res) })
app.delete('/messages/:id', (req, res) => { const one = messages.get(Number(req.params.id)); one ? (messages.delete(one._id), res.json(one)) : none(res) })
app.listen(Number(process.argv[2]), '127.0.0.1')
