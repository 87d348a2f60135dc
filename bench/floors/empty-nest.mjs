// Floor of the start: an empty Nest application on Fastify, with all the code loaded that the drive loads.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { importBuilt } from '../support/built.mjs';

await importBuilt('apps/api/src/api.setup.js');

function EmptyModule() {}
Module({})(EmptyModule);
const MODULE = /** @type {import('@nestjs/common').Type} */ (/** @type {unknown} */ (EmptyModule));

const app = await NestFactory.create(MODULE, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.stdout.write('listening\n');
