// DigitalOcean's client for TypeScript (@digitalocean/dots): dots.mjs reset|cluster|clusters|users …
import { FetchRequestAdapter } from "@microsoft/kiota-http-fetchlibrary";
import { createDigitalOceanClient, DigitalOceanApiKeyAuthenticationProvider } from "@digitalocean/dots";

const adapter = new FetchRequestAdapter(new DigitalOceanApiKeyAuthenticationProvider(process.env.KEYTURN_TOKEN));
adapter.baseUrl = process.env.KEYTURN_ADDRESS;
const { databases } = createDigitalOceanClient(adapter).v2;
const [verb, cluster, user, authPlugin] = process.argv.slice(2);

const verbs = {
  reset: async () => (await databases.byDatabase_cluster_uuid(cluster).users.byUsername(user).reset_auth
    .post(authPlugin ? { mysqlSettings: { authPlugin } } : {})).user,
  cluster: async () => (await databases.byDatabase_cluster_uuid(cluster).get()).database,
  clusters: async () => (await databases.get()).databases.map((database) => database.id),
  users: async () => (await databases.byDatabase_cluster_uuid(cluster).users.get()).users.map((one) => one.name),
};

try {
  console.log(JSON.stringify(await verbs[verb]()));
} catch (error) {
  if (!error.responseStatusCode) throw error;
  console.log(JSON.stringify({ status: error.responseStatusCode, id: error.id, message: error.messageEscaped }));
}
