import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';

/** One of the ways in which a request says who makes it. */
export interface Authenticator {
  /** Whether the request speaks this one's language. The first that says so decides alone; it must cost next to nothing. */
  reads(request: FastifyRequest): boolean;

  /**
   * @returns none, hence 401, whatever is wrong with what the request carries
   * @throws whatever keeps the database from being asked, and a ContractError for somebody known who must not do this
   */
  principalOf(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined>;
}

/** The token of the list of all authenticators, in the order in which they are asked. */
export const AUTHENTICATORS = Symbol('authenticators');
