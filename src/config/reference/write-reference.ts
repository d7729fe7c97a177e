// Maintainers' script (`npm run gen`): writes config/schema.json and docs/ref/config.md from the schema.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { editorJsonSchema } from './json-schema.ts';
import { referenceMarkdown } from './reference-markdown.ts';

const root = join(import.meta.dirname, '..', '..', '..');
await writeFile(
  join(root, 'config', 'schema.json'),
  `${JSON.stringify(editorJsonSchema(), null, 2)}\n`,
);
await writeFile(join(root, 'docs', 'ref', 'config.md'), referenceMarkdown());
