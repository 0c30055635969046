import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSED = /^assets\/.+\.(js|css|svg)$/;
/** What is smaller travels in one packet anyhow. */
const LEAST_BYTES = 1024;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Beside each file of the page the same for brotli and gzip, as small as they can: it is made once and sent often. */
export const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  async writeBundle({ dir = '' }, bundle) {
    await Promise.all(
      Object.values(bundle).map(async (file) => {
        const content = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (!COMPRESSED.test(file.fileName) || content.length < LEAST_BYTES) return;
        const path = join(dir, file.fileName);
        await writeFile(
          `${path}.br`,
          await brotli(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
        );
        await writeFile(`${path}.gz`, await zip(content, { level: constants.Z_BEST_COMPRESSION }));
      }),
    );
  },
});
