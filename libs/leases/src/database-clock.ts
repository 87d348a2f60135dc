/** Milliseconds since 1970 by the clock of the database: those of the servers may differ. For MariaDB and MySQL only. */
export const NOW = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)';
