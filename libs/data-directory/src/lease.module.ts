import { type DynamicModule, Module } from '@nestjs/common';
import { ServerLease } from './server-lease.js';

/** Offers the one ServerLease of the process to every module. */
@Module({})
export class LeaseModule {
  static of(lease: ServerLease): DynamicModule {
    return {
      module: LeaseModule,
      global: true,
      providers: [{ provide: ServerLease, useValue: lease }],
      exports: [ServerLease],
    };
  }
}
