import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * nginx in front of FlowFuse and us, with the parts for us as docs/admin/flowfuse.md gives them.
 * @param ports where each listens on this machine
 */
export async function startFront(
  folder: string,
  ports: { front: number; flowfuse: number; ours: number },
): Promise<() => Promise<void>> {
  await mkdir(folder)
  const pages = await readFile(new URL('../../../docs/admin/flowfuse.md', import.meta.url), 'utf8')
  const documented = /```nginx\n(location ~ \^\/\(pat[\s\S]*?)```/.exec(pages)?.[1]
  const menu = /```nginx\n([^`]*sub_filter [^`]*)```/.exec(pages)?.[1]
  if (documented === undefined || menu === undefined)
    throw new Error('docs/admin/flowfuse.md shows no nginx configuration')

  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid pid; error_log error.log; events {}
     http {
       access_log off; client_max_body_size 5m; ${places.join(' ')}
       server {
         listen 127.0.0.1:${ports.front};
         ${documented.replace('127.0.0.1:3010', `127.0.0.1:${ports.ours}`)}
         location / {
           proxy_pass http://127.0.0.1:${ports.flowfuse};
           proxy_set_header Host $http_host;
           proxy_set_header X-Forwarded-For $remote_addr;
           proxy_set_header X-Forwarded-Proto $scheme;
           ${menu}
         }
       }
     }`,
  )
  // Where Debian has it is not on everybody's path.
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { env, stdio: 'inherit' })
  const ended = once(nginx, 'exit')
  return async () => {
    nginx.kill('SIGTERM')
    await ended
  }
}
