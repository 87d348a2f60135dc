import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { FileDto } from './file.dto.js';

export class FileBody {
  @ApiProperty({ type: FileDto })
  file: FileDto;
}

export class FileMessageBody extends FileBody {
  @ApiProperty({ type: String, example: 'File uploaded successfully' })
  message: string;
}

export class UploadForm {
  @ApiProperty({ type: 'string', format: 'binary' })
  file: unknown;
}

export class UpdateFileAccessDto {
  @ApiProperty({ type: Boolean, example: true })
  @IsBoolean()
  public: boolean;
}
