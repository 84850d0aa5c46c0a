/* `make editor`: network/static/editor.js of src/, and the licences of what is in it. The first line
   names the sources, so that a test sees when they have changed since. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const STATIC = '../../../static';

const sources = ['package-lock.json', 'build.mjs', ...readdirSync('src').sort().map((name) => `src/${name}`)];
const digest = createHash('sha256');
sources.forEach((name) => digest.update(readFileSync(name)));

const { metafile } = await build({
  entryPoints: ['src/main.js'],
  alias: { 'linkify-it': './src/no_linkify.js' },
  banner: { js: `/*! Made by \`make editor\` of network/web/desk/script, sha256 ${digest.digest('hex')}. Licences: editor.LICENSE */` },
  bundle: true,
  format: 'iife',
  legalComments: 'none',
  metafile: true,
  minify: true,
  outfile: `${STATIC}/editor.js`,
  target: ['es2020', 'safari15'],
});

const packages = new Set(Object.keys(metafile.inputs)
  .map((path) => (/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) || [])[1])
  .filter(Boolean));
const licences = [...packages].sort().map((name) => {
  const home = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${home}/package.json`));
  const file = readdirSync(home).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(`${home}/${file}`, 'utf-8').trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(`${STATIC}/editor.LICENSE`, `What network/static/editor.js is made of, besides this project.\n\n${licences.join(`\n${'-'.repeat(72)}\n\n`)}`);
