// NestJS with @nestjs/swagger: Swagger UI at /api, its document at /api-json; class-validator's messages as an array of sentences.
import 'reflect-metadata'
import { Body, Controller, Delete, Get, HttpCode, Module, NotFoundException, Param, ParseIntPipe, Patch, Post, ValidationPipe } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ApiProperty, DocumentBuilder, PartialType, SwaggerModule } from '@nestjs/swagger'
import { IsInt, IsString, Length, Max, Min } from 'class-validator'
import 'class-transformer'

// What the TypeScript compiler makes of decorators.
const decorate = (decorators, target, key, types) => {
  if (types) { Reflect.defineMetadata('design:paramtypes', types, target, key) }
  const given = Object.getOwnPropertyDescriptor(target, key)
  for (const one of decorators) one(target, key, given)
}
class CreateCat {}
Reflect.defineMetadata('design:type', String, CreateCat.prototype, 'name')
Reflect.defineMetadata('design:type', Number, CreateCat.prototype, 'age')
for (const one of [IsString(), Length(2, 30), ApiProperty({ type: String, minLength: 2, maxLength: 30 })]) one(CreateCat.prototype, 'name')
for (const one of [IsInt(), Min(0), Max(30), ApiProperty({ type: 'integer', minimum: 0, maximum: 30 })]) one(CreateCat.prototype, 'age')
class UpdateCat extends PartialType(CreateCat) {}
const cats = new Map(); let last = 0
const found = (id) => { if (!cats.has(id)) throw new NotFoundException(); return cats.get(id) }
class Cats {
  all () { return [...cats.values()] }
  create (body) { const one = { id: ++last, ...body }; cats.set(one.id, one); return one }
  one (id) { return found(id) }
  update (id, body) { return Object.assign(found(id), body) }
  remove (id) { found(id); cats.delete(id) }
}
const its = Cats.prototype, id = Param('id', ParseIntPipe)
id(its, 'one', 0); id(its, 'update', 0); id(its, 'remove', 0); Body()(its, 'create', 0); Body()(its, 'update', 1)
decorate([Get()], its, 'all', [])
decorate([Post()], its, 'create', [CreateCat])
decorate([Get(':id')], its, 'one', [Number])
decorate([Patch(':id')], its, 'update', [Number, UpdateCat])
decorate([Delete(':id'), HttpCode(204)], its, 'remove', [Number])
Controller('cats')(Cats)
class App {}
Module({ controllers: [Cats] })(App)
const app = await NestFactory.create(App, { logger: false })
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }))
SwaggerModule.setup('api', app, SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('Cats').build()))
await app.listen(Number(process.argv[2]), '127.0.0.1')
