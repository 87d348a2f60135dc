import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';

/** What belongs to a record and goes before it. */
export interface RemovalStep {
  readonly entity: string;
  /** Both quoted. */
  readonly table: string;
  readonly foreignKey: string;
  /** Removes what belongs to one record; its only parameter is that record's id. */
  readonly sql: string;
}

/**
 * Compiles a delete from the entities' own declaration: each one-to-many relation with `cascade: ['remove']` becomes a
 * statement, in the order of declaration, to be run before the record itself goes. Unlike `manager.remove()` this takes
 * any number of children and loads none of them (docs/decisions/0002-compiled-cascade.md).
 * @throws Error when a child declares a cascade of its own, which would be passed over
 */
export function compileCascade<Entity extends ObjectLiteral>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
): RemovalStep[] {
  const quote = (name: string) => dataSource.driver.escape(name);
  return dataSource
    .getMetadata(target)
    .oneToManyRelations.filter((relation) => relation.isCascadeRemove)
    .map(({ inverseEntityMetadata: child, inverseRelation }) => {
      if (child.oneToManyRelations.some((relation) => relation.isCascadeRemove)) {
        throw new Error(`The cascade of ${child.name} would be passed over`);
      }
      const table = quote(child.tableName);
      const foreignKey = quote(inverseRelation!.joinColumns[0]!.databaseName);
      return { entity: child.name, table, foreignKey, sql: `DELETE FROM ${table} WHERE ${foreignKey} = ?` };
    });
}
