// Addresses of remote caches: what each means, and what is refused before anything is asked. No key is ever shown.
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/problem.ts';
import { placeOf, type Place } from '../../src/remote/place.ts';

const placeIn = (address: string, environment: Readonly<Record<string, string>> = {}): Place =>
  placeOf(address, { environment, root: '/home/ada/study', where: { field: 'DAYDREAM_REMOTE' } });

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };

describe('a web address', () => {
  it('is a folder of a server, with or without a slash at its end', () => {
    for (const address of ['https://cache.example:8443/team/', 'https://cache.example:8443/team'])
      expect(placeIn(address)).toEqual({
        kind: 'web',
        name: 'https://cache.example:8443/team',
        url: 'https://cache.example:8443/team',
      });
  });

  it('carries a token, or a user with a password, which are no part of its name', () => {
    expect(placeIn('https://cache.example', { DAYDREAM_REMOTE_TOKEN: 't0k' })).toMatchObject({
      name: 'https://cache.example',
      authorization: 'Bearer t0k',
    });
    const place = placeIn('https://ada:p%40ss@cache.example/x', { DAYDREAM_REMOTE_TOKEN: 't0k' });
    expect(place).toMatchObject({
      name: 'https://cache.example/x',
      authorization: `Basic ${Buffer.from('ada:p@ss').toString('base64')}`,
    });
  });
});

describe('a bucket', () => {
  it('of AWS is at its own host', () => {
    expect(placeIn('s3://team/exp/one/?region=eu-central-1', KEYS)).toEqual({
      kind: 'bucket',
      name: 's3://team/exp/one',
      url: 'https://team.s3.eu-central-1.amazonaws.com',
      prefix: 'exp/one/',
      region: 'eu-central-1',
      keys: { id: 'AKIA', secret: 'secret' },
    });
    expect(placeIn('s3://team.lab')).toMatchObject({
      url: 'https://s3.us-east-1.amazonaws.com/team.lab',
      prefix: '',
    });
  });

  it('of another server is below it', () => {
    expect(placeIn('s3://team?endpoint=https://s3.lab.example/minio/&region=x')).toMatchObject({
      url: 'https://s3.lab.example/minio/team',
      region: 'x',
    });
    expect(placeIn('s3://team?endpoint=abc.r2.cloudflarestorage.com')).toMatchObject({
      url: 'https://abc.r2.cloudflarestorage.com/team',
      region: 'auto',
    });
    const environment = { AWS_ENDPOINT_URL: 'http://localhost:9000', AWS_DEFAULT_REGION: 'lab' };
    expect(placeIn('s3://team', environment)).toMatchObject({
      url: 'http://localhost:9000/team',
      region: 'lab',
    });
  });

  it('has keys for an hour where the environment holds a session', () => {
    expect(placeIn('s3://team', { ...KEYS, AWS_SESSION_TOKEN: 'hour' })).toMatchObject({
      keys: { id: 'AKIA', secret: 'secret', session: 'hour' },
    });
  });
});

describe('a folder', () => {
  it.each([
    ['file:///mnt/team%20x/answers', '/mnt/team x/answers'],
    ['file:/mnt/team', '/mnt/team'],
    ['file:../team', '/home/ada/team'],
    ['FILE:answers', '/home/ada/study/answers'],
  ])('%s is %s', (address, path) => {
    expect(placeIn(address)).toEqual({ kind: 'folder', name: `file:${path}`, path });
  });
});

describe('what means no place', () => {
  it.each([
    ['/mnt/team', 'is "file:/mnt/team" meant?'],
    ['ftp://host/x', 'ftp: is none of'],
    ['https://', 'no URL'],
    ['https://host/x?sig=topsecret', 'no ?'],
    ['s3://', 'no name of a bucket'],
    ['s3://team?profile=x', 'no "profile"'],
    ['s3://AKIA:topsecret@team', 'AWS_ACCESS_KEY_ID'],
    ['s3://team?endpoint=ftp://x', 'endpoint'],
    ['file:', 'no folder'],
    ['file://server/share', 'file:///mnt'],
  ])('%s', (address, words) => {
    expect(() => placeIn(address)).toThrow(ProblemError);
    expect(() => placeIn(address)).toThrow(words);
    expect(() => placeIn(address)).not.toThrow(/topsecret/);
  });

  it('half of a pair of keys, and a token that no header can hold', () => {
    expect(() => placeIn('s3://team', { AWS_ACCESS_KEY_ID: 'AKIA' })).toThrow(
      'AWS_SECRET_ACCESS_KEY is not set',
    );
    expect(() => placeIn('https://host', { DAYDREAM_REMOTE_TOKEN: 'two\nlines' })).toThrow(
      'DAYDREAM_REMOTE_TOKEN',
    );
  });
});
