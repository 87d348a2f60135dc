import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';

export class RemoveAccountDto {
  @ApiProperty({ type: String, format: 'password', example: 'correct horse battery staple' })
  @IsString()
  password: string;
}
