import type { Role } from '@app/database';
import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from 'vitest';
import { AuthenticatedUser } from './authenticated-user.js';
import { Roles } from './roles.decorator.js';
import { RolesGuard } from './roles.guard.js';

@Controller()
class Open {
  @Get()
  everybody(): void {}

  @Get()
  @Roles('admin')
  adminsOnly(): void {}
}

@Controller()
@Roles('admin')
class Closed {
  @Get()
  adminsOnly(): void {}
}

const guard = new RolesGuard(new Reflector());
const user = (role: Role) => new AuthenticatedUser(1, 'alice', 'Alice', 'alice@example.org', role);

function contextOf(controller: typeof Open | typeof Closed, handler: () => void, who?: AuthenticatedUser) {
  return new ExecutionContextHost(
    [who ? { principal: { user: who, via: 'jwt', sessionId: 'session', scopes: undefined } } : {}],
    controller,
    handler,
  ) as ExecutionContext;
}

describe('RolesGuard', () => {
  it('lets everybody through where no role is asked for', () => {
    expect(guard.canActivate(contextOf(Open, Open.prototype.everybody))).toBe(true);
    expect(guard.canActivate(contextOf(Open, Open.prototype.everybody, user('user')))).toBe(true);
  });

  it.each([
    ['route', Open, Open.prototype.adminsOnly],
    ['controller', Closed, Closed.prototype.adminsOnly],
  ] as const)('lets only admins through where the %s asks for them', (_what, controller, handler) => {
    expect(guard.canActivate(contextOf(controller, handler, user('admin')))).toBe(true);
    for (const who of [user('user'), undefined]) {
      expect(() => guard.canActivate(contextOf(controller, handler, who))).toThrow('Admin access required');
    }
  });
});

describe('AuthenticatedUser', () => {
  it('cannot be changed on its way through a request', () => {
    expect(() => Object.assign(user('user'), { role: 'admin' })).toThrow(TypeError);
  });
});
