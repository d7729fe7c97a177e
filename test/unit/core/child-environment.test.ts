import { expect, it } from 'vitest';
import { childEnvironment } from '../../../src/core/child-environment.ts';

it('passes on what ffmpeg needs and nothing that is secret', () => {
  const environment = {
    PATH: '/bin',
    LANG: 'C.UTF-8',
    http_proxy: 'http://proxy:3128',
    CAMERA_PASSWORD: 's3cret',
    PATCHWATCH_TOKEN: 's3cret',
    AWS_SECRET_ACCESS_KEY: 's3cret',
    NODE_OPTIONS: '--inspect',
  };
  expect(childEnvironment(environment)).toEqual({
    PATH: '/bin',
    LANG: 'C.UTF-8',
    http_proxy: 'http://proxy:3128',
  });
});
