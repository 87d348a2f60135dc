import { ContractError } from '@app/contract';
import { validate } from 'class-validator';

/**
 * The rules stand at the DTO; whoever comes by another way than HTTP meets them here.
 * @throws ContractError badRequest, with the first fault
 */
export async function requireValid(dto: object): Promise<void> {
  const [fault] = await validate(dto);
  if (!fault) return;
  const [text] = Object.values(fault.constraints ?? {});
  throw new ContractError('badRequest', text === undefined ? {} : { text });
}
