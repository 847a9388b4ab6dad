/**
 * The service worker: the page opens at once and also while the server is away, when it says so itself.
 *
 * It keeps the page's own files as they came last, asks for them anew each time, and keeps nothing of anybody: no
 * portrait, no head, no answer to a token, no address with a query but the page's own.
 */

const KEPT = "companion-page-1";
const OWN = /^\/(?:$|index\.html$|companion\.js$|manifest\.webmanifest$|client\/|page\/|face\/|extras\/)/;

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const base = new URL(self.registration.scope).pathname.replace(/\/$/, "");
  const own = origin === location.origin && pathname.startsWith(base) && OWN.test(pathname.slice(base.length));
  if (request.method === "GET" && own && !request.headers.has("Authorization")) event.respondWith(answer(request));
});

async function tidy() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

/** What the server says; while it is away, what it said last. */
async function answer(request) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await kept.put(bare(request), fresh.clone());
    return fresh;
  } catch (error) {
    const last = await kept.match(bare(request));
    if (last) return last;
    throw error;
  }
}

function bare(request) {
  const address = new URL(request.url);
  address.search = address.hash = "";
  return address.href;
}
