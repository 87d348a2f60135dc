import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** What an admin gives. */
const GIVEN: Record<string, string> = {
  PUBLIC_URL: 'https://drive.example.org',
  DATABASE_PASSWORD: 'secret1',
  STORE_SECRET: 'secret2',
  JWT_SECRET: '0'.repeat(32).replaceAll('0', 'ab'),
  RECEIPT_KEY: Buffer.alloc(32, 7).toString('base64'),
  CERTIFICATE: './deploy/haproxy-cluster.cfg',
};

/** A file as compose reads it, with the merges of YAML 1.1 and what it takes from the environment. */
function read(name: string): Compose {
  const text = readFileSync(join(ROOT, name), 'utf8').replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, variable: string, kind: string | undefined, rest: string | undefined) => {
      const value = GIVEN[variable];
      if (value === undefined && kind !== '-') throw new Error(`${name} needs ${variable}`);
      return value ?? rest ?? '';
    },
  );
  return load(text, { filename: name, schema: YAML11_SCHEMA }) as Compose;
}

describe.each([['compose.yaml'], ['compose.yaml', 'compose.mariadb.yaml'], ['compose.cluster.yaml']])(
  '%s %s',
  (...names) => {
    const files = names.filter((name) => name !== undefined).map(read);
    const services = new Map<string, Service>();
    for (const [name, service] of files.flatMap((file) => Object.entries(file.services))) {
      const before = services.get(name);
      services.set(name, { ...before, ...service, environment: { ...before?.environment, ...service.environment } });
    }
    const volumes = new Set(files.flatMap(({ volumes: named = {} }) => Object.keys(named)));

    it('gives each server settings that it takes', () => {
      const drives = [...services.values()].filter(({ build }) => build !== undefined);
      expect(drives.length).toBeGreaterThan(0);
      for (const { environment = {} } of drives) {
        const texts = Object.entries(environment).map(([name, value]) => [name, String(value)]);
        const { publicUrl, databaseUrl } = new AppConfig(Object.fromEntries(texts) as NodeJS.ProcessEnv);
        expect(publicUrl).toMatch(/^http/);
        if (databaseUrl) expect([...services.keys()]).toContain(new URL(databaseUrl).hostname);
      }
    });

    it('names only services, volumes and files that there are', () => {
      for (const { depends_on: needs = [], volumes: mounts = [] } of services.values()) {
        for (const need of Array.isArray(needs) ? needs : Object.keys(needs))
          expect([...services.keys()]).toContain(need);
        for (const mount of mounts) {
          const [source] = mount.split(':');
          if (/^[a-z]/.test(source!)) expect([...volumes]).toContain(source);
          else if (source !== './backups') expect(existsSync(join(ROOT, source!)), source).toBe(true);
        }
      }
    });
  },
);

describe('compose.cluster.yaml', () => {
  const { services } = read('compose.cluster.yaml');
  const of = (name: string) => services[name]!;

  it('has three servers, all told the same but for their databases', () => {
    const told = ['one', 'two', 'three'].map((name) => of(name).environment!);
    const nodes = told.map(({ DATABASE_URL }) => new URL(String(DATABASE_URL)).hostname);
    expect(nodes).toEqual(['database-one', 'database-two', 'database-three']);
    for (const one of told) expect({ ...one, DATABASE_URL: '' }).toEqual({ ...told[0], DATABASE_URL: '' });
  });

  it('has nodes of one cluster, of which the first makes it when it is told so', () => {
    const [first, ...others] = ['database-one', 'database-two', 'database-three'].map((name) => of(name).command!);
    for (const command of others) expect(command).toEqual(first!.slice(0, -1));
    expect(first!.at(-1)).toBe('--wsrep-on=ON');
    expect(first).toContain('--wsrep-cluster-address=gcomm://database-one,database-two,database-three');
  });

  it('tells the balancer of each server', () => {
    const names = /"\$\{(\w+)-/g;
    const config = readFileSync(join(ROOT, 'deploy/haproxy-cluster.cfg'), 'utf8');
    expect(of('balancer').environment).toEqual({ ONE: 'one:3000', TWO: 'two:3000', THREE: 'three:3000' });
    expect([...config.matchAll(names)].map(([, name]) => name)).toEqual(['ONE', 'TWO', 'THREE']);
  });
});
