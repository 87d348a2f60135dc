import { describe, expect, it } from 'vitest';
import { versionProblem } from './mysql-server.js';

describe('the version of a server', () => {
  it.each(['10.6.0-MariaDB', '10.11.19-MariaDB-0+deb12u1', '11.4.2-MariaDB-log', '8.0.36', '8.4.0', '9.1.0'])(
    '%s will do',
    (version) => expect(versionProblem(version)).toBeUndefined(),
  );
  it.each([
    ['10.5.28-MariaDB', 'runs MariaDB 10.5: at least 10.6 is needed'],
    ['5.5.68-MariaDB', 'runs MariaDB 5.5: at least 10.6 is needed'],
    ['5.7.44-log', 'runs MySQL 5.7: at least 8.0 is needed'],
  ])('%s will not', (version, problem) => expect(versionProblem(version)).toBe(problem));
});
