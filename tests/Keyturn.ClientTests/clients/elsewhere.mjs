// Loaded before a client whose provider's address is a constant: its requests go to Keyturn, everything else about them stays.
const { fetch } = globalThis;

globalThis.fetch = (resource, options) => {
  const asked = new URL(resource instanceof Request ? resource.url : resource);
  const target = new URL(asked.pathname + asked.search, process.env.KEYTURN_ADDRESS);
  return fetch(resource instanceof Request ? new Request(target, resource) : target, options);
};
