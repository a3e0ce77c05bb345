// SPDX-License-Identifier: MIT
// What Debian's archive is asked for: packages of the host's own release, installed as usual, and
// some of the next release, unpacked into a private folder beside them.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble, step } from './log.mjs';
import { ask, run, which } from './run.mjs';

/** Whether this is a machine whose packages we know how to ask for. */
export function isDebian() {
  return Boolean(which('apt-get')) && /^ID="?debian/m.test(read('/etc/os-release'));
}

/** Installs what is missing of `packages`, as root or by sudo. */
export async function installPackages(packages) {
  const missing = packages.filter((name) => !isInstalled(name));
  if (!missing.length) return;
  const [program, ...before] = asRoot(`apt-get install ${missing.join(' ')}`);
  const patient = ['-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3'];
  const aptGet = (...args) => [...before, 'apt-get', ...patient, ...args];
  await step('Reading the list of Debian packages', (progress) =>
    run(program, aptGet('update'), { progress, allowFailure: true }),
  );
  await step(`Installing from Debian: ${missing.join(' ')}`, (progress) =>
    run(program, aptGet('install', '-y', '--no-install-recommends', ...missing), { progress }),
  );
}

function isInstalled(name) {
  return ask('dpkg-query', ['-W', '-f', '${Status}', name])?.endsWith(' installed') ?? false;
}

// sudo may ask for a password, on the terminal itself.
function asRoot(command) {
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (process.getuid() === 0) return quietly;
  if (which('sudo')) return ['sudo', ...quietly];
  throw new Trouble(`Some packages are missing, and to install them takes root: ${command}`);
}

/**
 * Unpacks `packages` of Debian's release `suite` into `root`, without touching the host's own
 * packages: a private apt state, the host's mirror, and Debian's keyring for the signatures.
 */
export async function unpackPackages(suite, packages, root) {
  const apt = join(root, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(
    join(apt, 'sources.list'),
    `deb [signed-by=${keyring()}] ${mirror()} ${suite} main\n`,
  );
  const options = Object.entries({
    'Dir::State': apt,
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'APT::Sandbox::User': 'root',
    'APT::Default-Release': '',
    'Acquire::Retries': '3',
    'Acquire::Languages': 'none',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await step(`Reading the package list of Debian ${suite}`, (progress) =>
    run('apt-get', ['update', ...options], { progress }),
  );
  await step(`Downloading ${packages.join(' ')}`, (progress) =>
    run('apt-get', ['download', ...options, ...packages], { cwd: join(apt, 'debs'), progress }),
  );
  await step('Unpacking', async (progress) => {
    for (const file of readdirSync(join(apt, 'debs'))) {
      progress(file);
      await run('dpkg', ['-x', join(apt, 'debs', file), root]);
    }
  });
  rmSync(apt, { recursive: true });
}

// The mirror that this host itself uses for its release.
function mirror() {
  const targets = ask('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(COMPONENT) $(CODENAME) $(ORIGIN)',
    'Created-By: Packages',
  ]);
  const lines = (targets ?? '').split('\n').map((line) => line.split(' '));
  const own = lines.find(
    ([, component, codename, origin]) =>
      component === 'main' && origin === 'Debian' && !/-|\//.test(codename ?? '-'),
  );
  if (!own) throw new Trouble('No Debian mirror is configured here: see `man sources.list`.');
  return own[0];
}

function keyring() {
  const path = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (existsSync(path)) return path;
  throw new Trouble("Debian's keyring is missing here: apt-get install debian-archive-keyring");
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
