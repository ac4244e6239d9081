// The community's client of DigitalOcean (dots-wrapper): dots-wrapper.mjs create|get|users|remove CLUSTER [USER]
import { createApiClient } from "dots-wrapper";

const { database } = createApiClient({ token: process.env.KEYTURN_TOKEN, endpoint: `${process.env.KEYTURN_ADDRESS}/v2` });
const [verb, cluster, user] = process.argv.slice(2);

const verbs = {
  create: async () => (await database.createDatabaseClusterUser({ database_cluster_id: cluster, user_name: user })).data.user,
  get: async () => (await database.getDatabaseClusterUser({ database_cluster_id: cluster, user_name: user })).data.user,
  users: async () => (await database.listDatabaseClusterUsers({ database_cluster_id: cluster })).data.users.map((one) => one.name),
  remove: async () => { await database.removeDatabaseClusterUser({ database_cluster_id: cluster, user_name: user }); },
};

try {
  console.log(JSON.stringify((await verbs[verb]()) ?? {}));
} catch (error) {
  console.error(error.response ? `${error.response.status} ${JSON.stringify(error.response.data)}` : error);
  process.exitCode = 1;
}
